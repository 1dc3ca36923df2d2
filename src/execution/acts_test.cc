#include "execution/acts.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "execution/testing/engine_room.h"
#include "identity/testing/people.h"

namespace writ::execution {
namespace {

using identity::key_named;
using identity::Statement;
using identity::StatementKind;
using protocol::StepKind;

constexpr std::chrono::minutes kMinute{1};

protocol::PlanStep step_for(std::string path, StepKind kind, std::string by) {
  protocol::PlanStep step = step_named(std::move(path));
  step.kind = kind;
  step.writes_tree = false;
  step.with = Object{{"by", by}};
  return step;
}

// A run in which `review` waits for a maintainer, and `port` for an agent and its notes.
class ActsTest : public testing::Test {
 protected:
  void SetUp() override {
    protocol::PlanStep port = step_for("port", StepKind::external, "role:agent");
    port.evidence = {{"file", "notes.txt", true}};
    const auto waits = [](const StepContext&) {
      StepResult result;
      result.verdict = Verdict::waiting;
      return result;
    };
    room_.executor.scripts = {{"review", waits}, {"port", waits}};
    run_ = start(plan_of({step_for("review", StepKind::approval, "role:maintainer"), port}, false));
  }

  RunId start(protocol::Plan plan) {
    Engine engine = room_.engine();
    const auto run =
        engine.start(std::move(plan), {crypto::sha256("base").hex(), "", false, "", {}});
    EXPECT_TRUE(run && engine.drive(*run, {})) << (run ? "" : run.error().text());
    return run ? *run : RunId{};
  }

  ActDeps deps() { return {room_.journal_deps(), room_.workspace, authority_}; }
  Statement drafted(const Intent& intent) { return draft_word(deps(), run_, intent)->statement; }
  Statement approval() { return drafted({StatementKind::approval, "review"}); }
  crypto::DsseEnvelope by(std::string_view who, const Statement& said) {
    return identity::make_statement(said, key_named(who)).value();
  }
  // The error's text; empty: it was taken.
  std::string refusal(const crypto::DsseEnvelope& word) {
    const auto taken = take_word(deps(), run_, word);
    return taken ? "" : taken.error().text();
  }
  // The payload of the newest event of `type`.
  Value newest(std::string_view type) {
    Value found;
    const auto events = room_.ledger->of_run(run_);
    EXPECT_TRUE(events) << (events ? "" : events.error().text());
    for (const ledger::Event& event : *events) {
      if (event.entry.type == type) found = parse_json(event.entry.payload).value();
    }
    return found;
  }
  std::uint64_t events() { return room_.state_of(run_).run.next_seq; }

  EngineRoom room_;
  identity::Trust trust_ = identity::sample_trust();
  identity::Authority authority_{trust_, key_named("runner").public_key()};
  RunId run_;
};

TEST_F(ActsTest, TakesTheTimeOfReceiptFromItsOwnClock) {
  const auto word = by("alice", approval());
  room_.clock.advance(30 * kMinute);
  const auto taken = take_word(deps(), run_, word);
  ASSERT_TRUE(taken) << taken.error().text();
  EXPECT_EQ(to_rfc3339(taken->statement.at), "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(taken->received), "2026-01-01T00:30:00.000000Z");
  const auto rows = Journal::open(room_.journal_deps(), run_)->statements().value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at, taken->received);
  const Value event = newest("writ.approval.given");
  EXPECT_EQ(event.string_or("received", ""), "2026-01-01T00:30:00.000000Z");
  EXPECT_EQ(event.string_or("statement", ""), taken->digest);
  EXPECT_EQ(event.string_or("by", ""), key_named("alice").id().hex);
}

TEST_F(ActsTest, RefusesAWordThatIsDatedFarFromItsReceipt) {
  Statement late = approval();
  Statement early = late;
  late.at.micros -= identity::kMaxBehindMicros + 1;
  early.at.micros += identity::kMaxAheadMicros + 1;
  EXPECT_EQ(refusal(by("alice", late)),
            "not_permitted: the statement is dated too long ago: 2025-12-31T22:59:59.999999Z, and "
            "it was received at 2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(refusal(by("alice", early)),
            "not_permitted: the statement is dated in the future: 2026-01-01T00:05:00.000001Z, and "
            "it was received at 2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(newest("writ.approval.refused").string_or("by", ""), key_named("alice").id().hex);
}

TEST_F(ActsTest, AnswersTheSameEnvelopeTheSameWayWhateverBecameOfTheRun) {
  const auto word = by("alice", approval());
  const auto first = take_word(deps(), run_, word);
  ASSERT_TRUE(first) << first.error().text();
  ASSERT_TRUE(room_.engine().cancel(run_));
  const std::uint64_t events_before = events();
  room_.clock.advance(600 * kMinute);
  const auto again = take_word(deps(), run_, word);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->digest, first->digest);
  EXPECT_EQ(again->received, first->received);
  EXPECT_EQ(again->statement, first->statement);
  EXPECT_EQ(events(), events_before);
}

TEST_F(ActsTest, AddsNothingWhenTheSameWordIsSignedAgain) {
  const auto first = take_word(deps(), run_, by("alice", approval()));
  ASSERT_TRUE(first) << first.error().text();
  room_.clock.advance(kMinute);
  const std::uint64_t events_before = events();
  const auto again = take_word(deps(), run_, by("alice", approval()));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->digest, first->digest) << "it is the first one that stands";
  EXPECT_EQ(events(), events_before);
}

TEST_F(ActsTest, BelievesNoKeyWhoseSignatureDoesNotHold) {
  const Statement said = approval();
  ASSERT_EQ(refusal(by("alice", said)), "");
  crypto::DsseEnvelope forged = by("mallory", said);
  forged.signatures[0].key_id = key_named("alice").id().hex;
  EXPECT_TRUE(refusal(forged).starts_with("signature_bad: the signature by")) << refusal(forged);
  EXPECT_EQ(newest("writ.approval.refused").string_or("by", "?"), "")
      << "nobody is named whose word it was not";
  EXPECT_TRUE(refusal(by("mallory", said)).contains("is not in the trust of this run"));
}

TEST_F(ActsTest, RefusesAWordAboutAnotherRun) {
  const auto word = by("alice", approval());
  run_ = start(plan_of({step_for("review", StepKind::approval, "role:maintainer")}));
  EXPECT_EQ(refusal(word), "not_permitted: this approval is for another run");
}

TEST_F(ActsTest, KeepsAClaimAsTheSignedWordThatItIs) {
  const auto taken = take_word(deps(), run_, by("agent", drafted({StatementKind::claim, "port"})));
  ASSERT_TRUE(taken) << taken.error().text();
  EXPECT_EQ(room_.state_of(run_).steps[1].claimed_by, key_named("agent").id().hex);
  EXPECT_EQ(newest("writ.step.claimed").string_or("statement", ""), taken->digest);
  Intent other{StatementKind::claim, "port"};
  other.by = key_named("bob").id();
  const auto refused = draft_word(deps(), run_, other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(),
            "conflict: step port is claimed by key " + key_named("agent").id().hex.substr(0, 16));
}

TEST_F(ActsTest, TakesASubmissionOnceItsBytesAreThere) {
  Intent intent{StatementKind::submission, "port"};
  intent.evidence = {{"file", "notes.txt", crypto::sha256("notes")}};
  const auto word = by("agent", drafted(intent));
  EXPECT_EQ(refusal(word), "invalid_input: the bytes of notes.txt are not there: " +
                               crypto::sha256("notes").hex());
  ASSERT_TRUE(room_.blobs->put("notes"));
  EXPECT_EQ(refusal(word), "");
  EXPECT_EQ(newest("writ.submission.accepted").string_or("by", ""), key_named("agent").id().hex);
}

}  // namespace
}  // namespace writ::execution
