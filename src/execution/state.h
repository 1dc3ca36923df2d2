#pragma once
// A run as data: its row, its steps, its blockers. State changes only by folding an event into it
// (transition.h), so the rows that the store keeps and the events that the ledger keeps say the
// same thing, and `writ verify` can compare them.
//
// Plain values. `steps` is in plan order.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/value.h"
#include "execution/deferral.h"
#include "protocol/plan.h"

namespace writ::execution {

enum class RunStatus : std::uint8_t {
  active,    // has steps to run, wait for or fix
  attested,  // every step passed, the attestation is signed
  cancelled,
  stopped,     // a HARD_STOP ended it
  superseded,  // another run took over (`resume --replan`)
};

enum class StepStatus : std::uint8_t {
  pending,
  running,
  waiting,  // for a person, an agent or a time
  passed,
  failed,
  shut,     // its work is done, its gate is shut
  blocked,  // an open blocker stands on it
};

struct EvidenceRef {
  EvidenceId id;
  std::string digest;  // hex SHA-256 of the canonical record
  friend bool operator==(const EvidenceRef&, const EvidenceRef&) = default;
};

// What usage evidence says was spent on models.
struct Spending {
  std::int64_t tokens = 0;
  std::int64_t micro_usd = 0;
  friend bool operator==(const Spending&, const Spending&) = default;
};

struct StepState {
  StepStatus status = StepStatus::pending;
  std::uint32_t attempt = 0;  // 0: never started
  std::uint64_t fence = 0;    // of the lease under which the attempt started
  // hex; what the attempt's change is measured from: the tree at its start, or, where it answers
  // for what an earlier attempt did, at that one's. Empty before the first start.
  std::string tree_before;
  std::string tree_after;
  std::string inputs;     // hex: the part of the tree it depends on; empty: all of it
  std::string reason;     // why it failed, waits or was reopened; for people
  std::string failure;    // failure class that retry looks at: exit, timeout, …; scope: the change
  std::string isolation;  // none | process_group | namespaces; commands only
  std::int64_t elapsed_ms = 0;        // of the last attempt
  Spending spent;                     // of the last attempt
  std::string decision;               // hex digest of the gate's decision record; empty: no gate
  std::vector<EvidenceRef> evidence;  // of the last attempt
  std::optional<WallTime> since;      // the attempt's start
  std::optional<WallTime> wake;       // earliest next attempt, or the end of a wait
  std::string claimed_by;             // key id of who works on an external step
  std::optional<RunId> adopted;       // passed in this run, whose evidence stands for it
  // Pending, and what an earlier attempt did to the tree since `tree_before` counts as the next's.
  bool owes_for_change() const {
    return status == StepStatus::pending && !tree_before.empty() && tree_after.empty();
  }
  friend bool operator==(const StepState&, const StepState&) = default;
};

struct Blocker {
  BlockerId id;
  protocol::BlockerKind kind = protocol::BlockerKind::FIX_REQUIRED;
  std::string step;
  std::uint32_t attempt = 0;
  std::string file;
  std::uint32_t line = 0;
  std::string issue;
  std::string proposed_fix;
  bool is_open = true;
  std::string resolved_by;  // key id; empty when the step's own check cleared it
  friend bool operator==(const Blocker&, const Blocker&) = default;
};

struct RunRow {
  RunId id;
  RunStatus status = RunStatus::active;
  std::string spec_id;
  std::string spec_file;  // relative to the repository's root
  std::string spec_digest;
  std::string plan;             // hex digest
  std::string base;             // commit
  std::string worktree;         // where it works, from the repository's root; empty: there (LAW-08)
  std::string trust;            // hex digest of the trust the run rests on
  bool is_self_signed = false;  // no trust file at the base revision
  std::string runner;           // key id
  WallTime created;
  std::uint64_t next_seq = 1;  // of the run's next event
  std::string tree;            // hex: the newest tree that the run has seen
  std::int64_t active_ms = 0;  // time at work
  Spending spent;              // by all attempts
  std::vector<Deferral> deferrals;
  std::vector<Assumption> assumptions;
  std::optional<RunId> parent;  // of a child run
  std::optional<RunId> supersedes;
  std::optional<RunId> superseded_by;
  std::string attestation;  // hex digest of the DSSE envelope's blob
  friend bool operator==(const RunRow&, const RunRow&) = default;
};

struct RunState {
  RunRow run;
  std::vector<StepState> steps;
  std::vector<Blocker> blockers;

  // The open blocker on `step`; nullptr: none.
  const Blocker* open_blocker(std::string_view step) const;
  friend bool operator==(const RunState&, const RunState&) = default;
};

std::string_view status_name(RunStatus status);
std::string_view status_name(StepStatus status);
std::string_view blocker_name(protocol::BlockerKind kind);
Result<protocol::BlockerKind> parse_blocker_kind(std::string_view name);

// The list `evidence` of a row or of an event's payload; none when it is not there.
Array to_value(const std::vector<EvidenceRef>& refs);
Result<std::vector<EvidenceRef>> evidence_refs_from_value(const Value& value);

// The failure class of an attempt that was refused for what it changed.
inline constexpr std::string_view kScopeFailure = "scope";

// The text of a row, to_json(to_value(…)) without the value between: every commit writes them.
std::string to_row(const RunRow& row);
std::string to_row(const StepState& step);

// Those that another run of the spec takes over.
std::vector<Deferral> open_deferrals(const RunRow& run);

// Rows as the store keeps them. Errors of the readers: tampered.
Value to_value(const RunRow& row);
Value to_value(const StepState& step);
Value to_value(const Blocker& blocker);
Result<RunRow> run_row_from_value(const Value& value);
Result<StepState> step_state_from_value(const Value& value);
Result<Blocker> blocker_from_value(const Value& value);

}  // namespace writ::execution
