#include <gtest/gtest.h>

#include "policy/filter/write_filter.h"
#include "policy/term/json.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

// The policy's `include` as a filter; its errors as text.
class FilterRun {
 public:
  explicit FilterRun(const std::string& rules) : run_({"package f\n" + rules}) {
    PartialOptions options;
    options.unknowns = {"input.fruits"};
    run_.with_input(R"({"user": "O'Brien \\ %", "none": []})");
    const PartialInput known{run_.options().input, run_.options().data, run_.options().services};
    auto answer = partially_evaluate(run_.program(), "data.f.include == true", known, options);
    EXPECT_TRUE(answer.has_value()) << to_text(answer.error());
    answer_ = *std::move(answer);
    filter_ = to_filter(answer_);
  }

  std::string sql(Dialect dialect, const TableNames& names = {}) {
    if (!filter_) return to_text(filter_.error());
    if (filter_->kind == Filter::Kind::never) return "never";
    const auto out = to_sql(*filter_, dialect, names);
    return out ? *out : to_text(out.error());
  }
  std::string ucast(UcastVariant variant) {
    if (!filter_) return to_text(filter_.error());
    const auto out = to_ucast(arena_, *filter_, variant);
    return out ? to_json(*out) : to_text(out.error());
  }

 private:
  RegoRun run_;
  Arena arena_;
  PartialAnswer answer_;
  std::expected<Filter, PolicyErrors> filter_;
};

std::string sql(const std::string& rules, Dialect dialect = Dialect::sqlite) {
  return FilterRun(rules).sql(dialect);
}

constexpr const char* kFruits =
    "include if input.fruits.price > 3\n"
    "include if { input.fruits.name == \"kiwi\"; input.fruits.colour in {\"red\", \"green\"} }";

TEST(Filter, IsAWhereClause) {
  EXPECT_EQ(sql(kFruits, Dialect::postgresql),
            "WHERE (fruits.price > 3 OR (fruits.name = E'kiwi' AND fruits.colour IN (E'green', "
            "E'red')))");
  EXPECT_EQ(sql("include if 1 == 1"), "");
  EXPECT_EQ(sql("include if { 1 == 2; input.fruits.x == 1 }"), "never");
  EXPECT_EQ(sql("include if input.fruits.name in input.none"), "never");
}

TEST(Filter, IsADocument) {
  EXPECT_EQ(
      FilterRun(kFruits).ucast(UcastVariant::all),
      R"({"operator":"or","type":"compound","value":[{"field":"fruits.price","operator":"gt",)"
      R"("type":"field","value":3},{"operator":"and","type":"compound","value":[{"field":)"
      R"("fruits.name","operator":"eq","type":"field","value":"kiwi"},{"field":)"
      R"("fruits.colour","operator":"in","type":"field","value":["green","red"]}]}]})");
  EXPECT_EQ(FilterRun(kFruits).ucast(UcastVariant::minimal),
            "1 error occurred: pe_fragment_error: ucast.minimal has no in");
  EXPECT_EQ(FilterRun("include if 1 == 1").ucast(UcastVariant::prisma), "{}");
}

TEST(Filter, WritesValuesAsLiteralsOfTheDialect) {
  const std::string rules = "include if input.fruits.owner == input.user";
  EXPECT_EQ(sql(rules, Dialect::postgresql), R"(WHERE fruits.owner = E'O''Brien \\ %')");
  EXPECT_EQ(sql(rules, Dialect::mysql), R"(WHERE fruits.owner = 'O''Brien \\ %')");
  EXPECT_EQ(sql(rules, Dialect::sqlserver), R"(WHERE fruits.owner = N'O''Brien \ %')");
  EXPECT_EQ(sql(rules, Dialect::sqlite), R"(WHERE fruits.owner = 'O''Brien \ %')");
  EXPECT_EQ(sql("include if startswith(input.fruits.owner, \"50%_!\")", Dialect::mysql),
            "WHERE fruits.owner LIKE '50!%!_!!%' ESCAPE '!'");
  EXPECT_EQ(sql("include if input.fruits.ripe == true", Dialect::sqlserver),
            "WHERE fruits.ripe = 1");
  EXPECT_EQ(
      sql("include if input.fruits.name == \"a\\u0000b\""),
      "1 error occurred: pe_fragment_error: a text with a zero byte cannot be written in SQL");
}

TEST(Filter, QuotesNamesThatAreNoPlainOnes) {
  const std::string rules = "include if input.fruits[\"a b\\\"`]\"] == 1";
  EXPECT_EQ(sql(rules, Dialect::postgresql), R"(WHERE fruits."a b""`]" = 1)");
  EXPECT_EQ(sql(rules, Dialect::mysql), R"(WHERE fruits.`a b"``]` = 1)");
  EXPECT_EQ(sql(rules, Dialect::sqlserver), R"(WHERE fruits.[a b"`]]] = 1)");
  FilterRun mapped("include if input.fruits.name == \"x\"");
  EXPECT_EQ(mapped.sql(Dialect::sqlite, {{"fruits", {{"$self", "FR"}, {"name", "nm"}}}}),
            "WHERE FR.nm = 'x'");
}

TEST(Filter, KeepsRowsOutOfNegationsOnlyWhereTheyHold) {
  EXPECT_EQ(sql("include if not input.fruits.price > 3", Dialect::postgresql),
            "WHERE (fruits.price > 3) IS NOT TRUE");
  EXPECT_EQ(sql("include if not input.fruits.price > 3", Dialect::sqlserver),
            "WHERE CASE WHEN fruits.price > 3 THEN 1 ELSE 0 END = 0");
  EXPECT_EQ(sql("include if input.fruits.price != null"), "WHERE fruits.price IS NOT NULL");
}

TEST(Filter, NamesWhatCannotBeAskedOfRows) {
  EXPECT_EQ(sql("include if { some x in input.fruits.xs; x == 1 }"),
            "1 error occurred: pe_fragment_error: input.fruits.xs[v_1] = 1 compares no column of a "
            "row; it cannot be asked of rows");
  EXPECT_EQ(
      sql("include if input.fruits.ripe"),
      "1 error occurred: pe_fragment_error: input.fruits.ripe stands alone: compare it with a "
      "value, for example with true; it cannot be asked of rows");
  EXPECT_TRUE(sql("include if lower(input.fruits.name) == \"x\"")
                  .contains("calls lower, which no condition on"));
  EXPECT_TRUE(sql("include if input.fruits.x == {\"a\": 1}").contains("no constant of one value"));
  EXPECT_TRUE(sql("include if every x in input.fruits.xs { x == 1 }").contains("is no comparison"));
}

}  // namespace
}  // namespace writ::rego
