#include "protocol/gates.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "policy/facts.h"
#include "protocol/check_names.h"

namespace writ::protocol {
namespace {

// Facts that the engine derives from the plan and what is recorded, whatever the steps are
// (execution/gate_facts.h).
constexpr std::string_view kDerived[] = {"acceptance.proved", "acceptance.unproved",
                                         "deferral.open",     "risk.highest",
                                         "steps.unfinished",  "steps.unproved"};

bool is_derived(std::string_view fact) {
  return std::ranges::find(kDerived, fact) != std::end(kDerived);
}

class GateChecker {
 public:
  GateChecker(const Plan& plan, std::vector<Diagnostic>& problems)
      : plan_(plan), problems_(problems) {
    for (const PlanStep& step : plan.steps) {
      for (const std::string_view kind : produced_kinds(step)) {
        kinds_[step.path].insert(kind);
        producers_.emplace(kind, &step);
      }
    }
  }

  void check(const policy::Gate& gate, const std::vector<std::string>& over,
             const Origin& gate_origin, Position gate_at) {
    for (const std::string& fact : gate.fact_names()) {
      Origin origin = gate_origin;
      Position at = gate_at;
      if (gate.rego() != nullptr && gate.rego()->places.contains(fact)) {
        const policy::RegoGate::Place& place = gate.rego()->places.find(fact)->second;
        origin.file = place.file;
        at = place.at;
      }
      if (fact.starts_with("acceptance.") && plan_.acceptance.empty()) {
        report(origin, at, "`" + fact + "` needs acceptance criteria, and the spec has none",
               "List them under module.acceptance.required");
      }
      if (is_derived(fact)) continue;
      const std::string_view kind = policy::find_fact(fact)->evidence;
      const bool is_made = std::ranges::any_of(over, [&](const std::string& path) {
        const auto made = kinds_.find(path);
        return made != kinds_.end() && made->second.contains(kind);
      });
      if (is_made) continue;
      report(origin, at,
             "`" + fact + "` comes from " + std::string(kind) +
                 " evidence, and no step that this gate looks at makes any",
             remedy_for(kind));
    }
  }

 private:
  void report(const Origin& origin, Position at, std::string message, std::string remedy) {
    problems_.push_back({origin.file, at, std::move(message), std::move(remedy)});
  }

  std::string remedy_for(std::string_view kind) const {
    if (const auto producer = producers_.find(kind); producer != producers_.end()) {
      return "Step " + producer->second->path + " does: add `over: [" + producer->second->path +
             "]`";
    }
    for (const CheckRow& row : check_table()) {
      if (row.produces == kind) return "Add a step `check: " + std::string(row.name) + "`";
    }
    if (kind == "approval" || kind == "statement") {
      return "Add " + std::string(kind == "approval" ? "an approval" : "an external") + " step";
    }
    if (kind == "command") return "Add a `run` step";
    return "Declare it on the step that makes it: `evidence: {" + std::string(kind) + ": <path>}`";
  }

  const Plan& plan_;
  std::vector<Diagnostic>& problems_;
  std::unordered_map<std::string_view, std::set<std::string_view>> kinds_;
  std::unordered_map<std::string_view, const PlanStep*> producers_;
};

}  // namespace

std::vector<std::string_view> produced_kinds(const PlanStep& step) {
  std::vector<std::string_view> kinds;
  for (const EvidenceWanted& wanted : step.evidence) kinds.push_back(wanted.kind);
  if (step.kind == StepKind::run) kinds.emplace_back("command");
  if (step.kind == StepKind::approval) kinds.emplace_back("approval");
  if (step.kind == StepKind::external) kinds.emplace_back("statement");
  if (step.kind == StepKind::check) {
    const CheckRow* row = find_check(step.with.string_or("check", ""));
    if (row != nullptr) {
      for (const std::string_view kind : cell_words(row->produces)) kinds.push_back(kind);
    }
  }
  return kinds;
}

void check_gates(const Plan& plan, const std::vector<Position>& gate_positions,
                 std::vector<Diagnostic>& problems) {
  GateChecker checker(plan, problems);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const PlanStep& step = plan.steps[i];
    if (step.gate) checker.check(*step.gate, step.gate_over, step.origin, gate_positions[i]);
  }
  std::vector<std::string> all;
  for (const PlanStep& step : plan.steps) all.push_back(step.path);
  for (const Group& group : plan.groups) {
    if (group.validation) checker.check(*group.validation, all, group.origin, group.origin.at);
  }
}

}  // namespace writ::protocol
