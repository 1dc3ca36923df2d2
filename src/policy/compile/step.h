#pragma once
// The executable form of a body: steps, each of which succeeds, fails, or does so many times with
// different bindings. Variables are slots of a frame; which of them are bound at a step was decided
// when the body was put in order, so nothing is looked up by name and nothing has to be undone.
//
// Steps are immutable and shared by all threads. What `run` does stands in policy/eval.
#include <cstdint>
#include <memory>
#include <vector>

#include "base/position.h"
#include "policy/term/term.h"

namespace writ::rego {

class Machine;
struct BuiltinEntry;
struct Definition;
struct Node;
struct RuleSet;

enum class Flow : std::uint8_t {
  next,  // go on with the following step
  back,  // no (further) solution here: the step before may have another
  stop,  // enough solutions, or an error
};

using Slot = std::int32_t;
inline constexpr Slot kNoSlot = -1;

// A constant or what a slot holds.
struct Operand {
  Term constant;
  Slot slot = kNoSlot;

  const Term& in(const Term* frame) const { return slot < 0 ? constant : frame[slot]; }
  bool is_constant() const { return slot < 0; }
};
inline Operand constant(Term term) { return {term, kNoSlot}; }
inline Operand in_slot(Slot slot) { return {Term(), slot}; }

struct Step {
  explicit Step(Position where) : at(where) {}
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  virtual ~Step() = default;
  virtual Flow run(Machine& machine, Term* frame) const = 0;

  const Step* next = nullptr;  // nullptr: the body has held, the sink takes the solution
  Position at;
};

// A chain of steps that stand in the same program.
using Steps = const Step*;

// What is done with a value that has been found: it is put into a slot, compared, or ignored.
struct Target {
  enum class Kind : std::uint8_t { ignore, bind, equal };
  Kind kind = Kind::ignore;
  Slot slot = kNoSlot;
  Operand operand;

  // Whether the value is acceptable; binds it if so.
  bool take(const Term& value, Term* frame) const {
    if (kind == Kind::bind) frame[slot] = value;
    return kind != Kind::equal || operand.in(frame) == value;
  }
};

// ---- values ----

struct Bind final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Operand value;
  Slot out = kNoSlot;
};

struct MakeArray final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  std::vector<Operand> items;
  Slot out = kNoSlot;
};

struct MakeSet final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  std::vector<Operand> items;
  Slot out = kNoSlot;
};

struct MakeObject final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  std::vector<Operand> parts;  // key, value, key, value …
  Slot out = kNoSlot;
};

// An array of exactly as many items, each taken by its target.
struct UnpackArray final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Operand value;
  std::vector<Target> items;
};

// An object of exactly these keys.
struct UnpackObject final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Operand value;
  std::vector<Operand> keys;
  std::vector<Target> values;
};

// ---- tests ----

// Neither undefined nor false.
struct Holds final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Operand value;
};

enum class Comparison : std::uint8_t { equal, not_equal, less, at_most, greater, at_least };

struct Compare final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Comparison comparison = Comparison::equal;
  Operand left;
  Operand right;
};

struct Fail final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
};

// ---- references ----

enum class Root : std::uint8_t { operand, input, data };

// base[key][key]…, all keys known: at most one solution.
struct Path final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Root root = Root::operand;
  Operand base;
  std::vector<Operand> keys;
  Slot out = kNoSlot;
};

// base[key] for every key: one solution for each that the targets take.
struct Scan final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Root root = Root::operand;
  Operand base;
  Target key;
  Target value;
};

// The value of the rules at a place.
struct RuleValue final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  const Node* node = nullptr;
  Slot out = kNoSlot;
};

// A reference that leaves `node`, which has rules below it, through keys that may be unknown.
struct DocumentPath final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  struct Key {
    bool is_known = false;
    Operand operand;  // known
    Target target;    // else what takes the key; its pattern may need `unpack`
  };
  const Node* node = nullptr;
  std::vector<Key> keys;
  Slot out = kNoSlot;
};

// ---- calls ----

struct CallBuiltin final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  const BuiltinEntry* builtin = nullptr;
  std::vector<Operand> args;
  Slot out = kNoSlot;
};

struct CallFunction final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  const Node* function = nullptr;
  std::vector<Operand> args;
  Slot out = kNoSlot;
};

// ---- bodies within bodies; they share the frame ----

struct Not final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Steps body = nullptr;
};

struct Every final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Operand domain;
  Target key;
  Target value;
  Steps body = nullptr;
};

struct Comprehension final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  Kind kind = Kind::array;
  Steps body = nullptr;
  Operand key;  // of objects
  Operand value;
  Slot out = kNoSlot;
};

// What stands at one target while the steps of `body` run. The body ends in Outside, which goes on
// with the steps behind this one under what held before.
struct Replacement {
  enum class Kind : std::uint8_t { input, data, function };
  Kind kind = Kind::input;
  std::vector<Term> path;      // below input or data
  const Node* node = nullptr;  // data: the rules at or below the path; function: of a rule
  const BuiltinEntry* builtin = nullptr;  // function: of a builtin
  // Instead of a function: another one, or a value.
  const Node* by_node = nullptr;
  const BuiltinEntry* by_builtin = nullptr;
  Operand value;
};

struct With final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  std::vector<Replacement> replacements;
  Steps body = nullptr;
};

struct Outside final : Step {
  using Step::Step;
  Flow run(Machine& machine, Term* frame) const override;
  const With* with = nullptr;
};

}  // namespace writ::rego
