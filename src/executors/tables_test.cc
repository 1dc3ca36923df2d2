// What protocol lets documents name is what there is to run.
#include <gtest/gtest.h>

#include "executors/check.h"
#include "protocol/check_names.h"
#include "scan/scan.h"

namespace writ::executors {
namespace {

TEST(CheckTable, HasEveryCheckThatADocumentMayName) {
  std::vector<std::string_view> runnable;
  for (const CheckRow& row : check_table()) runnable.push_back(row.name);
  std::vector<std::string_view> nameable;
  for (const protocol::CheckRow& row : protocol::check_table()) nameable.push_back(row.name);
  EXPECT_EQ(runnable, nameable);
}

TEST(ScanRules, AreThoseThatADocumentMayName) {
  std::vector<std::string_view> known;
  for (const scan::RuleInfo& rule : scan::rule_table()) known.push_back(rule.id);
  const auto ids = protocol::scan_rule_ids();
  EXPECT_EQ(known, std::vector<std::string_view>(ids.begin(), ids.end()));
  for (const std::string& id : protocol::expand_scan_rules({"zero-tolerance"})) {
    scan::ScanOptions options;
    options.rules = {id};
    EXPECT_TRUE(scan::scan_text("a.cc", "int a;\n", options)) << id;
  }
}

}  // namespace
}  // namespace writ::executors
