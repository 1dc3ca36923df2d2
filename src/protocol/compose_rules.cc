#include "protocol/compose_rules.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/json.h"
#include "base/suggest.h"
#include "base/units.h"
#include "protocol/check_names.h"
#include "protocol/enum_text.h"
#include "protocol/rule_names.h"

namespace writ::protocol {
namespace {

std::string shown(const Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_object()) return to_json(value);
  return value.is_number() ? to_json(value) : std::string(kind_name(value.kind()));
}

class Composer {
 public:
  Composer(const std::vector<Law>& laws, const Law& spec, std::vector<Diagnostic>& problems)
      : laws_(laws), spec_(spec), problems_(problems) {}

  std::vector<ComposedRule> compose() {
    for (const Law& law : laws_) check_overrides(law);
    for (const Law& law : laws_) {
      for (const RuleSource& rule : law.rules) {
        if (is_valid(law, rule)) add(law, rule);
      }
    }
    for (const RuleSource& rule : spec_.rules) {
      if (is_valid(spec_, rule)) tighten(rule);
    }
    std::vector<ComposedRule> rules;
    for (auto& [name, rule] : rules_) rules.push_back(std::move(rule));
    return rules;
  }

 private:
  void report(const Law& law, Position at, std::string message, std::string remedy = {}) {
    problems_.push_back(law.source->document.diagnostic(at, std::move(message), std::move(remedy)));
  }

  static Origin origin_of(const Law& law, Position at) {
    return {law.source->label, law.source->file, at};
  }

  bool is_valid(const Law& law, const RuleSource& rule) {
    const RuleRow* row = find_rule(rule.name);
    if (row == nullptr) {
      std::vector<std::string_view> names;
      for (const RuleRow& known : rule_table()) names.push_back(known.name);
      report(law, rule.at, "there is no rule `" + rule.name + "`" + did_you_mean(rule.name, names),
             "A rule that nothing enforces is law in words: put it under `words:`");
      return false;
    }
    if (!has_rule_type(*row, rule.value)) {
      // Other types were refused by the document's contract.
      if (row->type == "duration" && rule.value.is_string()) {
        report(law, rule.at, "rule `" + rule.name + "` is a duration, not " + shown(rule.value),
               "Write a whole number and ms, s, m, h or d");
      }
      return false;
    }
    return !rule.name.starts_with("forbid.") || is_scan_rule(law, rule);
  }

  bool is_scan_rule(const Law& law, const RuleSource& rule) {
    const std::string_view id = std::string_view(rule.name).substr(7);
    const auto ids = scan_rule_ids();
    if (std::ranges::find(ids, id) != ids.end()) return true;
    report(law, rule.at, "there is no scan rule `" + std::string(id) + "`" + did_you_mean(id, ids),
           "`writ scan --list` shows the rules");
    return false;
  }

  const Law* find_law(std::string_view id) const {
    for (const Law& law : laws_) {
      if (law.id == id) return &law;
    }
    return nullptr;
  }

  // An override of a protocol that does not bind this spec has nothing to do; one of a protocol
  // that does must name a rule of it and must not come from a lower authority.
  void check_overrides(const Law& law) {
    for (const OverrideSource& entry : law.overrides) {
      const Law* other = find_law(entry.protocol);
      if (other == nullptr) continue;
      const bool exists = std::ranges::any_of(
          other->rules, [&](const RuleSource& rule) { return rule.name == entry.rule; });
      if (!exists) {
        std::vector<std::string_view> names;
        for (const RuleSource& rule : other->rules) names.push_back(rule.name);
        report(law, entry.at,
               "protocol " + entry.protocol + " has no rule `" + entry.rule + "` to override" +
                   did_you_mean(entry.rule, names));
      } else if (law.source->authority < other->source->authority) {
        report(law, entry.at,
               "authority " + std::string(to_text(law.source->authority)) +
                   " cannot override protocol " + entry.protocol + ", which has authority " +
                   std::string(to_text(other->source->authority)),
               "Raise its authority, or leave the rule as it is");
      }
    }
  }

  // Why `law` overrides `rule` of `other`; nullptr when it does not say so.
  const OverrideSource* override_of(const Law& law, const Origin& other,
                                    const std::string& rule) const {
    for (const OverrideSource& entry : law.overrides) {
      if (entry.rule == rule && other.document.starts_with(entry.protocol + "@")) return &entry;
    }
    return nullptr;
  }

  const Law& law_of(const ComposedRule& rule) const {
    for (const Law& law : laws_) {
      if (law.source->label == rule.origin.document) return law;
    }
    return spec_;
  }

  void add(const Law& law, const RuleSource& rule) {
    ComposedRule next{rule.name, rule.value, law.source->authority, origin_of(law, rule.at),
                      {},        {}};
    const auto [at, is_new] = rules_.try_emplace(rule.name, next);
    if (is_new || at->second.value == next.value) return;
    ComposedRule& standing = at->second;
    const OverrideSource* overrides = override_of(law, standing.origin, rule.name);
    const OverrideSource* overridden = override_of(law_of(standing), next.origin, rule.name);
    const bool is_equal = standing.authority == next.authority;
    if (is_equal && (overrides == nullptr) == (overridden == nullptr)) {
      return report(law, rule.at,
                    "rule `" + rule.name + "` is " + shown(rule.value) + " here and " +
                        shown(standing.value) + " at " + place_text(standing.origin) +
                        ", both with authority " + std::string(to_text(next.authority)),
                    "Let one of the protocols override the other's rule, with a reason");
    }
    const bool next_wins = is_equal ? overrides != nullptr : next.authority > standing.authority;
    if (next_wins) {
      win(next, standing, overrides);
      standing = std::move(next);
    } else {
      win(standing, next, overridden);
    }
  }

  static void win(ComposedRule& winner, ComposedRule& loser, const OverrideSource* because) {
    winner.overrode.insert(winner.overrode.end(), loser.overrode.begin(), loser.overrode.end());
    winner.overrode.push_back(loser.origin);
    winner.because = because != nullptr ? because->because
                                        : std::string(to_text(winner.authority)) + " outranks " +
                                              std::string(to_text(loser.authority));
  }

  bool may_loosen(const ComposedRule& rule) const {
    const auto names = law_of(rule).may_loosen;
    return std::ranges::any_of(names, [&](const NameAt& name) { return name.name == rule.name; });
  }

  void tighten(const RuleSource& rule) {
    ComposedRule next{rule.name, rule.value, Authority::default_, origin_of(spec_, rule.at),
                      {},        {}};
    const auto [at, is_new] = rules_.try_emplace(rule.name, next);
    if (is_new) return;
    ComposedRule& standing = at->second;
    if (standing.origin.document == spec_.source->label) {
      if (standing.value == rule.value) return;
      return report(spec_, rule.at,
                    "rule `" + rule.name + "` is already " + shown(standing.value) + " at " +
                        place_text(standing.origin),
                    "State it once");
    }
    const int order = compare_strictness(*find_rule(rule.name), rule.value, standing.value);
    if (order == 0) return;
    if (order > 0 && !may_loosen(standing)) {
      return report(spec_, rule.at,
                    "a spec may tighten `" + rule.name + "` and not loosen it: " +
                        shown(standing.value) + " stands at " + place_text(standing.origin),
                    "Keep to it, or have the protocol list the rule under `may_loosen`");
    }
    next.authority = standing.authority;
    next.overrode = standing.overrode;
    next.overrode.push_back(standing.origin);
    next.because = order < 0 ? "the spec is stricter" : "the protocol lets a spec loosen it";
    standing = std::move(next);
  }

  const std::vector<Law>& laws_;
  const Law& spec_;
  std::vector<Diagnostic>& problems_;
  std::map<std::string, ComposedRule> rules_;
};

const Value* rule_value(const Plan& plan, std::string_view name) {
  for (const ComposedRule& rule : plan.rules) {
    if (rule.name == name) return &rule.value;
  }
  return nullptr;
}

void apply_budget(Plan& plan) {
  struct Row {
    std::string_view rule;
    std::optional<std::uint32_t> Budget::* member;
  };
  constexpr Row kRows[] = {{"budget.max_files", &Budget::max_files},
                           {"budget.max_iterations", &Budget::max_iterations},
                           {"budget.max_lines_per_file", &Budget::max_lines_per_file},
                           {"budget.max_total_lines", &Budget::max_total_lines}};
  constexpr std::int64_t kMost = 0xffff'ffff;
  for (const Row& row : kRows) {
    if (const Value* value = rule_value(plan, row.rule)) {
      plan.budget.*row.member = static_cast<std::uint32_t>(std::min(value->as_integer(), kMost));
    }
  }
  if (const Value* tokens = rule_value(plan, "budget.max_tokens")) {
    plan.budget.max_tokens = static_cast<std::uint64_t>(tokens->as_integer());
  }
  if (const Value* usd = rule_value(plan, "budget.max_usd")) {
    plan.budget.max_micro_usd = static_cast<std::uint64_t>(std::llround(usd->as_number() * 1e6));
  }
  if (const Value* active = rule_value(plan, "budget.active")) {
    if (const auto duration = parse_duration(active->as_string())) plan.budget.active = *duration;
  }
}

// A budget that nothing measures would hold nobody.
void expect_measured(const Plan& plan, std::vector<Diagnostic>& problems) {
  const bool is_measured = std::ranges::any_of(plan.steps, [](const PlanStep& step) {
    return std::ranges::any_of(step.evidence,
                               [](const EvidenceWanted& wanted) { return wanted.kind == "usage"; });
  });
  if (is_measured) return;
  for (const ComposedRule& rule : plan.rules) {
    if (rule.name != "budget.max_tokens" && rule.name != "budget.max_usd") continue;
    problems.push_back({rule.origin.file, rule.origin.at,
                        "`" + rule.name + "` is measured by usage evidence, and no step makes any",
                        "Declare it on the steps that spend: `evidence: {usage: <path>}`"});
  }
}

// What the law forbids is looked for by every scan; what it was allowed to let go, by none.
void apply_to_scan(PlanStep& step, const Plan& plan, const std::set<std::string>& allowed,
                   std::vector<Diagnostic>& problems) {
  Value* with = step.with.is_object() ? step.with.as_object().find("with") : nullptr;
  if (step.with.string_or("check", "") != "scan" || with == nullptr) return;
  std::set<std::string> rules(plan.forbid.begin(), plan.forbid.end());
  if (const Value* own = with->find("rules"); own != nullptr && own->is_array()) {
    for (const Value& id : own->as_array()) rules.insert(id.as_string());
  }
  const bool had_rules = !rules.empty();
  for (const std::string& id : allowed) rules.erase(id);
  if (had_rules && rules.empty()) {
    problems.push_back({step.origin.file, step.origin.at,
                        "scan `" + step.path + "` has no rule left: all of them are allowed",
                        "Forbid one, or leave the step out"});
  }
  Array ids;
  for (const std::string& id : rules) ids.push_back(id);
  with->as_object().set("rules", std::move(ids));
}

}  // namespace

std::vector<ComposedRule> compose_rules(const std::vector<Law>& laws, const Law& spec,
                                        std::vector<Diagnostic>& problems) {
  return Composer(laws, spec, problems).compose();
}

void apply_rules(Plan& plan, std::vector<Diagnostic>& problems) {
  apply_budget(plan);
  if (const Value* ambiguity = rule_value(plan, "ambiguity"))
    plan.ambiguity = ambiguity->as_string();
  if (const Value* sequential = rule_value(plan, "sequential")) {
    plan.scope.sequential = sequential->as_bool();
  }
  std::set<std::string> allowed;
  for (const ComposedRule& rule : plan.rules) {
    if (!rule.name.starts_with("forbid.")) continue;
    if (rule.value.as_bool())
      plan.forbid.push_back(rule.name.substr(7));
    else
      allowed.insert(rule.name.substr(7));
  }
  expect_measured(plan, problems);
  for (PlanStep& step : plan.steps) {
    if (step.kind == StepKind::check) apply_to_scan(step, plan, allowed, problems);
  }
}

}  // namespace writ::protocol
