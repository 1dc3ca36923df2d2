#include "execution/run_archive.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "execution/attest.h"
#include "execution/default_check.h"
#include "execution/testing/engine_room.h"
#include "execution/verify.h"
#include "identity/testing/people.h"

namespace writ::execution {
namespace {

// A run with an event, evidence with a blob, a decision and a blocker of its own.
class RunArchiveTest : public testing::Test {
 protected:
  RunArchiveTest() {
    PlanStep step = step_named("test");
    Document document{"spec.yaml", "tests.failed == 0", Value("tests.failed == 0")};
    std::vector<Diagnostic> diagnostics;
    step.gate = policy::compile_gate(document, document.root, diagnostics);
    step.gate_over = {"test"};
    step.blocks = protocol::BlockerKind::SPEC_BLOCKER;
    room_.executor.scripts["test"] = [this](const StepContext&) { return failed_tests(); };
    Engine engine = room_.engine();
    const std::string runner = identity::key_named("runner").public_key().id().hex;
    run_ = *engine.start(plan_of({step, step_named("after")}),
                         {"base", trust_.digest().hex(), false, runner, {}});
    EXPECT_EQ(engine.drive(run_, {})->outcome, Outcome::blocked);
  }

  StepResult failed_tests() {
    StepResult result;
    evidence::Draft draft;
    draft.kind = evidence::Kind::tests;
    draft.name = "junit.xml";
    draft.data = Object{{"proves", Array{}}};
    draft.facts = {{"tests.failed", Value(1)}};
    draft.blobs = {*room_.blobs->put("the report")};
    result.evidence.push_back(std::move(draft));
    return result;
  }

  RunArchive load() {
    auto archive = load_archive(room_.journal_deps(), run_, trust_, identity::key_named("runner"));
    EXPECT_TRUE(archive.has_value()) << (archive ? "" : archive.error().text());
    return *std::move(archive);
  }

  using PlanStep = protocol::PlanStep;
  EngineRoom room_;
  identity::Trust trust_ = identity::sample_trust();
  RunId run_;
};

TEST_F(RunArchiveTest, HoldsAllThatIsKeptOfTheRun) {
  const RunArchive archive = load();
  EXPECT_EQ(archive.state, room_.state_of(run_));
  EXPECT_EQ(archive.plan.digest(), archive.state.run.plan);
  ASSERT_EQ(archive.events.size(), archive.state.run.next_seq - 1);
  EXPECT_EQ(archive.events.front().entry.type, "writ.run.started");
  EXPECT_EQ(archive.events.back().entry.type, "writ.blocker.raised");
  EXPECT_EQ(archive.receipts.size(), archive.events.size());
  ASSERT_EQ(archive.records.size(), 1u);
  EXPECT_EQ(archive.records[0].name, "junit.xml");
  ASSERT_EQ(archive.decisions.size(), 1u);
  EXPECT_FALSE(archive.decisions[0].decision.open);
  EXPECT_FALSE(archive.attestation.has_value());
  const auto blob = archive.read_blob(archive.records[0].blobs.at(0).digest);
  ASSERT_TRUE(blob.has_value());
  EXPECT_EQ(*blob, "the report");
}

TEST_F(RunArchiveTest, ComesBackOutOfABundleAsItWas) {
  const RunArchive archive = load();
  const auto bytes = to_bundle(archive);
  ASSERT_TRUE(bytes.has_value()) << bytes.error().text();
  const auto bundle = evidence::parse_bundle(*bytes);
  ASSERT_TRUE(bundle.has_value());
  const auto again = from_bundle(*bundle);
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_EQ(again->state, archive.state);
  EXPECT_EQ(again->plan.digest(), archive.plan.digest());
  EXPECT_EQ(again->trust.digest(), archive.trust.digest());
  EXPECT_EQ(again->records.at(0).digest(), archive.records.at(0).digest());
  EXPECT_EQ(*again->decisions.at(0).digest(), *archive.decisions.at(0).digest());
  EXPECT_EQ(*again->read_blob(archive.records[0].blobs.at(0).digest), "the report");
  EXPECT_EQ(*to_bundle(*again), *bytes) << "the same bytes once more";
}

TEST_F(RunArchiveTest, RefusesMembersThatSayMoreThanTheyMean) {
  const RunArchive archive = load();
  const auto bytes = to_bundle(archive);
  const auto bundle = evidence::parse_bundle(*bytes);
  ASSERT_TRUE(bundle.has_value());
  for (const std::string_view changed : {"plan.json", "run.json", "events.jsonl", "decisions.jsonl",
                                         "evidence.jsonl", "receipts.jsonl"}) {
    evidence::BundleWriter writer;
    for (const std::string_view name : bundle->names()) {
      if (name.starts_with("blobs/")) continue;
      std::string text(*bundle->get(name));
      // A space is no change of meaning, and yet not what a writer makes.
      if (name == changed) text.insert(text.find(':') + 1, " ");
      ASSERT_TRUE(writer.add(name, std::move(text)));
    }
    writer.add_blob("the report");
    const auto forged = evidence::parse_bundle(*writer.finish());
    ASSERT_TRUE(forged.has_value()) << changed;
    const auto refused = from_bundle(*forged);
    ASSERT_FALSE(refused.has_value()) << changed;
    EXPECT_EQ(refused.error().code, Code::tampered) << changed;
  }
}

TEST_F(RunArchiveTest, RefusesDecisionsWhoseGateOrFactsCannotBeRead) {
  const Value kept = load().decisions.at(0).to_value();
  const auto refused = [&](std::string_view member, std::string_view json) {
    Value damaged = kept;
    damaged.as_object().set(std::string(member), parse_json(json).value());
    const auto read = DecisionRecord::from_value(damaged);
    EXPECT_FALSE(read) << json;
    EXPECT_EQ(read.error().code, Code::tampered) << json;
    return read.error().message;
  };
  EXPECT_EQ(
      refused("facts", R"({"format":"writ.facts/v9"})"),
      "the facts kept for step test cannot be read: this is no facts/v1 document: `format` is not "
      "writ.facts/v1");
  EXPECT_EQ(refused("table", R"({"module":"package g","format":"writ.rego-gate/v1"})"),
            "the gate kept for step test cannot be read: this is no gate in Rego: no rule of "
            "this module opens the gate");
}

// What the machine that verifies gives up is no sign of a forger.
TEST_F(RunArchiveTest, SaysOfADecisionThatItCannotCheckThatItCannot) {
  RunArchive archive = load();
  DecisionRecord& record = archive.decisions.at(0);
  record.gate =
      policy::Gate::from_value(
          Object{
              {"format", "writ.rego-gate/v1"},
              {"module",
               "package g\nn := numbers.range(1, 1000)\nallow if {\n\tsome a in n\n\tsome b in n\n"
               "\tsome c in n\n\ta + b + c < input.facts[\"tests.failed\"]\n}"}})
          .value();
  const auto bundle = evidence::parse_bundle(*to_bundle(archive));
  ASSERT_TRUE(bundle.has_value());
  const auto unknown = from_bundle(*bundle);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, Code::unavailable);
  EXPECT_EQ(unknown.error().message,
            "the decision of a gate cannot be checked here: the gate's policy has no answer: "
            "eval_cancel_error: query took too many steps");
  EXPECT_EQ(unknown.error().contexts.at(0), "replaying the decision kept for step test");
}

// The check of a law that names none, as it once was.
TEST_F(RunArchiveTest, VerifiesByTheDefaultCheckOfItsTime) {
  RunArchive archive = load();
  const auto judged_by = [&](const std::string& module) {
    DecisionRecord record;
    record.step = kDefaultCheck;
    record.gate =
        policy::Gate::from_value(Object{{"format", "writ.rego-gate/v1"}, {"module", module}})
            .value();
    record.facts = archive.decisions.at(0).facts;
    record.facts.facts["steps.unfinished"] = {0, {}};
    record.decision = policy::evaluate(record.gate, record.facts);
    archive.decisions.push_back(record);
    auto found = verify_run(archive, trust_);
    archive.decisions.pop_back();
    return found ? std::to_string(found->decisions) + " decisions" : found.error().text();
  };
  const std::string first =
      "# The gate of a run whose law names no check of its own: every step before it has passed.\n"
      "package writ.gate\n\ndefault allow := false\n\n"
      "allow if input.facts[\"steps.unfinished\"] == 0\n";
  EXPECT_EQ(judged_by(first), "2 decisions");
  EXPECT_EQ(judged_by(default_check().value().rego()->module), "2 decisions");
  EXPECT_EQ(judged_by(first + "# laxer\n"),
            "tampered: the default check was judged by another gate");
}

TEST_F(RunArchiveTest, RefusesARunWhoseAttestationIsGone) {
  auto journal = Journal::open(room_.journal_deps(), run_);
  ASSERT_TRUE(journal->stage(
      run_ended(RunStatus::attested, crypto::sha256("nowhere").hex(), std::nullopt)));
  ASSERT_TRUE(journal->flush());
  const auto archive =
      load_archive(room_.journal_deps(), run_, trust_, identity::key_named("runner"));
  ASSERT_FALSE(archive.has_value());
  EXPECT_EQ(archive.error().code, Code::tampered);
  EXPECT_NE(archive.error().message.find("the attestation"), std::string::npos);
}

TEST_F(RunArchiveTest, RefusesARunThatIsNotThere) {
  const auto archive = load_archive(room_.journal_deps(), RunId{Uuid::v5(run_.uuid, "x")}, trust_,
                                    identity::key_named("runner"));
  ASSERT_FALSE(archive.has_value());
  EXPECT_EQ(archive.error().code, Code::not_found);
}

}  // namespace
}  // namespace writ::execution
