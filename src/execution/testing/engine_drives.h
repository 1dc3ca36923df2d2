#pragma once
// What tests of the engine have steps say, and drives of an EngineRoom's runs.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "execution/engine.h"
#include "execution/testing/engine_room.h"

namespace writ::execution {

inline StepResult failed(std::string failure) {
  StepResult result;
  result.verdict = Verdict::failed;
  result.failure = std::move(failure);
  result.reason = "said so";
  return result;
}

inline evidence::Draft tests_draft(int passed, int failures) {
  evidence::Draft draft;
  draft.kind = evidence::Kind::tests;
  draft.name = "junit.xml";
  draft.data = Object{{"proves", Array{}}};
  draft.facts = {{"tests.passed", Value(passed)}, {"tests.failed", Value(failures)}};
  return draft;
}

inline policy::Gate gate_of(std::string_view text) {
  Document document{"spec.yaml", std::string(text), Value(text)};
  std::vector<Diagnostic> diagnostics;
  const auto table = policy::compile_gate(document, document.root, diagnostics);
  EXPECT_TRUE(table.has_value());
  return *table;
}

inline protocol::PlanStep gated(std::string path, std::string_view gate) {
  protocol::PlanStep step = step_named(std::move(path));
  step.gate = gate_of(gate);
  step.gate_over = {step.path};
  return step;
}

inline Standing start_and_drive(EngineRoom& room, protocol::Plan plan, RunId* run = nullptr) {
  Engine engine = room.engine();
  const auto id = engine.start(std::move(plan), {"base", "trust", false, "runner", {}});
  EXPECT_TRUE(id.has_value()) << (id ? "" : id.error().text());
  if (run != nullptr) *run = *id;
  const auto standing = engine.drive(*id, {});
  EXPECT_TRUE(standing.has_value()) << (standing ? "" : standing.error().text());
  return standing ? *standing : Standing{};
}

inline Standing drive(EngineRoom& room, RunId run) {
  const auto standing = room.engine().drive(run, {});
  EXPECT_TRUE(standing.has_value()) << (standing ? "" : standing.error().text());
  return standing ? *standing : Standing{};
}

using Ran = std::vector<std::string>;

// What the agent of the step `port` hands in.
inline void hand_in(EngineRoom& room, RunId run) {
  auto journal = Journal::open(room.journal_deps(), run);
  const std::uint32_t attempt = journal->state().steps[0].attempt;
  ASSERT_TRUE(journal->stage(
      statement_recorded("writ.submission.accepted", "port", attempt, "key", "digest")));
  Attachments attachments;
  attachments.statements.push_back(
      {"port", attempt, "submission", "key", room.workspace.tree()->digest.hex(), "{}", {}});
  journal->attach(std::move(attachments));
  ASSERT_TRUE(journal->flush());
}

}  // namespace writ::execution
