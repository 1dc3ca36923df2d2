#include "policy/facts.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/file.h"

namespace writ::policy {
namespace {

TEST(FactTable, IsSortedUniqueAndDocumented) {
  const auto text = read_file(std::string(WRIT_SOURCE_DIR) + "/docs/formats/facts.md", 1u << 20);
  ASSERT_TRUE(text) << text.error().text();
  constexpr std::string_view kTypes[] = {"number", "boolean", "string"};
  constexpr std::string_view kAggregates[] = {"sum", "max", "min", "all", "any", "last"};
  std::string_view before;
  for (const FactRow& row : fact_table()) {
    EXPECT_LT(before, row.name);
    before = row.name;
    const std::string line = "| `" + std::string(row.name) + "` | " +
                             std::string(kTypes[static_cast<std::size_t>(row.type)]) + " | " +
                             std::string(kAggregates[static_cast<std::size_t>(row.aggregate)]) +
                             " | " + std::string(row.evidence) + " | " + std::string(row.meaning) +
                             " |";
    EXPECT_TRUE(text->contains(line)) << line;
  }
}

TEST(FactTable, FindsEveryRowAndNoOther) {
  for (const FactRow& row : fact_table()) {
    if (!row.name.ends_with('*')) {
      EXPECT_EQ(find_fact(row.name), &row);
    }
  }
  EXPECT_EQ(find_fact("benchmark.p99")->name, "benchmark.*");
  EXPECT_EQ(find_fact("benchmark.BM_X/64.p99")->name, "benchmark.*");
  EXPECT_EQ(find_fact("benchmark."), nullptr);
  EXPECT_EQ(find_fact("benchmark"), nullptr);
  EXPECT_EQ(find_fact("tests.fail"), nullptr);
  EXPECT_EQ(find_fact(""), nullptr);
}

TEST(Facts, AggregateAsTheTableSays) {
  Facts facts;
  const FactOrigin a{"a", "s", "tests"};
  const FactOrigin b{"b", "s", "tests"};
  const auto add_both = [&](std::string_view name, Value first, Value second) {
    EXPECT_TRUE(facts.add(name, first, a));
    EXPECT_TRUE(facts.add(name, second, b));
    return facts.facts.find(name)->second.value;
  };
  EXPECT_EQ(add_both("tests.failed", 2, 3), Value(5));
  EXPECT_EQ(add_both("exit.code", 7, 3), Value(7));
  EXPECT_EQ(add_both("exit.ok", true, false), Value(false));
  EXPECT_EQ(add_both("benchmark.p99", 1.5, 0.5), Value(0.5));
  EXPECT_EQ(facts.facts.find("tests.failed")->second.origins.size(), 2u);
}

TEST(Facts, SumPastTheIntegersBecomesAReal) {
  Facts facts;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  ASSERT_TRUE(facts.add("tests.total", most, {"a", "", ""}));
  ASSERT_TRUE(facts.add("tests.total", most, {"b", "", ""}));
  EXPECT_EQ(facts.facts.at("tests.total").value, Value(0x1p64));
}

TEST(Facts, RefuseUnknownNamesAndWrongTypes) {
  Facts facts;
  EXPECT_EQ(facts.add("tests.fails", 1, {}).error().code, Code::internal);
  EXPECT_EQ(facts.add("tests.failed", true, {}).error().code, Code::internal);
  EXPECT_EQ(facts.add("exit.ok", 1, {}).error().code, Code::internal);
  EXPECT_EQ(facts.add("benchmark.x", std::numeric_limits<double>::infinity(), {}).error().code,
            Code::internal);
  EXPECT_TRUE(facts.facts.empty());
}

TEST(Facts, ReadBackFromTheirDocument) {
  Facts facts;
  facts.run = Object{{"id", "r"}};
  facts.step = Object{{"path", "test/unit"}, {"attempt", 2}};
  facts.tree = "sha256:00";
  ASSERT_TRUE(facts.add("tests.failed", 0, {"e2", "test/unit", "tests"}));
  ASSERT_TRUE(facts.add("tests.failed", 1, {"e1", "test/e2e", "tests"}));
  ASSERT_TRUE(facts.add("exit.ok", true, {"e0", "test/unit", "command"}));
  facts.stale.push_back({"scan.violations", "made on another tree"});
  const auto again = Facts::from_value(facts.to_value());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->to_value(), facts.to_value());
  EXPECT_EQ(again->facts.at("tests.failed").origins[0].evidence_id, "e1");
  EXPECT_EQ(again->stale[0].reason, "made on another tree");
}

TEST(Facts, RefuseADocumentThatIsNotTheirs) {
  Facts facts;
  ASSERT_TRUE(facts.add("exit.ok", true, {"e0", "test/unit", "command"}));
  const Value good = facts.to_value();
  const auto broken = [&](std::string_view key, Value value) {
    Value copy = good;
    copy.as_object().set(std::string(key), std::move(value));
    const auto read = Facts::from_value(copy);
    return read ? std::string("accepted") : read.error().message;
  };
  EXPECT_EQ(broken("format", "v0"), "this is no facts/v1 document: `format` is not writ.facts/v1");
  EXPECT_EQ(broken("facts", Object{{"no.such", 1}}),
            "this is no facts/v1 document: there is no fact `no.such`");
  EXPECT_EQ(broken("facts", Object{{"exit.ok", 1}}),
            "this is no facts/v1 document: exit.ok has the wrong type");
  EXPECT_EQ(broken("facts", Object{}),
            "this is no facts/v1 document: evidence for a fact that is not there");
  EXPECT_EQ(broken("stale", 3),
            "this is no facts/v1 document: run, step, facts, evidence and stale must all be there");
}

}  // namespace
}  // namespace writ::policy
