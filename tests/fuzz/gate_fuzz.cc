// Gates from arbitrary text: conditions, and modules in Rego where it begins as one. What is
// accepted prints as text and as canonical JSON that read back equal, opens on no facts never, and
// taking a fact away never opens it.
#include <cstdlib>

#include "base/document.h"
#include "policy/expression.h"
#include "policy/gate/gate.h"

namespace {

using namespace writ::policy;

void require(bool holds) {
  if (!holds) std::abort();
}

// Some value for every fact the table names, chosen by the input's bytes.
Facts facts_for(const Gate& gate, std::string_view bytes) {
  Facts facts;
  std::size_t at = 0;
  for (const std::string& name : gate.fact_names()) {
    const unsigned char byte =
        bytes.empty() ? 0 : static_cast<unsigned char>(bytes[at++ % bytes.size()]);
    const FactRow* row = find_fact(name);
    const writ::Value value =
        row->type == FactType::boolean ? writ::Value((byte & 1) != 0) : writ::Value(byte % 4);
    require(facts.add(name, value, {}).has_value());
  }
  return facts;
}

void check(const Gate& gate, std::string_view bytes) {
  const writ::Value value = gate.to_value();
  const auto again = Gate::from_value(value);
  require(again.has_value() && again->to_value() == value);
  require(!evaluate(gate, Facts{}).open);
  Facts facts = facts_for(gate, bytes);
  const Decision decision = evaluate(gate, facts);
  require(evaluate(*again, facts).to_value() == decision.to_value());
  if (decision.open) return;
  while (!facts.facts.empty()) {
    facts.facts.erase(facts.facts.begin());
    require(!evaluate(gate, facts).open);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("package")) {
    std::vector<ModuleProblem> wrong;
    const auto module = make_rego_gate(text, {}, wrong);
    require(module.has_value() == wrong.empty());
    if (module) check(*module, text);
    return 0;
  }
  const writ::Document document{"fuzz", text, {}};
  std::vector<writ::Diagnostic> diagnostics;
  // Lines are conditions; the rows alternate between shutting and opening.
  writ::Array rows;
  for (std::size_t start = 0; start <= text.size() && rows.size() < 8;) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    writ::Object row{{"when", line}};
    if (rows.size() % 2 == 1)
      row.append("shut", "no");
    else
      row.append("open", true);
    rows.push_back(std::move(row));
    std::vector<ExpressionProblem> problems;
    if (const auto parsed = parse_expression(line, problems)) {
      const auto printed = parse_expression(expression_text(*parsed), problems);
      require(printed && expression_value(*printed) == expression_value(*parsed));
    }
    start = end + 1;
  }
  if (const auto table = compile_gate(document, rows, diagnostics)) check(*table, text);
  return 0;
}
