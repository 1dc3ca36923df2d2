#pragma once
// Runs queries. What a query comes to is a value of its own: rows of bindings, or an error of the
// policy (a conflict, a failed builtin when those count, a budget that ran out). Undefined is no
// rows; false is a row with the value false.
//
// An Evaluator belongs to one thread and is kept for the next query, so that a warm decision takes
// no memory from the system. Any number of evaluators share programs, queries and data.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "policy/builtins/builtin.h"
#include "policy/compile/program.h"
#include "policy/observe/observer.h"
#include "policy/parse/policy_error.h"

namespace writ::rego {

struct EvalLimits {
  // Steps of the program, counted roughly. A step is between 5 ns and 1 µs, builtins apart.
  std::uint64_t steps = 1'000'000'000;
  std::size_t memory_bytes = std::size_t{1} << 30;
  std::chrono::milliseconds time{60'000};
  // Stack that nested rules and iterations may take.
  std::size_t stack_bytes = std::size_t{4} << 20;
};

struct EvalInput {
  Term input;                  // undefined: there is no input
  Term data = empty_object();  // base documents
  const Services* services = nullptr;
  EvalLimits limits;
  // A builtin's error ends the query; else the expression is undefined.
  bool strict_builtin_errors = false;
  std::stop_token stop;
  // Takes what print() prints. May be empty.
  std::function<void(std::string_view)> print;
  // Told of what was compiled to be observed; nullptr: nobody is.
  Observer* observer = nullptr;
  // What nondeterministic builtins said when the decision was made, as decision logs keep it:
  // {"rand.intn": {"[\"x\",5]": 0}}. A call that stands there is not made again.
  Term nd_builtin_cache;
};

// A call of a nondeterministic builtin, and what came of it.
struct NdCall {
  std::string_view builtin;
  std::span<const Term> args;
  Term value;  // undefined: it had none
};

struct Solution {
  std::vector<Term> bindings;  // in the order of Query::bindings
  std::vector<Term> values;    // in the order of Query::expressions
};

struct Answer {
  std::vector<Solution> rows;
  std::optional<PolicyError> error;
  std::vector<PolicyError> builtin_errors;  // that made an expression undefined; the first few
};

class Machine;

class Evaluator {
 public:
  Evaluator();
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  // The answer's terms, and the answer, last until the next call. `input` too is borrowed by them.
  const Answer& evaluate(const Query& query, const EvalInput& input);
  // What the last evaluation asked of nondeterministic builtins; lasts as long as its answer.
  std::vector<NdCall> nd_calls() const;
  // Where an input may be parsed to. Whoever parses resets it when no answer is looked at any more.
  Arena& input_arena() { return input_arena_; }

 private:
  std::unique_ptr<Machine> machine_;
  Arena input_arena_;
};

}  // namespace writ::rego
