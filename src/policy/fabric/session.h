#pragma once
// Makes decisions of one thread: keeps the newest snapshot, the queries that were compiled for it
// and the memory of the last evaluation, so that a warm decision neither locks nor allocates.
//
//   Session session(fabric, services);
//   Term input = parse_json(session.begin(), body)…;
//   const Decision decision = session.decide({"app", "allow"}, input);
//
// Belongs to one thread at a time.
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "policy/eval/evaluator.h"
#include "policy/fabric/fabric.h"
#include "policy/partial/partial.h"

namespace writ::rego {

// What a document was at one version. Terms last until the session's next `begin`.
struct Decision {
  Term result;                         // undefined where the document is
  const PolicyError* error = nullptr;  // a conflict, a failed builtin, a budget that ran out
  const Snapshot* snapshot = nullptr;
};

struct DecideOptions {
  EvalLimits limits;
  bool strict_builtin_errors = false;
  std::stop_token stop;
};

// What the last decision or query took.
struct DecisionCost {
  std::chrono::nanoseconds compile{};  // 0: the query was known
  std::chrono::nanoseconds evaluate{};
};

// "data["app"]["allow"]": the query that asks for the document at `path`.
void append_document_query(std::string& out, std::span<const std::string> path);

class Session {
 public:
  // Both are borrowed.
  Session(const Fabric& fabric, const Services& services);

  // Takes the newest snapshot and forgets the last decision. The arena is for its input.
  Arena& begin();
  Arena& arena() { return evaluator_.input_arena(); }
  const Snapshot& snapshot() const { return *snapshot_; }

  // The document below `data` at `path`. Errors: internal (a path that does not compile).
  Result<Decision> decide(std::span<const std::string> path, Term input,
                          const DecideOptions& options = {});
  // Any query. Errors: invalid_input with diagnostics.
  Result<const Answer*> ask(std::string_view query, Term input, const DecideOptions& options = {});
  // The query with parts of input and data unknown (partial/partial.h). Errors: of the policy, as
  // they are.
  std::expected<PartialAnswer, PolicyErrors> ask_partially(std::string_view query, Term input,
                                                           const PartialOptions& options);
  // The query of the last `ask`: names of its bindings.
  const Query& query() const { return *query_; }
  const DecisionCost& cost() const { return cost_; }
  // What the last decision or query asked of nondeterministic builtins.
  std::vector<NdCall> nd_calls() const { return evaluator_.nd_calls(); }

 private:
  Result<std::shared_ptr<const Query>> compiled(const std::string& text);
  const Answer& run(Term input, const DecideOptions& options);

  const Fabric& fabric_;
  const Services& services_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::unordered_map<std::string, std::shared_ptr<const Query>> queries_;  // of the snapshot
  std::shared_ptr<const Query> query_;  // shared with queries_: the one that was run last
  std::string text_;                    // of a path's query; kept for its memory
  DecisionCost cost_;
  Evaluator evaluator_;
};

}  // namespace writ::rego
