#include "execution/expect_draft.h"

#include <gtest/gtest.h>

#include <functional>

#include "execution/testing/engine_room.h"
#include "identity/testing/people.h"

namespace writ::execution {
namespace {

using identity::key_named;
using identity::StatementKind;

protocol::Plan sample_plan() {
  protocol::Plan plan = plan_of({step_named("work"), step_named("more")});
  plan.invariants.resize(1);
  plan.invariants[0].id = "INV-1";
  plan.invariants[0].text = "sums are exact";
  return plan;
}

const RunId kRun{Uuid::v5(kWritNamespace, "run")};

// A draft as an honest server makes it.
Draft honest(const protocol::Plan& plan, const Intent& intent) {
  Draft draft;
  draft.statement.kind = intent.kind;
  draft.statement.run = kRun;
  draft.statement.plan = crypto::Digest::parse_hex(plan.digest()).value();
  draft.statement.step = intent.step.empty() ? "work" : intent.step;
  draft.statement.reason = intent.reason;
  return draft;
}

Deferral sample_deferral(const Intent& intent) {
  Deferral deferral;
  deferral.id = {Uuid::v5(kWritNamespace, "deferral")};
  deferral.step = "work";
  deferral.what = intent.matter.what;
  deferral.owner = intent.matter.owner;
  deferral.due = intent.matter.due.value_or(WallTime{1});
  deferral.unblocker = intent.matter.unblocker;
  deferral.by = intent.by.hex;
  return deferral;
}

void name_subject(Draft& draft) {
  if (draft.matter.deferral) draft.statement.subject = subject_of(*draft.matter.deferral).value();
  if (draft.matter.assumption) {
    draft.statement.subject = subject_of(*draft.matter.assumption).value();
  }
}

using Change = std::function<void(Draft&)>;

// Every change is found, and nothing is found without one.
void expect_found(const Intent& intent, const Draft& draft, const std::vector<Change>& changes) {
  const protocol::Plan plan = sample_plan();
  const auto as_it_is = expect_draft(plan, kRun, intent, draft);
  EXPECT_TRUE(as_it_is) << as_it_is.error().text();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Draft changed = draft;
    changes[i](changed);
    name_subject(changed);
    const auto found = expect_draft(plan, kRun, intent, changed);
    ASSERT_FALSE(found) << "change " << i;
    EXPECT_EQ(found.error().code, Code::tampered) << "change " << i;
  }
}

const std::vector<Change> kOfTheRun = {
    [](Draft& d) { d.statement.run = {Uuid::v5(kWritNamespace, "other")}; },
    [](Draft& d) { d.statement.plan = crypto::sha256("other"); },
    [](Draft& d) { d.statement.step = "more"; },
    [](Draft& d) { d.statement.reason = "another"; },
    [](Draft& d) { d.statement.kind = StatementKind::rejection; },
};

TEST(ExpectDraft, IsTheApprovalThatWasAskedForAndNoOther) {
  const Intent intent{StatementKind::approval, "work"};
  auto changes = kOfTheRun;
  changes.emplace_back([](Draft& d) { d.statement.subject = crypto::sha256("matter"); });
  changes.emplace_back(
      [](Draft& d) { d.statement.evidence = {{"file", "a", crypto::sha256("a")}}; });
  expect_found(intent, honest(sample_plan(), intent), changes);
}

TEST(ExpectDraft, IsTheDeferralThatWasAskedForAndNoOther) {
  Intent intent{StatementKind::deferral, "work"};
  intent.by = key_named("agent").id();
  intent.matter = {"retries", "Ada", parse_due("2026-03-01").value(), "a decision"};
  Draft draft = honest(sample_plan(), intent);
  draft.matter.deferral = sample_deferral(intent);
  name_subject(draft);
  auto changes = kOfTheRun;
  for (const Change& change :
       std::vector<Change>{[](Draft& d) { d.matter.deferral->what = "everything"; },
                           [](Draft& d) { d.matter.deferral->owner = "Eve"; },
                           [](Draft& d) { d.matter.deferral->due.micros += 1; },
                           [](Draft& d) { d.matter.deferral->unblocker = "nothing"; },
                           [](Draft& d) { d.matter.deferral->invariant = "INV-1"; },
                           [](Draft& d) { d.matter.deferral->by = key_named("bob").id().hex; },
                           [](Draft& d) { d.matter.deferral->step = "more"; },
                           [](Draft& d) { d.matter.deferral->is_open = false; },
                           [](Draft& d) { d.matter.deferral.reset(); }}) {
    changes.push_back(change);
  }
  expect_found(intent, draft, changes);
  draft.statement.subject = crypto::sha256("another matter");
  EXPECT_FALSE(expect_draft(sample_plan(), kRun, intent, draft));
}

TEST(ExpectDraft, IsADeferralInsteadOfAnAssumptionOnlyWhereTheOwnPlanSaysSo) {
  Intent intent{StatementKind::assumption, "work"};
  intent.by = key_named("agent").id();
  intent.matter.what = "sizes are bytes";
  intent.about = {"INV-1"};
  Draft instead = honest(sample_plan(), intent);
  instead.statement.kind = StatementKind::deferral;
  Deferral deferral = sample_deferral(intent);
  deferral.what = "assumed: sizes are bytes";
  deferral.owner = "agent";
  deferral.unblocker = "a decision about invariant INV-1: sums are exact";
  deferral.invariant = "INV-1";
  instead.matter.deferral = deferral;
  name_subject(instead);
  expect_found(intent, instead,
               {[](Draft& d) { d.matter.deferral->what = "sizes are bytes"; },
                [](Draft& d) { d.matter.deferral->invariant.clear(); },
                [](Draft& d) { d.matter.deferral->unblocker = "nothing"; }});
  intent.about = {"src/names.cc"};
  EXPECT_FALSE(expect_draft(sample_plan(), kRun, intent, instead));
  Draft assumed = honest(sample_plan(), intent);
  assumed.matter.assumption =
      Assumption{"work", "sizes are bytes", {"src/names.cc"}, intent.by.hex};
  name_subject(assumed);
  expect_found(intent, assumed,
               {[](Draft& d) { d.matter.assumption->text = "sizes are bits"; },
                [](Draft& d) { d.matter.assumption->about = {"src/other.cc"}; },
                [](Draft& d) { d.matter.assumption.reset(); }});
}

TEST(ExpectDraft, ClosesTheDeferralThatWasNamedAndNoOther) {
  Intent intent{StatementKind::closure};
  intent.by = key_named("alice").id();
  intent.reason = "decided";
  Draft draft = honest(sample_plan(), intent);
  draft.matter.deferral = sample_deferral(intent);
  intent.deferral = draft.matter.deferral->id;
  name_subject(draft);
  expect_found(intent, draft,
               {[](Draft& d) { d.matter.deferral->id = {Uuid::v5(kWritNamespace, "other")}; },
                [](Draft& d) { d.matter.deferral.reset(); },
                [](Draft& d) { d.statement.reason = "another"; }});
}

}  // namespace
}  // namespace writ::execution
