#pragma once
// What an evaluation did, line by line, as `opa eval --explain` shows it.
#include <string>
#include <vector>

#include "policy/observe/observer.h"

namespace writ::rego {

class Trace final : public Observer {
 public:
  enum class Op : std::uint8_t { enter, eval, exit, fail, redo, note };
  struct Event {
    Op op;
    std::size_t depth;
    std::uint64_t query;   // counts bodies as they are entered; those of one body have the same
    std::uint64_t parent;  // the body that it was entered from
    const Observe* at;     // lives as long as the program, and the query that was run
    std::string place;     // "p.rego:3"
    std::string text;      // the rule, the statement, or what was noted
  };

  // After so many events it is cut off.
  explicit Trace(std::size_t most = 1'000'000) : most_(most) {}

  void begin(const Observe& place) override;
  void end(const Observe& place) override;
  void note(std::string_view text) override;

  // notes: what trace(…) said; fails: statements that did not hold; each with what led there.
  // full: everything.
  enum class Detail : std::uint8_t { notes, fails, full };
  std::vector<const Event*> events(Detail detail) const;
  // The same as text; a last line says that the trace was cut off.
  std::vector<std::string> lines(Detail detail) const;

  // "enter", as OPA's events call it.
  static std::string_view op_name(Op op);

 private:
  struct Active {
    const Observe* place;
    bool has_held = false;
    std::size_t depth = 0;
    std::uint64_t query = 0;
    std::uint64_t parent = 0;
  };
  void add(Op op, const Active& active, std::string text);
  static bool is_wanted(Op op, Detail detail);

  std::size_t most_;
  std::uint64_t queries_ = 0;  // that were entered
  std::vector<Active> active_;
  std::vector<Event> events_;
  bool is_cut_ = false;
};

}  // namespace writ::rego
