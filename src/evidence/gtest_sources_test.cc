#include "evidence/gtest_sources.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/json.h"

namespace writ::evidence {
namespace {

using Names = std::vector<std::string>;

std::vector<SourceTest> read(std::string text) {
  const TestSource source{"a_test.cc", std::move(text)};
  return read_gtest_sources(std::span(&source, 1));
}

// "content", "status" or "nothing": what one test with this body proves.
std::string proves(const std::string& body) {
  const auto tests = read("TEST(A, B) {\n" + body + "\n}\n");
  if (tests.size() != 1) return "no test";
  if (tests[0].is_assertion_free()) return "nothing";
  return tests[0].is_status_only() ? "status" : "content";
}

TEST(GtestSources, TellFlagsFromContents) {
  for (const std::string_view body : {"EXPECT_TRUE(book.cancel(1).ok());",
                                      "EXPECT_TRUE(result);",
                                      "EXPECT_FALSE(!result);",
                                      "ASSERT_TRUE(result.has_value()) << \"why\";",
                                      "EXPECT_EQ(result.ok(), true);",
                                      "EXPECT_EQ(response.status, 200);",
                                      "EXPECT_EQ(200, response->status_code());",
                                      "EXPECT_NE(pointer, nullptr);",
                                      "EXPECT_TRUE(a.ok() && b.has_value());",
                                      "EXPECT_TRUE(book.submit(order));",
                                      "EXPECT_NO_THROW(f());",
                                      "ASSERT_OK(f());",
                                      "EXPECT_THAT(f(), IsOk());",
                                      "EXPECT_TRUE(static_cast<bool>(result));",
                                      "EXPECT_EQ(status, Status::OK());",
                                      "EXPECT_TRUE(true);",
                                      "RC_ASSERT(result);",
                                      "EXPECT_TRUE(response.status == 200);",
                                      "EXPECT_TRUE(run());",
                                      "for (auto& r : results) EXPECT_TRUE(r.is_ok());"}) {
    EXPECT_EQ(proves(std::string(body)), "status") << body;
  }
  for (const std::string_view body :
       {"EXPECT_EQ(book.size(), 3u);", "EXPECT_TRUE(result->size() == 3);",
        "EXPECT_TRUE(contains(text, \"x\"));", "EXPECT_TRUE(glob_matches(\"a*\", \"ab\"));",
        "EXPECT_TRUE(list.empty());", "EXPECT_LT(a, b);", "EXPECT_STREQ(a, \"x\");",
        "EXPECT_THROW(f(), E);", "EXPECT_THAT(list, ElementsAre(1, 2));",
        "EXPECT_TRUE(result.ok()); EXPECT_EQ(*result, 3);", "EXPECT_EQ(r.error().code, Code::x);",
        "EXPECT_TRUE(a.ok() && a->price == 3);", "EXPECT_TRUE(order.is_filled);",
        "if (x) FAIL() << \"why\";", "EXPECT_TRUE(text.starts_with(\"a\"));",
        "EXPECT_TRUE(key.verifies(message, signature));",
        "EXPECT_FALSE(schema.is_valid(document));", "EXPECT_TRUE(value.bool_or(\"done\", false));",
        "EXPECT_NE(list[0], nullptr);"}) {
    EXPECT_EQ(proves(std::string(body)), "content") << body;
  }
  for (const std::string_view body : {"", "book.submit(order);", "// EXPECT_EQ(a, b);",
                                      "f(\"EXPECT_EQ(a, b)\");", "SUCCEED();"}) {
    EXPECT_EQ(proves(std::string(body)), "nothing") << body;
  }
}

TEST(GtestSources, ReadNamesPlacesAndFields) {
  const auto tests = read(R"cpp(
#include <gtest/gtest.h>
    TEST_F(BookTest, KeepsPriceThenTimeOrder) {
      const auto book = make();
      EXPECT_EQ(book.bids().front().price, 7) << "seen";
      EXPECT_EQ(value.find("trader")->as_string(), row["desk"]);
    }
    TEST_P(Params, DISABLED_Later) {}
    TYPED_TEST(Typed, HTTPStatusIsKept) { EXPECT_GT(x->depth, 1); }
    RC_GTEST_PROP(Prop, AlwaysSorted, (const std::vector<int>& v)) { RC_ASSERT(sorted(v) == v); }
  )cpp");
  ASSERT_EQ(tests.size(), 4u);
  EXPECT_EQ(tests[0].full_name(), "BookTest.KeepsPriceThenTimeOrder");
  EXPECT_EQ(tests[0].line, 3u);
  EXPECT_EQ(tests[0].contract(), "BookTest: keeps price then time order");
  EXPECT_EQ(tests[0].fields(), (Names{"as_string", "bids", "desk", "price", "trader"}));
  ASSERT_EQ(tests[0].assertions.size(), 2u);
  EXPECT_EQ(tests[0].assertions[0].kind, "EXPECT_EQ");
  EXPECT_EQ(tests[0].assertions[0].text, "book.bids().front().price, 7");
  EXPECT_EQ(tests[0].assertions[1].line, 6u);
  EXPECT_TRUE(tests[1].is_disabled);
  EXPECT_TRUE(tests[1].is_assertion_free());
  EXPECT_EQ(tests[2].contract(), "Typed: HTTP status is kept");
  EXPECT_EQ(tests[2].fields(), Names{"depth"});
  EXPECT_EQ(tests[3].name, "AlwaysSorted");
  EXPECT_FALSE(tests[3].is_status_only());
}

TEST(GtestSources, FollowHelpersThroughAllSources) {
  const TestSource sources[] = {
      {"helpers.h",
       "inline void check_order(const Order& o) { EXPECT_EQ(o.price, 3); }\n"
       "inline void check_all(const Book& b) { for (auto& o : b) check_order(o); }\n"
       "inline void must(const R& r) { ASSERT_TRUE(r.ok()); }\n"},
      {"a_test.cc",
       "TEST(A, Deep) { check_all(book); }\nTEST(A, Flag) { must(submit()); }\n"
       "TEST(A, None) { look_at(book); }\n"}};
  const auto tests = read_gtest_sources(sources);
  ASSERT_EQ(tests.size(), 3u);
  EXPECT_EQ(tests[0].fields(), Names{"price"});
  EXPECT_FALSE(tests[0].is_status_only());
  EXPECT_TRUE(tests[1].is_status_only());
  EXPECT_TRUE(tests[2].is_assertion_free());
}

TEST(GtestSources, SurviveBrokenText) {
  for (const std::string_view text :
       {"TEST(A, B) {", "TEST(A, B", "TEST(A, B) { EXPECT_EQ(", "TEST(", "}}}}TEST(A, B) {}",
        "TEST(A, B) { EXPECT_EQ(a, b; }", "EXPECT_TRUE())))", "TEST(A, B) { EXPECT_TRUE(); }"}) {
    for (const SourceTest& test : read(std::string(text))) {
      EXPECT_EQ(test.full_name(), "A.B") << text;
    }
  }
}

TEST(TestEvidence, CountsIntoFactsAndListsWhatProvesNothing) {
  const auto tests = read(
      "TEST(A, Good) { EXPECT_EQ(a.x, 1); }\n"
      "TEST(A, Flag) { EXPECT_TRUE(a.ok()); }\nTEST(A, None) {}\n");
  const Draft draft = test_evidence("unit", tests);
  EXPECT_EQ(draft.kind, Kind::test_evidence);
  EXPECT_EQ(draft.facts, (std::map<std::string, Value>{{"test_evidence.total", 3},
                                                       {"test_evidence.status_only", 1},
                                                       {"test_evidence.assertion_free", 1}}));
  const Array& faulty = draft.data.find("faulty")->as_array();
  ASSERT_EQ(faulty.size(), 2u);
  EXPECT_EQ(faulty[0].string_or("name", ""), "A.Flag");
  EXPECT_EQ(faulty[0].string_or("fault", ""), "status_only");
  EXPECT_EQ(faulty[1].integer_or("line", 0), 3);
  std::vector<SourceTest> many(3000, tests[2]);
  EXPECT_LE(to_json(test_evidence("unit", many).data).size(), kMaxDataBytes);
}

TEST(TestEvidence, IsATableForPeople) {
  const auto tests = read(
      "TEST(A, KeepsOrder) { EXPECT_EQ(a.price, 1); }\n"
      "TEST(A, Flag) { EXPECT_TRUE(a.ok()); }\nTEST(A, None) {}\n");
  EXPECT_EQ(test_evidence_markdown(tests, {{"A.KeepsOrder", {"ACC-1"}}}),
            "| test | contract proved | fields asserted | assertions | criteria |\n"
            "|---|---|---|---|---|\n"
            "| `A.KeepsOrder` | A: keeps order | price | 1 | ACC-1 |\n"
            "| `A.Flag` | A: flag | **asserts a status only** | 1 |  |\n"
            "| `A.None` | A: none | **asserts nothing** | 0 |  |\n");
}

// Our own tests are held to it.
TEST(TestEvidence, HoldsForThisModule) {
  std::vector<TestSource> sources;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(WRIT_SOURCE_DIR "/src/evidence")) {
    const std::string path = entry.path().string();
    if (path.find("_test.cc") == std::string::npos && path.find("testing/") == std::string::npos) {
      continue;
    }
    if (!entry.is_regular_file()) continue;
    const auto text = read_file(entry.path(), 1 << 20);
    ASSERT_TRUE(text);
    sources.push_back({path, *text});
  }
  const auto tests = read_gtest_sources(sources);
  EXPECT_GT(tests.size(), 70u);
  for (const SourceTest& test : tests) {
    if (test.path.ends_with("gtest_sources_test.cc")) continue;  // holds examples in strings
    EXPECT_FALSE(test.is_assertion_free()) << test.full_name();
    EXPECT_FALSE(test.is_status_only()) << test.full_name();
  }
}

}  // namespace
}  // namespace writ::evidence
