// The tables of names: sorted, unique, documented, and usable as they stand.
#include <gtest/gtest.h>

#include "base/file.h"
#include "policy/rule_table.h"
#include "protocol/attest_names.h"
#include "protocol/check_names.h"
#include "protocol/rule_names.h"

namespace writ::protocol {
namespace {

std::string page(std::string_view name) {
  const auto text =
      read_file(std::string(WRIT_SOURCE_DIR) + "/docs/formats/" + std::string(name), 1u << 20);
  EXPECT_TRUE(text) << name;
  return text ? *text : std::string();
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

TEST(CheckTable, IsSortedAndDocumented) {
  const std::string text = page("checks.md");
  std::string_view before;
  for (const CheckRow& row : check_table()) {
    EXPECT_LT(before, row.name);
    before = row.name;
    EXPECT_EQ(find_check(row.name), &row);
    std::string parameters;
    for (const std::string_view parameter : cell_words(row.parameters)) {
      parameters += (parameters.empty() ? "" : " ") + code(parameter);
    }
    const std::string line = "| " + code(row.name) + " | " + parameters + " | " +
                             std::string(row.produces) + " | " + std::string(row.meaning) + " |";
    EXPECT_TRUE(text.contains(line)) << line;
  }
  EXPECT_EQ(find_check("scans"), nullptr);
}

TEST(ScanRules, AreSortedAndSetsNameThemAll) {
  const auto ids = scan_rule_ids();
  EXPECT_TRUE(std::ranges::is_sorted(ids));
  EXPECT_EQ(expand_scan_rules({"zero-tolerance"}).size(), ids.size());
  EXPECT_EQ(expand_scan_rules({"xxx-comment", "todo-comment", "xxx-comment"}),
            (std::vector<std::string>{"todo-comment", "xxx-comment"}));
}

TEST(AttestTable, IsSortedDocumentedAndEveryGateCompiles) {
  const std::string text = page("protocol.md");
  std::string_view before;
  for (const AttestRow& row : attest_table()) {
    EXPECT_LT(before, row.name);
    before = row.name;
    std::vector<Diagnostic> problems;
    EXPECT_TRUE(policy::compile_gate(Document{}, Value(row.gate), problems)) << row.name;
    const std::string line =
        "| " + code(row.name) + " | " + std::string(row.text) + " | " + code(row.gate) + " |";
    EXPECT_TRUE(text.contains(line)) << line;
  }
}

TEST(RuleNames, AreSortedAndDocumented) {
  const std::string text = page("protocol.md");
  constexpr std::string_view kStricter[] = {"true", "lower", "stop", ""};
  std::string_view before;
  for (const RuleRow& row : rule_table()) {
    EXPECT_LT(before, row.name);
    before = row.name;
    const std::string line = "| " + code(row.name) + " | " + std::string(row.type) + " | " +
                             std::string(kStricter[static_cast<std::size_t>(row.stricter)]) +
                             " | " + std::string(row.meaning) + " |";
    EXPECT_TRUE(text.contains(line)) << line;
  }
}

TEST(RuleNames, KnowWhatIsStricter) {
  const auto order = [](std::string_view name, Value a, Value b) {
    return compare_strictness(*find_rule(name), a, b);
  };
  EXPECT_LT(order("budget.max_files", 3, 5), 0);
  EXPECT_GT(order("budget.active", "1h", "59m"), 0);
  EXPECT_EQ(order("budget.active", "60m", "1h"), 0);
  EXPECT_LT(order("ambiguity", "stop", "assume"), 0);
  EXPECT_GT(order("forbid.todo-comment", false, true), 0);
  EXPECT_EQ(order("sequential", true, true), 0);
  EXPECT_GT(order("words.tone", "a", "b"), 0);
  EXPECT_EQ(find_rule("forbid."), nullptr);
  EXPECT_EQ(find_rule("budget"), nullptr);
}

}  // namespace
}  // namespace writ::protocol
