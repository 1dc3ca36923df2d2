// How a gate is decided, and how the decision is told to people.
#include <algorithm>

#include "policy/expression.h"
#include "policy/gate/gate_policy.h"
#include "policy/operand.h"
#include "policy/rule_table.h"

namespace writ::policy {
namespace {

class Teller {
 public:
  Teller(const RuleTable& table, const Facts& facts, Decision& decision)
      : table_(table), facts_(facts), decision_(decision) {}

  void tell(bool decided_by_unknown) {
    const auto wanted = decision_.open ? std::vector<Wanted>{} : wanted_to_open();
    for (const Wanted& w : wanted) decision_.wanted.push_back(w.text);
    if (!decision_.rule) {
      decision_.reason = missing(wanted);
      return;
    }
    const Rule& rule = table_.rules[*decision_.rule];
    const std::string condition = expression_text(*rule.when);
    std::set<std::string, std::less<>> names;
    collect_facts(*rule.when, names);
    const std::string values = values_of({names.begin(), names.end()});
    if (decision_.open) {
      decision_.reason =
          names.empty() ? "no rule above shut it" : values + ", so " + condition + " holds";
    } else if (decided_by_unknown) {
      decision_.reason =
          values + ", so \"" + rule.message + "\" (" + condition + ") cannot be ruled out";
    } else {
      decision_.reason = names.empty() ? rule.message : rule.message + ": " + values;
    }
  }

 private:
  // "tests.failed is 2", "tests.passed is absent (no tests evidence of this tree)".
  std::string value_of(const std::string& name) const {
    for (const Operand& o : decision_.operands) {
      if (o.fact == name) return operand_text(o);
    }
    return name;
  }

  std::string values_of(const std::vector<std::string>& names) const {
    std::string out;
    for (const std::string& name : names) {
      if (!out.empty()) out += ", ";
      out += value_of(name);
    }
    return out;
  }

  std::string missing(const std::vector<Wanted>& wanted) const {
    std::string out;
    for (const Wanted& w : wanted) {
      if (!out.empty()) out += "; ";
      out += values_of(w.facts) + ", the gate wants " + w.text;
    }
    return out.empty() ? "no rule opens this gate" : out;
  }

  // The open row with the fewest comparisons in its way, counting the shut rows before it.
  std::vector<Wanted> wanted_to_open() const {
    std::vector<Wanted> in_the_way;
    std::optional<std::vector<Wanted>> best;
    for (const Rule& rule : table_.rules) {
      auto wanted = what_is_wanted(*rule.when, rule.opens ? Truth::yes : Truth::no, facts_);
      if (!rule.opens) {
        std::ranges::move(wanted, std::back_inserter(in_the_way));
        continue;
      }
      if (best && best->size() <= in_the_way.size() + wanted.size()) continue;
      best = in_the_way;
      std::ranges::move(wanted, std::back_inserter(*best));
    }
    return best ? without_repeats(*std::move(best)) : std::vector<Wanted>{};
  }

  static std::vector<Wanted> without_repeats(std::vector<Wanted> wanted) {
    std::set<std::string, std::less<>> seen;
    std::erase_if(wanted, [&](const Wanted& w) { return !seen.insert(w.text).second; });
    return wanted;
  }

  const RuleTable& table_;
  const Facts& facts_;
  Decision& decision_;
};

std::vector<Operand> operands_of(const RuleTable& table, const Facts& facts) {
  std::vector<Operand> out;
  for (std::string& name : table.fact_names()) out.push_back(operand_of(facts, std::move(name)));
  return out;
}

}  // namespace

Verdict first_match(const RuleTable& table, const Facts& facts) {
  for (std::size_t i = 0; i < table.rules.size(); ++i) {
    const Rule& rule = table.rules[i];
    const Truth truth = evaluate_expression(*rule.when, facts);
    // An unknown `open` row opens nothing and is passed; an unknown `shut` row shuts.
    if (truth == Truth::no || (truth == Truth::unknown && rule.opens)) continue;
    return {rule.opens, i, truth != Truth::unknown};
  }
  return {};
}

Decision evaluate(const RuleTable& table, const Facts& facts) {
  auto decision = try_evaluate(table, facts);
  if (decision) return *std::move(decision);
  Decision shut;
  shut.operands = operands_of(table, facts);
  shut.reason = decision.error().message;
  return shut;
}

Result<Decision> try_evaluate(const RuleTable& table, const Facts& facts) {
  Decision decision;
  decision.operands = operands_of(table, facts);
  const Result<Verdict> verdict = decide(table, facts);
  if (!verdict && verdict.error().code == Code::unavailable) {
    return std::unexpected(verdict.error());
  }
  // What tells people why reads the conditions itself. A gate that the two see differently is one
  // that nobody may pass.
  if (!verdict || *verdict != first_match(table, facts)) {
    decision.reason =
        verdict ? "the policy of this gate and its table disagree" : verdict.error().message;
    return decision;
  }
  decision.open = verdict->open;
  decision.rule = verdict->rule;
  Teller(table, facts, decision).tell(!verdict->is_sure);
  return decision;
}

Value Decision::to_value() const {
  Array shown;
  for (const Operand& o : operands) {
    Object row{{"fact", o.fact}};
    if (o.value) row.append("value", *o.value);
    row.append("note", o.note);
    shown.push_back(std::move(row));
  }
  Object out{{"open", open}, {"reason", reason}, {"operands", std::move(shown)}};
  if (rule) out.append("rule", static_cast<std::int64_t>(*rule));
  if (!outcome.empty()) out.append("outcome", outcome);
  if (!reasons.empty()) {
    Array said;
    for (const std::string& one : reasons) said.push_back(one);
    out.append("reasons", std::move(said));
  }
  Array wants;
  for (const std::string& w : wanted) wants.push_back(w);
  out.append("wanted", std::move(wants));
  return out;
}

}  // namespace writ::policy
