#include "policy/types/type.h"

#include <gtest/gtest.h>

#include "policy/term/build.h"
#include "policy/term/json.h"

namespace writ::rego::types {
namespace {

class StaticType : public ::testing::Test {
 protected:
  Type type(const char* text) { return pool_.declared(parse_type(text)); }
  Type of(const char* json) { return pool_.of(parse_json(arena_, json).value()); }
  std::string either(const char* a, const char* b) {
    return to_text(pool_.either(type(a), type(b)));
  }
  bool meet(const char* a, const char* b) { return unifies(type(a), type(b), fuel_); }

  Arena arena_;
  TypePool pool_;
  Fuel fuel_{1000};
};

TEST_F(StaticType, OfAConstantKnowsElementsAndMembers) {
  EXPECT_EQ(to_text(of(R"([1, "a", null])")), "array<number, string, null>");
  EXPECT_EQ(to_text(of(R"({"b": true, "a": [1]})")), "object<a: array<number>, b: boolean>");
  EXPECT_EQ(to_text(of("[]")), "array[any]");
  EXPECT_EQ(to_text(of("{}")), "object[any: any]");
  EXPECT_EQ(to_text(Type{}), "???");
}

TEST_F(StaticType, UnionsAreSortedAndHoldEachTypeOnce) {
  EXPECT_EQ(either("string", "number"), "any<number, string>");
  EXPECT_EQ(either("any<number, string>", "number"), "any<number, string>");
  EXPECT_EQ(either("any<set[any], string>", "any<null, string>"), "any<null, string, set[any]>");
  EXPECT_EQ(either("any", "number"), "any");
  EXPECT_EQ(to_text(pool_.merged(type("set[number]"), type("set[string]"))),
            "set[any<number, string>]");
  EXPECT_EQ(to_text(pool_.merged(type("object[string: number]"), type("object[string: string]"))),
            "object[string: any<number, string>]");
}

TEST_F(StaticType, SelectsWhatStandsBelow) {
  const Type object = type("object<a: number>[string: boolean]");
  EXPECT_EQ(to_text(pool_.select(object, borrow_string("a"))), "number");
  EXPECT_EQ(to_text(pool_.select(object, borrow_string("x"))), "boolean");
  EXPECT_EQ(pool_.select(object, Term::integer(1)), nullptr);
  const Type array = type("array<number, string>");
  EXPECT_EQ(to_text(pool_.select(array, Term::integer(1))), "string");
  EXPECT_EQ(pool_.select(array, Term::integer(2)), nullptr);
  EXPECT_EQ(pool_.select(array, Term::integer(-1)), nullptr);
  EXPECT_EQ(to_text(pool_.values(array)), "any<number, string>");
  EXPECT_EQ(to_text(pool_.keys(object)), "string");
  EXPECT_EQ(pool_.keys(number()), nullptr);
}

TEST_F(StaticType, MeetsAnotherWhereAValueMayBeOfBoth) {
  EXPECT_TRUE(meet("any", "set[any]"));
  EXPECT_TRUE(meet("any<number, string>", "any<null, string>"));
  EXPECT_FALSE(meet("any<number, null>", "string"));
  EXPECT_TRUE(meet("array[any<number, string>]", "array<number, string>"));
  EXPECT_FALSE(meet("array<number>", "array<number, number>"));
  EXPECT_FALSE(meet("object<a: number>", "object<b: number>"));
  EXPECT_TRUE(meet("object<a: number>", "object[string: any]"));
  EXPECT_FALSE(unifies(nullptr, number(), fuel_));
}

// What is too large forgets its elements, and then accepts everything.
TEST_F(StaticType, StaysWithinItsBounds) {
  Type deep = number();
  for (int i = 0; i < 10'000; ++i) deep = pool_.array({deep, deep}, nullptr);
  EXPECT_LE(deep->nodes, kMostNodes);
  std::vector<Type> wide(kMostNodes, number());
  EXPECT_EQ(to_text(pool_.array(wide, nullptr)), "array[any]");
  Type many = nullptr;
  for (std::size_t i = 0; i <= kMostAlternatives; ++i) {
    many = pool_.either(many, pool_.array(std::vector<Type>(i, number()), nullptr));
  }
  EXPECT_EQ(to_text(many), "any");
}

TEST_F(StaticType, AcceptsWhenThereIsNoFuelLeft) {
  Fuel none(0);
  EXPECT_TRUE(unifies(number(), string(), none));
  EXPECT_TRUE(none.is_empty());
}

}  // namespace
}  // namespace writ::rego::types
