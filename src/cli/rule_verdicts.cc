#include "cli/rule_verdicts.h"

#include <fmt/format.h>

#include "cli/style.h"

namespace writ::cli {
namespace {

using rego::RuleVerdict;

std::string why_of(const RuleVerdict& one) {
  switch (one.outcome) {
    case RuleVerdict::Outcome::held:
      return "held";
    case RuleVerdict::Outcome::fell_back:
      return "is the default, and nothing else held";
    case RuleVerdict::Outcome::skipped:
      return "was not needed";
    case RuleVerdict::Outcome::failed:
      break;
  }
  std::string out =
      fmt::format("did not hold: line {}: {}", one.statement_at.line, printable(one.statement));
  for (const auto& [name, value] : one.values)
    out += fmt::format("\n      {} is {}", printable(name), printable(value));
  return out;
}

}  // namespace

Array verdict_values(const std::vector<RuleVerdict>& verdicts) {
  Array out;
  for (const RuleVerdict& one : verdicts) {
    Object row{{"rule", one.rule},
               {"file", one.file},
               {"row", one.at.line},
               {"outcome", to_text(one.outcome)}};
    if (!one.statement.empty()) {
      Object values;
      for (const auto& [name, value] : one.values) values.set(name, value);
      row.set("statement", Object{{"text", one.statement},
                                  {"row", one.statement_at.line},
                                  {"values", std::move(values)}});
    }
    out.emplace_back(std::move(row));
  }
  return out;
}

void print_ended_by(std::ostream& out, std::string_view why) {
  if (why.empty()) return;
  out << "  rules as far as they were asked, until " << printable(why) << "\n";
}

void print_verdicts(std::ostream& out, std::string_view title,
                    const std::vector<RuleVerdict>& verdicts) {
  if (verdicts.empty()) return;
  out << title << "\n";
  for (const RuleVerdict& one : verdicts) {
    out << fmt::format("  {}:{}: {} {}\n", one.file, one.at.line, one.rule, why_of(one));
  }
}

}  // namespace writ::cli
