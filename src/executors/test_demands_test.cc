// What a law demands of tests, met and unmet.
#include "executors/test_demands.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace writ::executors {
namespace {

constexpr const char* kSource =
    "#include <gtest/gtest.h>\n#include \"orders/book.h\"\n"
    "struct FakeClock {};\n"
    "TEST(Book, TakesAnOrderOnce) { EXPECT_EQ(book.size(), 1); }\n"
    "TEST(Book, IsSigned) { EXPECT_TRUE(ok); }\n"
    "TEST(Book, DISABLED_Dispatches) { EXPECT_EQ(book.size(), 1); }\n";

// "rule file:line message" of each problem, a line each.
std::string unmet(std::string_view parameters) {
  const evidence::TestSource source{"tests/book_test.cc", kSource};
  const auto sources = std::span(&source, 1);
  const auto tests = evidence::read_gtest_sources(sources);
  std::string out;
  for (const execution::Problem& problem :
       unmet_demands(*parse_json(parameters), tests, sources,
                     [](std::string_view path) { return path == "contracts/clock.md"; })) {
    out += problem.rule + " " + problem.file + ":" + std::to_string(problem.at.line) + " " +
           problem.message + "\n";
  }
  return out;
}

TEST(TestDemands, AreMetByTestsThatAssertContents) {
  EXPECT_EQ(unmet(R"({"categories": {"idempotency": ["*Nothing*", "Book.*Once"]}})"), "");
  EXPECT_EQ(unmet(R"({"categories": {"signature": ["*IsSigned"], "dispatch": ["*Dispatches"]}})"),
            "category.signature :0 no test proves the category signature\n"
            "category.dispatch :0 no test proves the category dispatch\n");
}

TEST(TestDemands, WantAContractBehindEachDouble) {
  EXPECT_EQ(unmet(R"({"doubles": {"FakeClock": "contracts/clock.md"}})"), "");
  EXPECT_EQ(unmet(R"({"doubles": {}})"),
            "double tests/book_test.cc:3 no contract backs the double FakeClock\n");
  EXPECT_EQ(unmet(R"({"doubles": {"FakeClock": "gone.md"}})"),
            "double tests/book_test.cc:3 the contract of the double FakeClock, gone.md, is not in "
            "the tree\n");
}

TEST(TestDemands, WantRealModels) {
  EXPECT_EQ(unmet(R"({"models": ["orders/**"]})"), "");
  EXPECT_EQ(unmet(R"({"models": ["other/**"]})"),
            "model tests/book_test.cc:1 its tests import no real model\n");
}

TEST(TestDemands, AreOnlyThoseThatAreMade) { EXPECT_EQ(unmet("{}"), ""); }

}  // namespace
}  // namespace writ::executors
