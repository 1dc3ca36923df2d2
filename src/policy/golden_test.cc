// testdata/facts_v1 fixes what gates mean, for ever: a table and facts that once gave a decision
// give it again. WRIT_REGENERATE=1 rewrites `table`, `reason` and `wanted` (never `open` and
// `rule`), to be reviewed as a diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/json.h"
#include "policy/rule_table.h"

namespace writ::policy {
namespace {

namespace fs = std::filesystem;

RuleTable compiled(const Value& gate) {
  std::vector<Diagnostic> diagnostics;
  auto table = compile_gate(Document{}, gate, diagnostics);
  EXPECT_TRUE(table) << (diagnostics.empty() ? "" : diagnostics[0].message);
  return table ? *std::move(table) : RuleTable{};
}

Value wanted_value(const Decision& decision) {
  Array wanted;
  for (const std::string& text : decision.wanted) wanted.push_back(text);
  return wanted;
}

void replay(Value& vector, bool regenerate) {
  SCOPED_TRACE(vector.string_or("name", "?"));
  const RuleTable table = compiled(*vector.find("gate"));
  const auto facts = Facts::from_value(*vector.find("facts"));
  ASSERT_TRUE(facts) << facts.error().text();
  EXPECT_EQ(to_json(facts->to_value()), to_json(*vector.find("facts")));
  const Decision decision = evaluate(table, *facts);
  if (regenerate) {
    vector.as_object().set("table", table.to_value());
    vector.as_object().set("reason", decision.reason);
    vector.as_object().set("wanted", wanted_value(decision));
  }
  EXPECT_EQ(decision.open, vector.bool_or("open", !decision.open));
  EXPECT_EQ(decision.rule ? Value(*decision.rule) : Value(), *vector.find("rule"));
  EXPECT_EQ(table.to_value(), *vector.find("table"));
  EXPECT_EQ(decision.reason, vector.string_or("reason", "?"));
  EXPECT_EQ(wanted_value(decision), *vector.find("wanted"));
  const auto stored = RuleTable::from_value(*vector.find("table"));
  ASSERT_TRUE(stored) << stored.error().text();
  EXPECT_EQ(evaluate(*stored, *facts).to_value(), decision.to_value());
  EXPECT_EQ(stored->to_value(), table.to_value());
}

TEST(FactsV1, GivesTheDecisionsOfTheGoldenVectors) {
  const bool regenerate = std::getenv("WRIT_REGENERATE") != nullptr;
  std::size_t count = 0;
  for (const auto& entry :
       fs::directory_iterator(fs::path(WRIT_SOURCE_DIR) / "src/policy/testdata/facts_v1")) {
    SCOPED_TRACE(entry.path().filename().string());
    const auto text = read_file(entry.path(), 1u << 20);
    ASSERT_TRUE(text) << text.error().text();
    auto vectors = parse_json(*text);
    ASSERT_TRUE(vectors) << vectors.error().text();
    for (Value& vector : vectors->as_array()) replay(vector, regenerate);
    count += vectors->as_array().size();
    if (regenerate) std::ofstream(entry.path()) << to_pretty_json(*vectors);
  }
  EXPECT_GE(count, 40u);
}

}  // namespace
}  // namespace writ::policy
