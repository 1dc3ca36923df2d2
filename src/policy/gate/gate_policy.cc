#include "policy/gate/gate_policy.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "base/json.h"
#include "policy/eval/gave_up.h"
#include "policy/expression.h"
#include "policy/gate/run_module.h"
#include "policy/term/number.h"

namespace writ::policy {
namespace {

constexpr std::string_view kQuery = "data.writ.gate.decision";

// By Comparison.
constexpr std::string_view kHolds[] = {"==", "!=", "<", "<=", ">", ">="};
constexpr std::string_view kFails[] = {"!=", "==", ">=", ">", "<=", "<"};
// By FactType: a value of another type is as good as absent.
constexpr std::string_view kTypeChecks[] = {"is_number", "is_boolean", "is_string"};

std::string literal_text(const Value& value) { return to_json(exact_number(value)); }

// Writes helper rules for what Rego has no form for: an `or`, and an `and` below it.
class PolicyWriter {
 public:
  std::string write(const RuleTable& table) {
    for (const std::string& fact : table.fact_names()) write_fact(fact);
    for (std::size_t i = 0; i < table.rules.size(); ++i) write_rule(i, table.rules[i]);
    return head(table) + std::move(rules_);
  }

 private:
  static std::string head(const RuleTable& table) {
    std::string opening;
    for (std::size_t i = 0; i < table.rules.size(); ++i) {
      if (!table.rules[i].opens) continue;
      opening += (opening.empty() ? "" : ", ") + std::to_string(i);
    }
    // A set of no members has no literal.
    const std::string opens = opening.empty() ? "set()" : "{" + opening + "}";
    return "package writ.gate\n\n"
           "# The first rule that matches decides; when none does, the gate is shut.\n"
           "decision := {\"open\": allow, \"rule\": first, \"sure\": first in sure}\n\n"
           "default allow := false\n\n"
           "allow if first in " +
           opens +
           "\n\n"
           "first := min(matching)\n";
  }

  void write_fact(const std::string& fact) {
    const FactRow* row = find_fact(fact);
    WRIT_ASSERT(row != nullptr);  // tables are checked when they are made
    name_fact(fact);
    rules_ += "\n" + names_[fact] + " := value if {\n\tvalue := input.facts[" + to_json(fact) +
              "]\n\t" + std::string(kTypeChecks[static_cast<std::size_t>(row->type)]) +
              "(value)\n}\n";
  }

  // Facts have names of their own, those of benchmarks any text: "fact_tests_failed".
  void name_fact(const std::string& fact) {
    std::string name = "fact_" + fact;
    std::ranges::replace_if(
        name,
        [](char c) {
          return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
        },
        '_');
    const auto is_taken = [&](const auto& entry) { return entry.second == name; };
    while (std::ranges::any_of(names_, is_taken)) name += '_';
    names_[fact] = name;
  }

  std::string operand_text(const Expression& e) const {
    return e.kind == Expression::Kind::fact ? names_.at(e.name) : literal_text(e.literal);
  }

  // An `open` rule matches when it is known to hold, a `shut` one unless it is known not to.
  void write_rule(std::size_t number, const Rule& rule) {
    const std::string yes = predicate(*rule.when, true);
    const std::string matches = rule.opens ? yes : "not " + predicate(*rule.when, false);
    const std::string index = std::to_string(number);
    rules_ += "\n# " + index + ": " + (rule.opens ? "open" : "shut") + " when " +
              comment_text(*rule.when) + "\n";
    rules_ += "matching contains " + index + " if " + matches + "\n\n";
    rules_ += "sure contains " + index + " if " + yes + "\n";
  }

  // One line, whatever strings the condition holds.
  static std::string comment_text(const Expression& e) {
    std::string text = expression_text(e);
    std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return text;
  }

  // A statement that succeeds exactly if `e` is known to come to `wanted`.
  std::string predicate(const Expression& e, bool wanted) {
    using Kind = Expression::Kind;
    switch (e.kind) {
      case Kind::literal:
        return e.literal.as_bool() == wanted ? "true" : "false";
      case Kind::fact:
        return names_.at(e.name) + (wanted ? " == true" : " == false");
      case Kind::comparison:
        return operand_text(e.args[0]) + " " +
               std::string((wanted ? kHolds : kFails)[static_cast<std::size_t>(e.comparison)]) +
               " " + operand_text(e.args[1]);
      case Kind::membership:
        return membership(e, wanted);
      case Kind::negation:
        return predicate(e.args[0], !wanted);
      case Kind::all_of:
      case Kind::any_of:
        break;
    }
    std::vector<std::string> parts;
    for (const Expression& arg : e.args) parts.push_back(predicate(arg, wanted));
    return (e.kind == Kind::all_of) == wanted ? all_of(parts) : any_of(parts);
  }

  std::string membership(const Expression& e, bool wanted) {
    const std::string value = operand_text(e.args[0]);
    std::vector<std::string> parts;
    for (std::size_t i = 1; i < e.args.size(); ++i) {
      parts.push_back(value + (wanted ? " == " : " != ") + literal_text(e.args[i].literal));
    }
    return wanted ? any_of(parts) : all_of(parts);
  }

  std::string all_of(const std::vector<std::string>& parts) {
    const std::string name = helper_name();
    helpers_ += "\n" + name + " if {\n";
    for (const std::string& part : parts) helpers_ += "\t" + part + "\n";
    helpers_ += "}\n";
    return flushed(name);
  }

  std::string any_of(const std::vector<std::string>& parts) {
    const std::string name = helper_name();
    for (const std::string& part : parts) {
      helpers_ += '\n';
      helpers_ += name;
      helpers_ += " if ";
      helpers_ += part;
      helpers_ += '\n';
    }
    return flushed(name);
  }

  std::string helper_name() { return "part_" + std::to_string(parts_++); }
  std::string flushed(const std::string& name) {
    rules_ += std::exchange(helpers_, {});
    return name;
  }

  std::map<std::string, std::string> names_;  // of facts
  std::string rules_;
  std::string helpers_;
  std::size_t parts_ = 0;
};

// Rules of a table are few beside what this bounds.
rego::EvalLimits table_limits() { return {}; }

std::unexpected<Error> broken(std::string_view what, const rego::PolicyError& error) {
  const std::string message = "the policy of a gate " + std::string(what) + ": " + error.text();
  if (rego::is_machine_limit(error)) return fail(Code::unavailable, message);
  return fail(Code::internal, message, "This is a defect of Writ; the gate stays shut");
}

Verdict verdict_of(const rego::Answer& answer) {
  Verdict verdict;
  if (answer.rows.empty()) return verdict;
  const rego::Term& value = answer.rows.front().values.front();
  const auto is_true = [&](std::string_view key) {
    const rego::Term* member = value.find(key);
    return member != nullptr && member->is_true();
  };
  verdict.open = is_true("open");
  verdict.is_sure = is_true("sure");
  if (const rego::Term* rule = value.find("rule"); rule != nullptr) {
    if (const auto number = rego::to_int64(*rule)) {
      verdict.rule = static_cast<std::size_t>(*number);
    }
  }
  return verdict;
}

}  // namespace

Value exact_number(const Value& value) {
  constexpr double kInt64 = 0x1p63;
  if (!value.is_number() || value.is_integer()) return value;
  const double number = value.as_number();
  const bool is_whole = std::trunc(number) == number && std::abs(number) < kInt64;
  return is_whole ? Value(static_cast<std::int64_t>(number)) : value;
}

std::string gate_policy(const RuleTable& table) { return PolicyWriter().write(table); }

std::string gate_input(const Facts& facts) {
  Value input = facts.to_value();
  Object values;
  for (const auto& [name, fact] : facts.facts) values.append(name, exact_number(fact.value));
  input.as_object().set("facts", std::move(values));
  return to_json(input);
}

Result<Verdict> decide(const RuleTable& table, const Facts& facts) {
  const auto program = compile_module(kGateFile, gate_policy(table));
  if (!program) return broken("does not compile", program.error().front());
  WRIT_TRY(ModuleRun run, ModuleRun::make(*program, gate_input(facts), table_limits()));
  const rego::Answer& answer = run.ask(std::string(kQuery));
  if (answer.error) return broken("does not run", *answer.error);
  return verdict_of(answer);
}

}  // namespace writ::policy
