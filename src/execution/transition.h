#pragma once
// Everything that can happen to a run, as events. `apply` is the only function that changes a
// RunState; the engine uses it to go forward, `writ verify` to fold the ledger again.
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "execution/state.h"
#include "protocol/plan.h"

namespace writ::execution {

// One event of a run before it has its place in the log.
struct Transition {
  std::string type;        // "writ.step.completed"
  std::string step;        // path; empty: concerns the whole run
  Value payload;           // the event's data, as its maker below writes it
  std::string actor = {};  // "key:<id>" of who acts; empty: whoever keeps the journal
};

// Makers, one per event type; the payload holds all that `apply` needs.
Transition run_started(const RunRow& row);
// What an attempt's change is measured from, where that is not just the tree at its start.
struct Baseline {
  std::string tree;                   // hex; empty: the tree at its start
  std::vector<EvidenceRef> evidence;  // that names its files
};
Transition step_started(std::string_view step, std::uint32_t attempt, std::uint64_t fence,
                        std::string_view tree, WallTime at, const Baseline& baseline = {});

// How an attempt ended.
struct Completion {
  StepStatus status = StepStatus::passed;  // passed, failed, shut, blocked
  std::string tree_before;
  std::string tree_after;
  std::string inputs;
  std::string reason;
  std::string failure;
  std::string isolation;
  std::int64_t elapsed_ms = 0;
  Spending spent;
  std::string decision;
  std::vector<EvidenceRef> evidence;
  std::optional<WallTime> retry_at;  // failed, but to be tried again by itself
};
Transition step_completed(std::string_view step, std::uint32_t attempt,
                          const Completion& completion);
Transition step_waiting(std::string_view step, std::uint32_t attempt, std::string_view reason,
                        std::optional<WallTime> wake);
inline constexpr std::string_view kStepReopened = "writ.step.reopened";
// Back to pending: edited inputs, a retry, a fix, an interruption.
// `owed_since`: the tree that the next attempt's change is measured from, where the last one has
// not answered for its own; empty: nothing is owed.
Transition step_reopened(std::string_view step, std::string_view reason,
                         std::string_view owed_since = {});
Transition step_claimed(std::string_view step, std::uint32_t attempt, std::string_view by);
Transition gate_decided(std::string_view step, std::uint32_t attempt, bool is_open,
                        std::string_view decision_digest);
Transition step_adopted(std::string_view step, RunId from, const StepState& as);
Transition blocker_raised(const Blocker& blocker);
Transition blocker_resolved(BlockerId id, std::string_view by);
// Signed words of people and agents: they change no step by themselves; the driver reads the
// statement and completes the step. `what` is given, refused, accepted.
Transition statement_recorded(std::string_view type, std::string_view step, std::uint32_t attempt,
                              std::string_view by, std::string_view statement_digest);
// Words about what is left open (LAW-18). The statement signs the digest of the value.
Transition deferral_recorded(const Deferral& deferral);
Transition deferral_closed(const Deferral& deferral, std::string_view by, std::string_view reason);
Transition assumption_recorded(const Assumption& assumption);
// A rule of the law whose value stands over another document's (LAW-04). Changes no state.
Transition rule_overridden(const protocol::ComposedRule& rule);
// The tree as the run now sees it, changed by nobody's step.
Transition tree_observed(std::string_view tree);
Transition run_ended(RunStatus status, std::string_view attestation, std::optional<RunId> by);

// The places of a plan's steps by their paths. Made once where many events are folded: a plan may
// have thousands of steps, and looking each up in turn would cost the square of that.
class StepPlaces {
 public:
  explicit StepPlaces(const protocol::Plan& plan);
  std::size_t size() const { return size_; }
  // size() when there is no such step.
  std::size_t find(const std::string& path) const;

 private:
  std::unordered_map<std::string, std::size_t> places_;
  std::size_t size_;
};

// Folds one event into `state`, whose steps are those of `places`. Errors: conflict when the event
// cannot follow (a step completes that is not running, another attempt, an ended run).
Result<void> apply(RunState& state, const StepPlaces& places, const Transition& transition);

}  // namespace writ::execution
