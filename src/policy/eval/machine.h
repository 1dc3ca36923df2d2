#pragma once
// The state of one evaluation. A body runs step after step; where a step has several solutions it
// runs the rest of the body once for each, by recursion. What is found at the end of a body goes to
// the sink of whoever runs it. Private to policy/eval.
#include <any>
#include <memory>
#include <string>
#include <vector>

#include "policy/eval/caches.h"
#include "policy/eval/evaluator.h"

namespace writ::rego {

// Takes the solutions of one body.
class Sink {
 public:
  virtual ~Sink() = default;
  // back: look for another solution. stop: enough.
  virtual Flow accept(Machine& machine, const Term* frame) = 0;
};

// One body has one solution at least.
class Exists final : public Sink {
 public:
  Flow accept(Machine&, const Term*) override {
    found = true;
    return Flow::stop;
  }
  bool found = false;
};

// What stands instead of a function.
struct StandIn {
  const Node* function = nullptr;
  const BuiltinEntry* builtin = nullptr;
  const Replacement* by = nullptr;
  Term value;
};

// What holds between one `with` and the end of its statement, and what has been computed there.
struct Scope {
  Scope* outer = nullptr;  // that it was made in
  Term input;
  Term data;
  std::vector<const Node*> masks;  // documents that are replaced: their rules do not count
  std::vector<StandIn> stand_ins;  // the last one for a function counts
  RuleCache rules;
  CallMemo calls;

  void clear() {
    masks.clear();
    stand_ins.clear();
    rules.clear();
    calls.clear();
  }
};

// Frames of variables, last in first out; frames keep their addresses.
class FrameStack {
 public:
  struct Mark {
    std::size_t chunk = 0;
    std::size_t used = 0;
  };
  Mark mark() const { return top_; }
  Term* push(std::size_t slots);
  void pop(const Mark& mark) { top_ = mark; }

 private:
  struct Chunk {
    std::unique_ptr<Term[]> terms;
    std::size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  Mark top_;
};

class Machine {
 public:
  const Answer& evaluate(const Query& query, const EvalInput& input);
  std::vector<NdCall> nd_calls() const;

  // Runs `code` and what follows, for each of its solutions. back or stop.
  Flow run(Steps code, Term* frame) {
    for (; code != nullptr; code = code->next) {
      if (--fuel_ <= 0 && !refuel()) return Flow::stop;
      if (const Flow flow = code->run(*this, frame); flow != Flow::next) return flow;
    }
    return sink_->accept(*this, frame);
  }
  // The same with a sink for the solutions. Whoever calls it asks `failed` afterwards.
  void solve(Steps code, Term* frame, Sink& sink) {
    Sink* const outer = sink_;
    sink_ = &sink;
    run(code, frame);
    sink_ = outer;
  }

  // ---- documents (rules.cc, objects.cc, documents.cc) ----
  // Undefined when there is no value, or when the machine has failed.
  Term value_of(const Node& node);
  Term call(const Node& function, std::span<const Term> args);
  Flow follow(const DocumentPath& path, std::size_t i, const Node* node, const Term* base,
              Term* frame);
  // All below `node`, with base documents merged in.
  Term document(const Node& node, const Term* base);
  bool is_masked(const Node& node) const;
  // The base document at the node's place; nullptr: none.
  const Term* base_at(const Node& node) const;

  // ---- calls (calls.cc) ----
  Flow call_builtin(const CallBuiltin& step, Term* frame);
  Flow call_function(const CallFunction& step, Term* frame);

  // ---- scopes ----
  Scope& scope() { return *scope_; }
  // Copies the current scope without what was computed there.
  Scope& push_scope();
  void pop_scope();
  void set_scope(Scope& scope) { scope_ = &scope; }

  // ---- errors ----
  bool failed() const { return answer_.error.has_value(); }
  Flow fail(std::string_view code, Position at, std::string message);
  Flow fail(std::string_view code, const Definition& at, std::string message);
  Flow builtin_failed(const BuiltinError& problem, Position at);

  Observer* observer() const { return input_->observer; }
  Arena& arena() { return arena_; }
  std::vector<Term>& values() { return values_; }
  const EvalInput& options() const { return *input_; }

 private:
  // Whether evaluation may go on; else the error has been noted.
  bool refuel();
  void begin(const Query& query, const EvalInput& input);
  Term complete(const RuleSet& rules, std::span<const Term> args, bool is_function);
  Term set(const RuleSet& rules);
  Term object(const Node& node);
  const std::vector<const Definition*>& candidates(const RuleSet& rules,
                                                   std::span<const Term> args) const;
  void run_definition(const Definition& definition, std::span<const Term> args, Sink& sink);
  Flow follow_value(const DocumentPath& path, std::size_t i, const Term& value, Term* frame);
  Flow follow_all(const DocumentPath& path, std::size_t i, const Node* node, const Term* base,
                  Term* frame);
  Term call_stand_in(const StandIn& stand_in, std::span<const Term> args, Position at);
  const StandIn* stand_in_of(const Node* function, const BuiltinEntry* builtin) const;
  bool apply(const BuiltinEntry& builtin, std::span<const Term> args, Position at, Term& out);
  // What the builtin said when the decision was made that is replayed; nullptr: not known.
  const Term* recorded(const BuiltinEntry& builtin, std::span<const Term> args) const;
  bool apply_once(const BuiltinEntry& builtin, std::span<const Term> args, Position at, Term& out);
  bool has_stack() const;

  Arena arena_;
  FrameStack frames_;
  std::vector<std::unique_ptr<Scope>> scopes_;  // the first `depth_` are in use
  std::size_t depth_ = 0;
  Scope* scope_ = nullptr;
  Sink* sink_ = nullptr;
  std::vector<Term> values_;  // of comprehensions that are being made, innermost last

  const EvalInput* input_ = nullptr;
  const Program* program_ = nullptr;
  const std::string* file_ = nullptr;
  std::int64_t fuel_ = 0;
  std::uint64_t steps_left_ = 0;
  std::chrono::steady_clock::time_point deadline_;
  const std::byte* stack_end_ = nullptr;

  CallCache call_cache_;
  Call::Env env_;
  std::function<void(std::string_view)> note_;  // to the observer
  // Outcomes of nondeterministic builtins, which hold for the whole query.
  struct Observed {
    const BuiltinEntry* builtin = nullptr;
    std::span<const Term> args;
    Term value;
  };
  std::vector<Observed> observed_;
  Answer answer_;
};

// What `key` means in a base document: numbers also name the members of objects that are spelled
// like them, because paths of documents are texts.
const Term* in_base(const Term& base, const Term& key);

// Orders members by key. False when one key has two values.
bool make_unique(std::vector<Member>& members);

}  // namespace writ::rego
