#include "execution/transition.h"

#include <algorithm>

namespace writ::execution {
namespace {

constexpr bool is_one_of(StepStatus status, std::initializer_list<StepStatus> any) {
  return std::find(any.begin(), any.end(), status) != any.end();
}

std::unexpected<Error> cannot_follow(const Transition& t, std::string_view why) {
  return fail(Code::conflict,
              t.type + " of step " + t.step + " cannot follow: " + std::string(why));
}

// The attempt that a payload speaks of must be the step's current one.
Result<void> expect_attempt(const Transition& t, const StepState& step) {
  const auto attempt = t.payload.integer_or("attempt", -1);
  if (attempt == static_cast<std::int64_t>(step.attempt)) return {};
  return cannot_follow(t, "it is of attempt " + std::to_string(attempt) + ", the step is at " +
                              std::to_string(step.attempt));
}

void observe_tree(RunState& state, const std::string& tree) {
  if (!tree.empty()) state.run.tree = tree;
}

Result<void> apply_run_started(RunState& state, const StepPlaces& places, const Transition& t) {
  WRIT_TRY(state.run, run_row_from_value(t.payload));
  state.steps.assign(places.size(), StepState{});
  state.blockers.clear();
  return {};
}

Result<void> apply_run_ended(RunState& state, const Transition& t) {
  Value row = Object{{"id", state.run.id.text()}, {"status", t.payload.string_or("status", "")}};
  WRIT_TRY(const RunRow parsed, run_row_from_value(row));
  state.run.status = parsed.status;
  state.run.attestation = t.payload.string_or("attestation", "");
  const std::string_view by = t.payload.string_or("by", "");
  if (!by.empty()) {
    WRIT_TRY(const RunId superseded_by, RunId::parse(by));
    state.run.superseded_by = superseded_by;
  }
  return {};
}

Result<void> apply_started(RunState& state, StepState& step, const Transition& t) {
  if (step.status != StepStatus::pending) return cannot_follow(t, "the step is not pending");
  const auto attempt = static_cast<std::uint32_t>(t.payload.integer_or("attempt", 0));
  if (attempt != step.attempt + 1) return cannot_follow(t, "its attempt is not the next one");
  StepState next;
  next.status = StepStatus::running;
  next.attempt = attempt;
  next.fence = static_cast<std::uint64_t>(t.payload.integer_or("fence", 0));
  const std::string tree(t.payload.string_or("tree", ""));
  next.tree_before = t.payload.string_or("before", tree);
  next.since = WallTime{t.payload.integer_or("since", 0)};
  WRIT_TRY(next.evidence, evidence_refs_from_value(t.payload));
  observe_tree(state, tree);
  step = std::move(next);
  return {};
}

Result<void> apply_completed(RunState& state, StepState& step, const Transition& t) {
  if (!is_one_of(step.status, {StepStatus::running, StepStatus::waiting})) {
    return cannot_follow(t, "the step is neither running nor waiting");
  }
  WRIT_CHECK(expect_attempt(t, step));
  WRIT_TRY(StepState next, step_state_from_value(t.payload));
  next.fence = step.fence;
  next.since = step.since;
  next.claimed_by = step.claimed_by;
  if (next.wake) next.status = StepStatus::pending;  // failed, tried again by itself
  state.run.active_ms += next.elapsed_ms;
  state.run.spent.tokens += next.spent.tokens;
  state.run.spent.micro_usd += next.spent.micro_usd;
  observe_tree(state, next.tree_after);
  step = std::move(next);
  return {};
}

Result<void> apply_waiting(RunState&, StepState& step, const Transition& t) {
  if (!is_one_of(step.status, {StepStatus::running, StepStatus::waiting})) {
    return cannot_follow(t, "the step is neither running nor waiting");
  }
  WRIT_CHECK(expect_attempt(t, step));
  step.status = StepStatus::waiting;
  step.reason = t.payload.string_or("reason", "");
  const std::int64_t wake = t.payload.integer_or("wake", 0);
  step.wake = wake == 0 ? std::nullopt : std::optional(WallTime{wake});
  return {};
}

Result<void> apply_reopened(RunState&, StepState& step, const Transition& t) {
  if (step.status == StepStatus::pending && !step.wake) {
    return cannot_follow(t, "the step is pending already");
  }
  StepState next;
  next.attempt = step.attempt;
  next.reason = t.payload.string_or("reason", "");
  next.tree_before = t.payload.string_or("owed_since", "");
  step = std::move(next);
  return {};
}

Result<void> apply_claimed(RunState&, StepState& step, const Transition& t) {
  if (step.status != StepStatus::waiting) return cannot_follow(t, "the step is not waiting");
  WRIT_CHECK(expect_attempt(t, step));
  step.claimed_by = t.payload.string_or("by", "");
  return {};
}

Result<void> apply_adopted(RunState&, StepState& step, const Transition& t) {
  if (step.status != StepStatus::pending || step.attempt != 0) {
    return cannot_follow(t, "the step has run here already");
  }
  WRIT_TRY(StepState next, step_state_from_value(t.payload));
  if (!next.adopted) return cannot_follow(t, "it does not say which run it is from");
  step = std::move(next);
  return {};
}

Result<void> apply_blocker_raised(RunState& state, StepState&, const Transition& t) {
  WRIT_TRY(Blocker blocker, blocker_from_value(t.payload));
  state.blockers.push_back(std::move(blocker));
  return {};
}

Result<void> apply_blocker_resolved(RunState& state, const Transition& t) {
  WRIT_TRY(const BlockerId id, BlockerId::parse(t.payload.string_or("id", "")));
  for (Blocker& blocker : state.blockers) {
    if (blocker.id != id) continue;
    if (!blocker.is_open) return cannot_follow(t, "the blocker is resolved already");
    blocker.is_open = false;
    blocker.resolved_by = t.payload.string_or("by", "");
    return {};
  }
  return cannot_follow(t, "there is no such blocker");
}

const Value& member_of(const Transition& t, std::string_view key) {
  static const Value kNothing;
  const Value* member = t.payload.find(key);
  return member != nullptr ? *member : kNothing;
}

Result<void> apply_deferral_recorded(RunState& state, const Transition& t) {
  WRIT_TRY(Deferral deferral, deferral_from_value(member_of(t, "deferral")));
  if (state.run.deferrals.size() >= kMaxOpenMatters) {
    return cannot_follow(t, "the run has too many deferrals");
  }
  const auto known = std::find_if(state.run.deferrals.begin(), state.run.deferrals.end(),
                                  [&](const Deferral& d) { return d.id == deferral.id; });
  if (known != state.run.deferrals.end()) return cannot_follow(t, "it is there already");
  state.run.deferrals.push_back(std::move(deferral));
  return {};
}

Result<void> apply_deferral_closed(RunState& state, const Transition& t) {
  WRIT_TRY(const DeferralId id, DeferralId::parse(t.payload.string_or("id", "")));
  for (Deferral& deferral : state.run.deferrals) {
    if (deferral.id != id) continue;
    if (!deferral.is_open) return cannot_follow(t, "the deferral is closed already");
    deferral.is_open = false;
    deferral.closed_by = t.payload.string_or("by", "");
    deferral.closed_because = t.payload.string_or("reason", "");
    return {};
  }
  return cannot_follow(t, "there is no such deferral");
}

Result<void> apply_assumption_recorded(RunState& state, const Transition& t) {
  WRIT_TRY(Assumption assumption, assumption_from_value(member_of(t, "assumption")));
  if (state.run.assumptions.size() >= kMaxOpenMatters) {
    return cannot_follow(t, "the run has too many assumptions");
  }
  state.run.assumptions.push_back(std::move(assumption));
  return {};
}

Result<void> apply_nothing(RunState&, StepState&, const Transition&) { return {}; }

using StepRule = Result<void> (*)(RunState&, StepState&, const Transition&);
struct StepEvent {
  std::string_view type;
  StepRule rule;
};

// Events about a step. What only records somebody's word changes no state.
constexpr StepEvent kStepEvents[] = {
    {"writ.approval.given", &apply_nothing},        {"writ.approval.refused", &apply_nothing},
    {"writ.blocker.raised", &apply_blocker_raised}, {"writ.gate.decided", &apply_nothing},
    {"writ.resolution.given", &apply_nothing},      {"writ.step.adopted", &apply_adopted},
    {"writ.step.claimed", &apply_claimed},          {"writ.step.completed", &apply_completed},
    {"writ.step.failed", &apply_completed},         {kStepReopened, &apply_reopened},
    {"writ.step.started", &apply_started},          {"writ.step.waiting", &apply_waiting},
    {"writ.submission.accepted", &apply_nothing},
};

Result<void> apply_tree_observed(RunState& state, const Transition& t) {
  observe_tree(state, std::string(t.payload.string_or("tree", "")));
  return {};
}

Result<void> apply_rule_overridden(RunState&, const Transition&) { return {}; }

// Events about the whole run, beside its beginning and its end.
struct RunEvent {
  std::string_view type;
  Result<void> (*rule)(RunState&, const Transition&);
};
constexpr RunEvent kRunEvents[] = {
    {"writ.assumption.recorded", &apply_assumption_recorded},
    {"writ.blocker.resolved", &apply_blocker_resolved},
    {"writ.deferral.closed", &apply_deferral_closed},
    {"writ.deferral.recorded", &apply_deferral_recorded},
    {"writ.rule.overridden", &apply_rule_overridden},
    {"writ.tree.observed", &apply_tree_observed},
};

bool is_end_of_run(std::string_view type) {
  constexpr std::string_view kEnds[] = {"writ.run.attested", "writ.run.cancelled",
                                        "writ.run.stopped", "writ.run.superseded"};
  return std::find(std::begin(kEnds), std::end(kEnds), type) != std::end(kEnds);
}

Result<void> apply_to_run(RunState& state, const StepPlaces& places, const Transition& t) {
  if (t.type == "writ.run.started") return apply_run_started(state, places, t);
  const auto row = std::find_if(std::begin(kRunEvents), std::end(kRunEvents),
                                [&](const RunEvent& e) { return e.type == t.type; });
  if (row != std::end(kRunEvents)) return row->rule(state, t);
  if (is_end_of_run(t.type)) return apply_run_ended(state, t);
  return fail(Code::tampered, "unknown event type " + t.type);
}

}  // namespace

Transition run_started(const RunRow& row) { return {"writ.run.started", "", to_value(row)}; }

Transition step_started(std::string_view step, std::uint32_t attempt, std::uint64_t fence,
                        std::string_view tree, WallTime at, const Baseline& baseline) {
  Object payload{{"attempt", attempt}, {"fence", fence}, {"tree", tree}, {"since", at.micros}};
  if (!baseline.tree.empty()) payload.append("before", baseline.tree);
  if (!baseline.evidence.empty()) payload.append("evidence", to_value(baseline.evidence));
  return {"writ.step.started", std::string(step), std::move(payload)};
}

Transition step_completed(std::string_view step, std::uint32_t attempt, const Completion& c) {
  StepState as;
  as.status = c.status;
  as.attempt = attempt;
  as.tree_before = c.tree_before;
  as.tree_after = c.tree_after;
  as.inputs = c.inputs;
  as.reason = c.reason;
  as.failure = c.failure;
  as.isolation = c.isolation;
  as.elapsed_ms = c.elapsed_ms;
  as.spent = c.spent;
  as.decision = c.decision;
  as.evidence = c.evidence;
  as.wake = c.retry_at;
  return {c.status == StepStatus::passed ? "writ.step.completed" : "writ.step.failed",
          std::string(step), to_value(as)};
}

Transition step_waiting(std::string_view step, std::uint32_t attempt, std::string_view reason,
                        std::optional<WallTime> wake) {
  Object payload{{"attempt", attempt}, {"reason", reason}};
  if (wake) payload.append("wake", wake->micros);
  return {"writ.step.waiting", std::string(step), std::move(payload)};
}

Transition step_reopened(std::string_view step, std::string_view reason,
                         std::string_view owed_since) {
  Object payload{{"reason", reason}};
  if (!owed_since.empty()) payload.append("owed_since", owed_since);
  return {std::string(kStepReopened), std::string(step), std::move(payload)};
}

Transition step_claimed(std::string_view step, std::uint32_t attempt, std::string_view by) {
  return {"writ.step.claimed", std::string(step), Object{{"attempt", attempt}, {"by", by}}};
}

Transition gate_decided(std::string_view step, std::uint32_t attempt, bool is_open,
                        std::string_view decision_digest) {
  return {"writ.gate.decided", std::string(step),
          Object{{"attempt", attempt}, {"open", is_open}, {"decision", decision_digest}}};
}

Transition step_adopted(std::string_view step, RunId from, const StepState& as) {
  StepState adopted = as;
  adopted.adopted = from;
  return {"writ.step.adopted", std::string(step), to_value(adopted)};
}

Transition blocker_raised(const Blocker& blocker) {
  return {"writ.blocker.raised", blocker.step, to_value(blocker)};
}

Transition blocker_resolved(BlockerId id, std::string_view by) {
  return {"writ.blocker.resolved", "", Object{{"id", id.text()}, {"by", by}}};
}

Transition statement_recorded(std::string_view type, std::string_view step, std::uint32_t attempt,
                              std::string_view by, std::string_view statement_digest) {
  return {std::string(type), std::string(step),
          Object{{"attempt", attempt}, {"by", by}, {"statement", statement_digest}}};
}

Transition deferral_recorded(const Deferral& deferral) {
  return {"writ.deferral.recorded", "",
          Object{{"deferral", to_value(deferral)}, {"by", deferral.by}}};
}

Transition deferral_closed(const Deferral& deferral, std::string_view by, std::string_view reason) {
  return {"writ.deferral.closed", "",
          Object{{"id", deferral.id.text()}, {"by", by}, {"reason", reason}}};
}

Transition assumption_recorded(const Assumption& assumption) {
  return {"writ.assumption.recorded", "",
          Object{{"assumption", to_value(assumption)}, {"by", assumption.by}}};
}

Transition rule_overridden(const protocol::ComposedRule& rule) {
  Array over;
  for (const protocol::Origin& origin : rule.overrode) over.emplace_back(origin.document);
  return {"writ.rule.overridden", "",
          Object{{"rule", rule.name},
                 {"value", rule.value},
                 {"document", rule.origin.document},
                 {"over", std::move(over)},
                 {"because", rule.because}}};
}

Transition tree_observed(std::string_view tree) {
  return {"writ.tree.observed", "", Object{{"tree", tree}}};
}

Transition run_ended(RunStatus status, std::string_view attestation, std::optional<RunId> by) {
  Object payload{{"status", status_name(status)}};
  if (!attestation.empty()) payload.append("attestation", attestation);
  if (by) payload.append("by", by->text());
  return {"writ.run." + std::string(status_name(status)), "", std::move(payload)};
}

StepPlaces::StepPlaces(const protocol::Plan& plan) : size_(plan.steps.size()) {
  places_.reserve(size_);
  for (std::size_t i = 0; i < size_; ++i) places_.emplace(plan.steps[i].path, i);
}

std::size_t StepPlaces::find(const std::string& path) const {
  const auto at = places_.find(path);
  return at == places_.end() ? size_ : at->second;
}

Result<void> apply(RunState& state, const StepPlaces& places, const Transition& transition) {
  if (state.run.status != RunStatus::active && transition.type != "writ.run.started") {
    return cannot_follow(transition, "the run has ended");
  }
  if (transition.step.empty()) {
    WRIT_CHECK(apply_to_run(state, places, transition));
  } else {
    const std::size_t index = places.find(transition.step);
    if (index >= state.steps.size()) return cannot_follow(transition, "the plan has no such step");
    const auto row = std::find_if(std::begin(kStepEvents), std::end(kStepEvents),
                                  [&](const StepEvent& e) { return e.type == transition.type; });
    if (row == std::end(kStepEvents)) {
      return fail(Code::tampered, "unknown event type " + transition.type);
    }
    WRIT_CHECK(row->rule(state, state.steps[index], transition));
  }
  ++state.run.next_seq;
  return {};
}

}  // namespace writ::execution
