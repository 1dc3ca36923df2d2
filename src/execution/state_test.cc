#include "execution/state.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace writ::execution {
namespace {

RunId run_id(std::uint8_t last) {
  RunId id;
  id.uuid.bytes[15] = last;
  return id;
}

StepState full_step() {
  StepState step;
  step.status = StepStatus::blocked;
  step.attempt = 3;
  step.fence = 7;
  step.tree_before = "before";
  step.tree_after = "after";
  step.inputs = "inputs";
  step.reason = "a \"quoted\" \\ line\nand \xc3\xa9";
  step.failure = "exit";
  step.isolation = "namespaces";
  step.elapsed_ms = -1;
  step.spent = {1050, 250'000};
  step.decision = "decision";
  step.evidence = {{EvidenceId{run_id(1).uuid}, "one"}, {EvidenceId{run_id(2).uuid}, "two"}};
  step.since = WallTime{0};
  step.wake = WallTime{1'767'225'600'000'000};
  step.claimed_by = "somebody";
  step.adopted = run_id(3);
  return step;
}

RunRow full_run() {
  RunRow row;
  row.id = run_id(4);
  row.status = RunStatus::superseded;
  row.spec_id = "spec";
  row.spec_file = "a/b.yaml";
  row.spec_digest = "digest";
  row.plan = "plan";
  row.base = "base";
  row.worktree = "there";
  row.parent = run_id(7);
  row.trust = "trust";
  row.is_self_signed = true;
  row.runner = "runner";
  row.created = WallTime{5};
  row.next_seq = 6;
  row.tree = "tree";
  row.active_ms = 7;
  row.spent = {1050, 250'000};
  Deferral deferral;
  deferral.step = "a/b";
  deferral.what = "retries";
  deferral.owner = "Ada";
  deferral.due = WallTime{1'767'225'600'000'000};
  deferral.unblocker = "the queue";
  deferral.invariant = "INV-1";
  deferral.by = "key";
  row.deferrals = {deferral, deferral};
  row.deferrals[1].is_open = false;
  row.deferrals[1].closed_by = "other";
  row.deferrals[1].closed_because = "done";
  row.assumptions = {{"a/b", "names are UTF-8", {"src/names.cc", "NAMES"}, "key"}};
  row.supersedes = run_id(8);
  row.superseded_by = run_id(9);
  row.attestation = "attestation";
  return row;
}

TEST(State, RowsAreTheJsonOfTheirValues) {
  for (const StepState& step : {StepState{}, full_step()}) {
    EXPECT_EQ(to_row(step), to_json(to_value(step)));
  }
  for (const RunRow& row : {RunRow{}, full_run()}) {
    EXPECT_EQ(to_row(row), to_json(to_value(row)));
  }
}

TEST(State, RowsComeBackAsTheyWere) {
  const auto step = parse_json(to_row(full_step()));
  ASSERT_TRUE(step.has_value());
  EXPECT_TRUE(step_state_from_value(*step).value() == full_step());
  const auto row = parse_json(to_row(full_run()));
  ASSERT_TRUE(row.has_value());
  EXPECT_TRUE(run_row_from_value(*row).value() == full_run());
}

}  // namespace
}  // namespace writ::execution
