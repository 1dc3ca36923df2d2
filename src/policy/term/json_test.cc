#include "policy/term/json.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "policy/term/build.h"

namespace writ::rego {
namespace {

class TermJson : public ::testing::Test {
 protected:
  std::string round(std::string_view text) {
    auto term = parse_json(arena_, text);
    return term ? to_json(*term) : term.error().text();
  }
  Arena arena_;
};

TEST_F(TermJson, ReadsAndWritesEveryKind) {
  EXPECT_EQ(round(R"( { "b" : [ true , false , null , -1.50 , "x" ] , "a" : { } } )"),
            R"({"a":{},"b":[true,false,null,-1.50,"x"]})");
}

TEST_F(TermJson, ReadsEscapesAndMendsLoneSurrogates) {
  EXPECT_EQ(round(R"("\u00e9\n\t\"\\\/\ud83d\ude00")"), "\"é\\n\\t\\\"\\\\/😀\"");
  EXPECT_EQ(round(R"("a\ud800b")"), "\"a\ufffdb\"");
  EXPECT_EQ(round(R"("a\ud800\u0041")"), "\"a\ufffdA\"");
  EXPECT_EQ(round("\"a\xff\""), "\"a\ufffd\"");
}

TEST_F(TermJson, RefusesWhatIsNoJsonAndSaysWhere) {
  for (const char* text : {"", "[1,]", "{\"a\":}", "{a: 1}", "[1 2]", "nul", "NaN", "01", "\"\\x\"",
                           "\"abc", "[1]x", "\"\\ud8\"", "{\"a\" 1}", "\"a\nb\""}) {
    const auto term = parse_json(arena_, text);
    ASSERT_FALSE(term.has_value()) << text;
    EXPECT_EQ(term.error().code, Code::invalid_input);
  }
  const auto term = parse_json(arena_, "{\n  \"a\": tru\n}");
  ASSERT_FALSE(term.has_value());
  EXPECT_EQ(term.error().diagnostics.at(0).at, (Position{2, 8}));
}

TEST_F(TermJson, RefusesWhatIsNestedTooDeeply) {
  const std::string open(100'000, '[');
  const auto term = parse_json(arena_, open);
  ASSERT_FALSE(term.has_value());
  EXPECT_EQ(term.error().diagnostics.at(0).message, "nested too deeply");
}

TEST_F(TermJson, WritesKeysThatAreNoStringsAsTheirText) {
  const Term object =
      make_object(arena_, {{Term::null(), Term::integer(2)},
                           {make_array(arena_, {Term::integer(1)}), Term::integer(3)},
                           {make_set(arena_, {Term::integer(1)}), Term::integer(4)}});
  EXPECT_EQ(to_json(object), R"({"[1]":4,"null":2})");
}

TEST_F(TermJson, EscapesForHtmlWhenAsked) {
  const Term text = make_string(arena_, "<a&b>\u2028");
  EXPECT_EQ(to_json(text, Escape::html), R"("\u003ca\u0026b\u003e\u2028")");
  EXPECT_EQ(to_json(text), "\"<a&b>\u2028\"");
}

TEST_F(TermJson, IndentsForPeople) {
  EXPECT_EQ(to_pretty_json(*parse_json(arena_, R"({"a":[1,{}],"b":[]})")),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

TEST_F(TermJson, GoesToValuesAndBack) {
  const char* text = R"({"a":[1,2.5,"x",null,true]})";
  const auto value = writ::parse_json(text);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(to_json(from_value(arena_, *value)), text);
  EXPECT_EQ(*to_value(*parse_json(arena_, text)), *value);
  EXPECT_FALSE(to_value(*parse_json(arena_, "1e999")).has_value());
}

TEST_F(TermJson, DataTakesLessThanThreeTimesItsText) {
  std::string text = "{";
  for (int i = 0; i < 5000; ++i) {
    const std::string n = std::to_string(i);
    text +=
        (i > 0 ? ", \"user" : "\"user") + n + R"(": {"id": )" + n + R"(, "name": "name )" + n +
        R"(", "roles": ["role1", "role20", "role33"], "attrs": {"dept": "d7", "active": true}})";
  }
  text += "}";
  ASSERT_TRUE(parse_json(arena_, text).has_value());
  EXPECT_LT(arena_.used(), 3 * text.size());
}

}  // namespace
}  // namespace writ::rego
