#include <gtest/gtest.h>

#include "policy/testing/call_builtin.h"

namespace writ::rego::testing {
namespace {

struct Row {
  const char* name;
  const char* args;
  const char* outcome;
};

class Builtins : public ::testing::Test {
 protected:
  void expect(std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
      EXPECT_EQ(call_.text(row.name, row.args), row.outcome) << row.name << " " << row.args;
    }
  }
  BuiltinCall call_;
};

TEST_F(Builtins, ComputeWithWholeNumbersOfAnySize) {
  expect({{"plus", "[1, 2]", "3"},
          {"plus", "[9223372036854775807, 1]", "9223372036854775808"},
          {"minus", "[1, 2]", "-1"},
          {"mul", "[9007199254740993, 9007199254740993]", "81129638414606699710187514626049"},
          {"div", "[6, 2]", "3"},
          {"rem", "[-5, 3]", "-2"},
          {"rem", "[1.0, 1]", "0"},
          {"abs", "[-1.50]", "1.50"}});
}

TEST_F(Builtins, ComputeWithOtherNumbers) {
  expect({{"plus", "[0.1, 0.2]", "0.3"},
          {"div", "[7, 2]", "3.5"},
          {"div", "[1, 3]", "0.33333333333333333334"},
          {"round", "[2.5]", "3"},
          {"round", "[-2.5]", "-3"},
          {"ceil", "[1.1]", "2"},
          {"floor", "[-1.1]", "-2"}});
}

TEST_F(Builtins, RefuseWhatHasNoResult) {
  expect({{"div", "[1, 0]", "error: div: divide by zero"},
          {"rem", "[1, 0.0]", "error: rem: modulo by zero"},
          {"rem", "[1.5, 1]", "error: rem: modulo on floating-point number"},
          {"plus", "[1, \"a\"]", "type error: plus: operand 2 must be number but got string"},
          {"minus", "[[], 1]",
           "type error: minus: operand 1 must be one of {number, set} but got array"}});
}

TEST_F(Builtins, Aggregate) {
  expect(
      {{"count", R"(["é!"])", "2"},
       {"count", "[[1, 1]]", "2"},
       {"count", "[5]",
        "type error: count: operand 1 must be one of {array, object, set, string} but got number"},
       {"sum", "[[1, 2.5]]", "3.5"},
       {"sum", "[[]]", "0"},
       {"product", "[[]]", "1"},
       {"product", "[[3, 4]]", "12"},
       {"max", "[[1, \"a\", null]]", "\"a\""},
       {"min", "[[]]", "undefined"},
       {"sort", "[[3, 1, 2]]", "[1, 2, 3]"}});
}

TEST_F(Builtins, CompareAcrossKinds) {
  expect({{"lt", "[null, false]", "true"},
          {"gte", "[\"a\", 7]", "true"},
          {"equal", "[1, 1.0]", "true"},
          {"neq", "[[1], [1.0]]", "false"},
          {"internal.member_2", "[1.0, [2, 1]]", "true"},
          {"internal.member_2", R"(["x", {"x": 1}])", "false"},
          {"internal.member_2", "[1, 1]", "false"},
          {"internal.member_3", R"(["x", 1, {"x": 1}])", "true"}});
}

TEST_F(Builtins, CombineSets) {
  const Term a = call_.set("[1, 2, 3]");
  const Term b = call_.set("[2, 3, 4]");
  const Term pair[] = {a, b};
  EXPECT_EQ(call_.with("and", pair), "{2, 3}");
  EXPECT_EQ(call_.with("or", pair), "{1, 2, 3, 4}");
  EXPECT_EQ(call_.with("minus", pair), "{1}");
  const Term nested[] = {make_set(call_.arena(), {a, b})};
  EXPECT_EQ(call_.with("intersection", nested), "{2, 3}");
  EXPECT_EQ(call_.with("union", nested), "{1, 2, 3, 4}");
}

TEST_F(Builtins, WalkThroughEveryValue) {
  expect({{"walk", R"([{"a": [1]}])", R"([[[], {"a": [1]}], [["a"], [1]], [["a", 0], 1]])"}});
}

}  // namespace
}  // namespace writ::rego::testing
