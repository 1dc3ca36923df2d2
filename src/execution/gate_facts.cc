#include "execution/gate_facts.h"

#include <algorithm>
#include <functional>
#include <set>

namespace writ::execution {
namespace {

bool contains(std::span<const std::string> list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool is_newest(const FactScope& scope, const evidence::Record& record) {
  const std::size_t index = scope.plan.find(record.step);
  return index < scope.state.steps.size() && scope.state.steps[index].attempt == record.attempt;
}

std::string short_hex(std::string_view hex) { return std::string(hex.substr(0, 12)); }

Result<void> add_record(policy::Facts& out, const FactScope& scope,
                        const evidence::Record& record) {
  const bool is_fresh = record.tree.hex() == scope.tree;
  for (const auto& [name, value] : record.facts) {
    if (is_fresh) {
      WRIT_CHECK(
          out.add(name, value,
                  {record.id.text(), record.step, std::string(evidence::kind_name(record.kind))}));
    } else {
      out.stale.push_back({name, "evidence of step " + record.step + " is of tree " +
                                     short_hex(record.tree.hex()) + ", the tree is " +
                                     short_hex(scope.tree) + " now"});
    }
  }
  return {};
}

// ACC-n is proved by any fresh tests evidence that names it under `proves`.
Result<void> add_acceptance(policy::Facts& out, const FactScope& scope) {
  std::set<std::string, std::less<>> proved;
  for (const evidence::Record& record : scope.evidence) {
    if (record.kind != evidence::Kind::tests || record.tree.hex() != scope.tree) continue;
    if (!contains(scope.over, record.step) || !is_newest(scope, record)) continue;
    const Value* list = record.data.find("proves");
    if (list == nullptr || !list->is_array()) continue;
    for (const Value& id : list->as_array()) {
      if (id.is_string()) proved.insert(id.as_string());
    }
  }
  const auto count = std::count_if(
      scope.plan.acceptance.begin(), scope.plan.acceptance.end(),
      [&](const protocol::Criterion& criterion) { return proved.contains(criterion.id); });
  const auto total = static_cast<std::int64_t>(scope.plan.acceptance.size());
  WRIT_CHECK(out.add("acceptance.proved", Value(count), {"", "", "plan"}));
  return out.add("acceptance.unproved", Value(total - count), {"", "", "plan"});
}

Result<void> add_derived(policy::Facts& out, const FactScope& scope) {
  std::uint32_t highest = 0;
  for (const auto& [area, score] : scope.plan.risk) highest = std::max(highest, score);
  WRIT_CHECK(out.add("risk.highest", Value(highest), {"", "", "plan"}));
  // Of the steps before this one: a gate cannot wait for what comes after it.
  const std::size_t end =
      scope.step.empty() ? scope.plan.steps.size() : scope.plan.find(scope.step);
  const auto earlier = std::span(scope.state.steps).first(end);
  const auto is_passed = [](const StepState& s) { return s.status == StepStatus::passed; };
  const auto unfinished = std::ranges::count_if(earlier, std::not_fn(is_passed));
  const auto unproved = std::ranges::count_if(
      earlier, [&](const StepState& s) { return is_passed(s) && s.tree_after != scope.tree; });
  WRIT_CHECK(out.add("steps.unfinished", Value(unfinished), {"", "", "run"}));
  WRIT_CHECK(out.add("steps.unproved", Value(unproved), {"", "", "run"}));
  const auto open = std::ranges::count_if(scope.state.run.deferrals, &Deferral::is_open);
  return out.add("deferral.open", Value(open), {"", "", "run"});
}

}  // namespace

Result<policy::Facts> collect_facts(const FactScope& scope) {
  policy::Facts facts;
  facts.run = Object{{"id", scope.state.run.id.text()},
                     {"plan", scope.state.run.plan},
                     {"spec", scope.plan.spec_id}};
  facts.step = Object{{"path", scope.step}, {"attempt", scope.attempt}};
  facts.tree = "sha256:" + std::string(scope.tree);
  for (const evidence::Record& record : scope.evidence) {
    if (!contains(scope.over, record.step) || !is_newest(scope, record)) continue;
    WRIT_CHECK(add_record(facts, scope, record));
  }
  WRIT_CHECK(add_acceptance(facts, scope));
  WRIT_CHECK(add_derived(facts, scope));
  // A fact that fresh evidence gives is not stale, whatever older evidence says.
  std::erase_if(facts.stale, [&](const policy::AbsentFact& absent) {
    return facts.facts.contains(absent.name);
  });
  return facts;
}

}  // namespace writ::execution
