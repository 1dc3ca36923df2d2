// Words about a matter beside them: drafted here, signed wherever the key is, taken here.
#include <gtest/gtest.h>

#include "base/json.h"
#include "execution/acts.h"
#include "execution/expect_draft.h"
#include "execution/testing/engine_room.h"
#include "identity/testing/people.h"

namespace writ::execution {
namespace {

using identity::key_named;
using identity::StatementKind;

// A run whose one step has failed, under a law that lets assume what touches no invariant.
class DeferralActsTest : public testing::Test {
 protected:
  void SetUp() override { run_ = start("assume"); }

  RunId start(const std::string& ambiguity) {
    room_.executor.scripts["work"] = [](const StepContext&) {
      StepResult result;
      result.verdict = Verdict::failed;
      return result;
    };
    protocol::Plan plan = plan_of({step_named("work")});
    plan.ambiguity = ambiguity;
    plan.invariants.resize(1);
    plan.invariants[0].id = "INV-1";
    plan.invariants[0].text = "sums are exact";
    plan.invariants[0].paths = {"src/sums/**"};
    Engine engine = room_.engine();
    const auto run =
        engine.start(std::move(plan), {crypto::sha256("base").hex(), "", false, "", {}});
    EXPECT_TRUE(run && engine.drive(*run, {})) << (run ? "" : run.error().text());
    return run ? *run : RunId{};
  }

  ActDeps deps() { return {room_.journal_deps(), room_.workspace, authority_}; }
  static Intent deferral(std::string_view who) {
    Intent intent{StatementKind::deferral, "work"};
    intent.by = key_named(who).id();
    intent.matter = {"retries", "Ada", parse_due("2026-03-01").value(), "a decision"};
    return intent;
  }
  static Intent assumption(std::string_view who, std::string about) {
    Intent intent{StatementKind::assumption, "work"};
    intent.by = key_named(who).id();
    intent.matter.what = "sizes are bytes";
    intent.about = {std::move(about)};
    return intent;
  }
  static Intent closure(std::string_view who, DeferralId id) {
    Intent intent{StatementKind::closure};
    intent.by = key_named(who).id();
    intent.deferral = id;
    intent.reason = "decided";
    return intent;
  }
  Draft drafted(const Intent& intent) {
    auto draft = draft_word(deps(), run_, intent);
    EXPECT_TRUE(draft) << (draft ? "" : draft.error().text());
    return draft ? *std::move(draft) : Draft{};
  }
  static crypto::DsseEnvelope by(std::string_view who, const Draft& draft) {
    return identity::make_statement(draft.statement, key_named(who)).value();
  }
  // The error's text; empty: it was taken.
  std::string refusal(std::string_view who, const Draft& draft) {
    const auto taken = take_word(deps(), run_, by(who, draft), draft.matter);
    return taken ? "" : taken.error().text();
  }
  std::string draft_refusal(const Intent& intent) {
    const auto draft = draft_word(deps(), run_, intent);
    return draft ? "" : draft.error().text();
  }
  RunRow row() { return room_.state_of(run_).run; }

  EngineRoom room_;
  identity::Trust trust_ = identity::sample_trust();
  identity::Authority authority_{trust_, key_named("runner").public_key()};
  RunId run_;
};

TEST_F(DeferralActsTest, StandUntilAMaintainerSignsThatTheyAreSettled) {
  const Draft draft = drafted(deferral("agent"));
  ASSERT_EQ(refusal("agent", draft), "");
  ASSERT_EQ(row().deferrals.size(), 1u);
  EXPECT_EQ(row().deferrals[0], draft.matter.deferral);
  EXPECT_EQ(row().deferrals[0].by, key_named("agent").id().hex);
  const DeferralId id = row().deferrals[0].id;
  const Draft early = drafted(closure("agent", id));
  EXPECT_TRUE(refusal("agent", early).starts_with("not_permitted")) << refusal("agent", early);
  EXPECT_TRUE(row().deferrals[0].is_open);
  EXPECT_EQ(refusal("alice", drafted(closure("alice", id))), "");
  EXPECT_FALSE(row().deferrals[0].is_open);
  EXPECT_EQ(row().deferrals[0].closed_because, "decided");
  EXPECT_EQ(draft_refusal(closure("alice", id)),
            "conflict: deferral " + id.text() + " is closed already");
}

TEST_F(DeferralActsTest, AreRecordedOnceHoweverOftenTheSameEnvelopeIsSent) {
  const Draft draft = drafted(deferral("agent"));
  const auto word = by("agent", draft);
  const auto first = take_word(deps(), run_, word, draft.matter);
  const auto again = take_word(deps(), run_, word, draft.matter);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(again->digest, first->digest);
  EXPECT_EQ(row().deferrals.size(), 1u);
}

TEST_F(DeferralActsTest, MayBeDraftedSideBySide) {
  Intent other = deferral("bob");
  other.matter.what = "time-outs";
  const Draft first = drafted(deferral("agent"));
  const Draft second = drafted(other);
  EXPECT_EQ(refusal("agent", first), "");
  EXPECT_EQ(refusal("bob", second), "") << "it was drafted before the first was taken";
  EXPECT_EQ(row().deferrals.size(), 2u);
  const Draft same = drafted(deferral("agent"));
  EXPECT_NE(same.matter.deferral->id, first.matter.deferral->id) << "it is another matter";
}

TEST_F(DeferralActsTest, AreTakenAsTheyWereSignedOrNotAtAll) {
  const Draft draft = drafted(deferral("agent"));
  Draft changed = draft;
  changed.matter.deferral->owner = "Eve";
  EXPECT_TRUE(refusal("agent", changed).contains("is not about the deferral beside it"));
  Draft bare = draft;
  bare.matter.deferral.reset();
  EXPECT_TRUE(refusal("agent", bare).contains("is not about the deferral beside it"));
  EXPECT_TRUE(refusal("bob", draft).contains("signed by another key than it names"));
  EXPECT_TRUE(refusal("mallory", draft).contains("is not in the trust of this run"));
  // Signed as it stands, and yet no deferral of this run.
  const auto signed_as = [&](const auto& change) {
    Draft own = draft;
    change(*own.matter.deferral);
    own.statement.subject = subject_of(*own.matter.deferral).value();
    return refusal("agent", own);
  };
  const char* const kNone = "this is no deferral of the run as it stands";
  EXPECT_TRUE(
      signed_as([](Deferral& d) { d.id = {Uuid::v5(kWritNamespace, "x")}; }).contains(kNone));
  EXPECT_TRUE(signed_as([](Deferral& d) { d.invariant = "INV-9"; }).contains(kNone));
  EXPECT_TRUE(signed_as([](Deferral& d) { d.what = "other"; }).contains(kNone));
  EXPECT_TRUE(signed_as([](Deferral& d) { d.owner.clear(); }).contains("the owner is missing"));
  EXPECT_TRUE(signed_as([](Deferral& d) {
                d.by = key_named("bob").id().hex;
              }).contains("signed by another key than it names"));
  EXPECT_EQ(row().deferrals.size(), 0u);
}

TEST_F(DeferralActsTest, StandInsteadOfAnAssumptionThatTouchesAnInvariant) {
  const Draft harmless = drafted(assumption("agent", "src/names.cc"));
  EXPECT_EQ(refusal("agent", harmless), "");
  ASSERT_EQ(row().assumptions.size(), 1u);
  EXPECT_EQ(row().assumptions[0], harmless.matter.assumption);
  const Draft instead = drafted(assumption("agent", "src/sums/add.cc"));
  EXPECT_EQ(instead.statement.kind, StatementKind::deferral);
  ASSERT_EQ(refusal("agent", instead), "");
  ASSERT_EQ(row().deferrals.size(), 1u);
  const RunRow now = row();
  const Deferral& deferral = now.deferrals[0];
  EXPECT_EQ(deferral.invariant, "INV-1");
  EXPECT_EQ(deferral.what, "assumed: sizes are bytes");
  EXPECT_EQ(deferral.owner, "agent") << "who assumed it";
  EXPECT_EQ(deferral.unblocker, "a decision about invariant INV-1: sums are exact");
  EXPECT_EQ(to_rfc3339(deferral.due), "2026-01-08T00:00:00.000000Z");
  // Whoever signs the assumption all the same is refused.
  Draft forced = harmless;
  forced.matter.assumption->about = {"INV-1"};
  forced.statement.subject = subject_of(*forced.matter.assumption).value();
  EXPECT_TRUE(refusal("agent", forced).contains("touches invariant INV-1 (sums are exact)"));
  EXPECT_EQ(row().assumptions.size(), 1u);
}

TEST_F(DeferralActsTest, AreNotDraftedWhereSomethingIsMissing) {
  Intent intent = deferral("agent");
  intent.by = {};
  EXPECT_EQ(draft_refusal(intent), "invalid_input: it is not said who is going to sign");
  intent = deferral("agent");
  intent.matter.due.reset();
  EXPECT_EQ(draft_refusal(intent), "invalid_input: the date is missing");
  intent = deferral("agent");
  intent.matter.unblocker.clear();
  EXPECT_EQ(draft_refusal(intent), "invalid_input: what unblocks it is missing");
  intent = assumption("agent", "src/a.cc");
  intent.about.clear();
  EXPECT_EQ(draft_refusal(intent), "invalid_input: the assumption does not say what it is about");
  intent = assumption("agent", std::string(5000, 'x'));
  EXPECT_EQ(draft_refusal(intent), "invalid_input: what it is about is longer than 4096 bytes");
  intent = closure("alice", {Uuid::v5(kWritNamespace, "none")});
  EXPECT_TRUE(draft_refusal(intent).starts_with("not_found: the run has no deferral"));
  run_ = start("stop");
  EXPECT_EQ(draft_refusal(assumption("agent", "src/a.cc")),
            "not_permitted: the law of this run says stop where something is ambiguous");
  ASSERT_TRUE(room_.engine().cancel(run_));
  EXPECT_TRUE(draft_refusal(deferral("agent")).contains("has ended: it is cancelled"));
}

}  // namespace
}  // namespace writ::execution
