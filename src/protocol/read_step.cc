#include "protocol/read_step.h"

#include <algorithm>

#include "base/suggest.h"
#include "protocol/check_names.h"
#include "protocol/enum_text.h"
#include "protocol/parse_gate.h"
#include "protocol/read_step_kinds.h"

namespace writ::protocol {
namespace {

// The key that says what a step does, and what reads it.
struct KindRow {
  std::string_view key;
  StepKind kind;
  void (*read)(Reading&, const Value& step, const Value& what, PlanStep&);
};
constexpr KindRow kKinds[] = {
    {"approval", StepKind::approval, &read_approval}, {"check", StepKind::check, &read_check},
    {"external", StepKind::external, &read_external}, {"run", StepKind::run, &read_run},
    {"spec", StepKind::spec, &read_child_spec},       {"wait", StepKind::wait, &read_wait},
};

// Keys that only one kind of step understands.
struct OwnedKey {
  std::string_view key;
  StepKind kind;
};
constexpr OwnedKey kOwnedKeys[] = {
    {"dir", StepKind::run},    {"env", StepKind::run},     {"env_allow", StepKind::run},
    {"limits", StepKind::run}, {"sandbox", StepKind::run}, {"secrets", StepKind::run},
    {"shell", StepKind::run},  {"with", StepKind::check},
};

const KindRow* find_kind(Reading& reading, const Value& value) {
  const KindRow* found = nullptr;
  for (const KindRow& row : kKinds) {
    if (value.find(row.key) == nullptr) continue;
    if (found != nullptr) {
      reading.report(value.find(row.key)->at(),
                     "a step does one thing, and this one has both `" + std::string(found->key) +
                         "` and `" + std::string(row.key) + "`",
                     "Make two steps of it");
      return found;
    }
    found = &row;
  }
  if (found == nullptr) {
    reading.report(value.at(), "this step does nothing",
                   "Give it one of run, check, approval, external, wait or spec");
  }
  return found;
}

void check_owned_keys(Reading& reading, const Value& value, StepKind kind) {
  for (const OwnedKey& owned : kOwnedKeys) {
    const Value* member = value.find(owned.key);
    if (member == nullptr || owned.kind == kind) continue;
    reading.report(member->at(),
                   "`" + std::string(owned.key) + "` belongs to `" +
                       std::string(to_text(owned.kind)) + "` steps",
                   "Leave it out of this `" + std::string(to_text(kind)) + "` step");
  }
}

void read_evidence(Reading& reading, const Value& value, PlanStep& step) {
  const Value* evidence = value.find("evidence");
  if (evidence == nullptr || !evidence->is_object()) return;
  if (step.kind == StepKind::approval || step.kind == StepKind::wait) {
    reading.report(evidence->at(),
                   "an `" + std::string(to_text(step.kind)) + "` step declares no evidence",
                   "Declare it on the step that makes it");
  }
  for (const Member& member : evidence->as_object()) {
    for (std::string& path : reading.paths(&member.value)) {
      step.evidence.push_back({member.key, std::move(path), true});
    }
  }
}

// Whoever does the step hands in what it declares; with nothing declared it could never be done.
void expect_evidence(Reading& reading, const Value& value, const PlanStep& step) {
  if (step.kind != StepKind::external || value.find("evidence") != nullptr) return;
  reading.report(value.at(), "an external step says what evidence it asks for",
                 "Add `evidence: {file: <path>}`, or tests or benchmark");
}

void read_retry(Reading& reading, const Value& value, PlanStep& step) {
  const Value* retry = value.find("retry");
  if (retry == nullptr) return;
  step.retry.max =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(retry->integer_or("max", 0), 0, 1'000));
  step.retry.on = Reading::texts(retry->find("on"));
  if (step.retry.on.empty()) step.retry.on = {"timeout", "exit", "signal", "unavailable"};
  std::ranges::sort(step.retry.on);
  if (const auto backoff = reading.duration(retry->find("backoff"))) step.retry.backoff = *backoff;
  if (const auto limit = reading.duration(retry->find("backoff_limit"))) {
    step.retry.backoff_limit = *limit;
  }
}

void read_gate(Reading& reading, const Value& value, StepSource& source) {
  if (const Value* gate = value.find("gate")) {
    source.gate_at = gate->at();
    source.step.gate = parse_gate(reading, *gate);
  }
  if (const Value* over = value.find("over")) {
    source.over = Reading::names(over);
    if (value.find("gate") == nullptr) {
      reading.report(over->at(), "`over` says whose evidence a gate sees, and there is no gate",
                     "Add `gate`, or leave `over` out");
    }
  }
}

}  // namespace

StepSource read_step(Reading& reading, const Value& value) {
  StepSource source;
  PlanStep& step = source.step;
  step.origin = reading.origin(value.at());
  step.authority = reading.source().authority;
  if (const KindRow* row = find_kind(reading, value)) {
    step.kind = row->kind;
    row->read(reading, value, *value.find(row->key), step);
    check_owned_keys(reading, value, step.kind);
  }
  if (const std::string_view title = value.string_or("title", ""); !title.empty()) {
    step.title = title;
  }
  step.timeout = reading.duration(value.find("timeout"));
  read_retry(reading, value, step);
  read_evidence(reading, value, step);
  expect_evidence(reading, value, step);
  read_gate(reading, value, source);
  step.inputs = reading.paths(value.find("inputs"));
  step.is_repeatable = value.bool_or("repeatable", true);
  BlockerKind blocks{};
  if (parse_text(value.string_or("blocks", ""), blocks)) step.blocks = blocks;
  if (const Value* needs = value.find("needs")) source.needs = Reading::names(needs);
  if (const Value* writes = value.find("writes"); writes != nullptr && writes->is_bool()) {
    source.writes = writes->as_bool();
  }
  return source;
}

}  // namespace writ::protocol
