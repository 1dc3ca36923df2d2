#include "policy/rule_table.h"

#include <algorithm>
#include <set>

#include "base/suggest.h"
#include "policy/expression.h"
#include "policy/gate/gate_policy.h"
#include "policy/scalar_position.h"

namespace writ::policy {
namespace {

constexpr std::string_view kFormat = "writ.rule-table/v1";
constexpr std::size_t kMaxRules = 256;
constexpr std::size_t kMaxMessageBytes = 1024;

bool is_always(const Expression& e) { return e.kind == Expression::Kind::literal; }

// Nothing opens on no evidence at all: the promise that every compiled table keeps.
bool opens_on_nothing(const RuleTable& table) { return first_match(table, Facts{}).open; }

class Compiler {
 public:
  Compiler(const Document& document, std::vector<Diagnostic>& diagnostics)
      : document_(document), diagnostics_(diagnostics) {}

  std::optional<RuleTable> compile(const Value& gate) {
    const std::size_t before = diagnostics_.size();
    if (gate.is_string()) {
      add_rule(gate, true, {});
    } else if (gate.is_array()) {
      list(gate);
    } else {
      report(gate.at(), "a gate is a condition or a list of rules, not " + kind(gate),
             "Write `gate: tests.failed == 0`");
    }
    if (diagnostics_.size() == before && opens_on_nothing(table_)) {
      report(gate.at(), "this gate opens without any evidence",
             "Name the facts that must hold before it opens");
    }
    if (diagnostics_.size() != before) return std::nullopt;
    return std::move(table_);
  }

 private:
  static std::string kind(const Value& value) { return std::string(kind_name(value.kind())); }

  void report(Position at, std::string message, std::string remedy = {}) {
    diagnostics_.push_back(document_.diagnostic(at, std::move(message), std::move(remedy)));
  }

  void list(const Value& gate) {
    const Array& rows = gate.as_array();
    if (rows.size() > kMaxRules) {
      return report(gate.at(), "a gate has at most 256 rules", "Split the step");
    }
    bool opens = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      opens = row(rows[i], i + 1 == rows.size()) || opens;
    }
    if (!opens) {
      report(gate.at(), "no rule of this gate opens it", "End with `{when: …, open: true}`");
    }
  }

  // Whether the row opens.
  bool row(const Value& row, bool is_last) {
    if (!row.is_object()) {
      report(row.at(), "a rule is an object, not " + kind(row),
             "Write `{when: tests.failed > 0, shut: A test failed}`");
      return false;
    }
    check_keys(row);
    const Value* when = row.find("when");
    const Value* shut = row.find("shut");
    const Value* open = row.find("open");
    if ((shut == nullptr) == (open == nullptr)) {
      report(row.at(), "a rule either opens or shuts", "Give it `open: true` or `shut: <message>`");
    } else if (open != nullptr && !(open->is_bool() && open->as_bool())) {
      report(open->at(), "`open` is always true", "To shut, write `shut: <message>`");
    } else if (shut != nullptr && !is_message(*shut)) {
      report(shut->at(), "`shut` is a message for people of at most 1024 bytes",
             "Say why it is shut");
    }
    if (when == nullptr) {
      report(row.at(), "a rule needs `when`", "The last one may say `when: true`");
    } else {
      condition(*when, open != nullptr, shut, is_last);
    }
    return open != nullptr;
  }

  static bool is_message(const Value& value) {
    return value.is_string() && !value.as_string().empty() &&
           value.as_string().size() <= kMaxMessageBytes;
  }

  void check_keys(const Value& row) {
    constexpr std::string_view kKeys[] = {"open", "shut", "when"};
    for (const Member& member : row.as_object()) {
      if (std::find(std::begin(kKeys), std::end(kKeys), member.key) != std::end(kKeys)) continue;
      report(member.key_at, "unknown key `" + member.key + "`" + did_you_mean(member.key, kKeys),
             "A rule has `when` and one of `open` and `shut`");
    }
  }

  void condition(const Value& when, bool opens, const Value* shut, bool is_last) {
    const std::string message =
        shut != nullptr && shut->is_string() ? shut->as_string() : std::string();
    if (when.is_bool()) {
      if (!when.as_bool() || !is_last) return useless(when);
      Expression always;
      always.literal = true;
      table_.rules.push_back(
          {std::make_shared<const Expression>(std::move(always)), opens, message});
    } else if (when.is_string()) {
      add_rule(when, opens, message);
      if (!table_.rules.empty() && is_always(*table_.rules.back().when) && !is_last) useless(when);
    } else {
      report(when.at(), "`when` is a condition, not " + kind(when),
             "Write it as text, as in `tests.failed > 0`");
    }
  }

  void useless(const Value& when) {
    report(when.at(), "only the last rule may say `true`, and none `false`",
           "Write a condition over facts, or leave the rule out");
  }

  void add_rule(const Value& text, bool opens, const std::string& message) {
    std::vector<ExpressionProblem> problems;
    auto parsed = parse_expression(text.as_string(), problems);
    for (ExpressionProblem& p : problems) {
      report(position_in_scalar(document_, text, p.offset), std::move(p.message),
             std::move(p.remedy));
    }
    if (!parsed) return;
    if (is_always(*parsed) && !parsed->literal.as_bool()) return useless(text);
    table_.rules.push_back(
        {std::make_shared<const Expression>(*std::move(parsed)), opens, message});
  }

  const Document& document_;
  std::vector<Diagnostic>& diagnostics_;
  RuleTable table_;
};

std::unexpected<Error> not_a_table(std::string what) {
  return fail(Code::invalid_input, "this is no canonical rule table: " + std::move(what));
}

Result<Rule> read_rule(const Value& row) {
  const Value* when = row.find("when");
  const std::string_view then = row.string_or("then", "");
  const Value* message = row.find("message");
  if (when == nullptr || (then != "open" && then != "shut")) {
    return not_a_table("a rule has `when`, and `then` is open or shut");
  }
  const bool opens = then == "open";
  if (opens ? message != nullptr : (message == nullptr || !message->is_string())) {
    return not_a_table("a rule has a `message` exactly if it shuts");
  }
  WRIT_TRY(Expression expression, expression_from_value(*when));
  return Rule{std::make_shared<const Expression>(std::move(expression)), opens,
              opens ? std::string() : message->as_string()};
}

}  // namespace

std::vector<std::string> RuleTable::fact_names() const {
  std::set<std::string, std::less<>> names;
  for (const Rule& rule : rules) collect_facts(*rule.when, names);
  return {names.begin(), names.end()};
}

Value RuleTable::to_value() const {
  Array rows;
  for (const Rule& rule : rules) {
    Object row{{"when", expression_value(*rule.when)}, {"then", rule.opens ? "open" : "shut"}};
    if (!rule.opens) row.append("message", rule.message);
    rows.push_back(std::move(row));
  }
  return Object{{"format", kFormat}, {"rules", std::move(rows)}};
}

Result<RuleTable> RuleTable::from_value(const Value& value) {
  const Value* rows = value.find("rules");
  if (value.string_or("format", "") != kFormat || rows == nullptr || !rows->is_array()) {
    return not_a_table("`format` or `rules` is missing");
  }
  if (rows->as_array().size() > kMaxRules) return not_a_table("it has more than 256 rules");
  RuleTable table;
  for (const Value& row : rows->as_array()) {
    WRIT_TRY(Rule rule, read_rule(row));
    table.rules.push_back(std::move(rule));
  }
  if (opens_on_nothing(table)) return not_a_table("it opens without any evidence");
  return table;
}

std::string RuleTable::text() const {
  if (rules.size() == 1 && rules[0].opens) return expression_text(*rules[0].when);
  std::string out;
  for (const Rule& rule : rules) {
    if (!out.empty()) out += "; ";
    out += rule.opens ? "open" : "shut";
    if (!is_always(*rule.when)) out += " when " + expression_text(*rule.when);
    if (!rule.opens) out += " (" + rule.message + ")";
  }
  return out;
}

std::optional<RuleTable> compile_gate(const Document& document, const Value& gate,
                                      std::vector<Diagnostic>& diagnostics) {
  return Compiler(document, diagnostics).compile(gate);
}

}  // namespace writ::policy
