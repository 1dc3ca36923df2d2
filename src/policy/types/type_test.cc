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

TEST_F(StaticType, RemembersWhatAnIterationHas) {
  const Type many = type("any<array<number, string>, object<a: null>[string: boolean]>");
  EXPECT_EQ(to_text(pool_.values(many)), "any<null, boolean, number, string>");
  EXPECT_EQ(pool_.values(many), pool_.values(many));
  EXPECT_EQ(to_text(pool_.keys(many)), "any<number, string>");
  EXPECT_EQ(pool_.keys(many), pool_.keys(many));
}

TEST_F(StaticType, KnowsThatItForgot) {
  EXPECT_TRUE(pool_.array(std::vector<Type>(kMostNodes, number()), nullptr)->has_forgotten);
  std::vector<Type> many;
  for (std::size_t i = 0; i <= kMostAlternatives; ++i) {
    many.push_back(pool_.array(std::vector<Type>(i, number()), nullptr));
  }
  EXPECT_TRUE(pool_.either(many)->has_forgotten);
  EXPECT_FALSE(anything()->has_forgotten);
  EXPECT_EQ(to_text(pool_.either(pool_.either(many), string())), "any");
}

TEST_F(StaticType, IsAnythingOnceThereIsNoFuelLeft) {
  TypePool small(200);
  const Type pair = small.either(small.array({number()}, nullptr), small.array({null()}, nullptr));
  EXPECT_EQ(to_text(small.select(pair, Term::integer(0))), "any<null, number>");
  for (int i = 0; i < 10; ++i) small.select(pair, Term::integer(0));
  EXPECT_TRUE(small.fuel().is_empty());
  EXPECT_EQ(to_text(small.select(pair, Term::integer(7))), "any");
  EXPECT_EQ(to_text(small.keys(number())), "any");
  EXPECT_EQ(to_text(small.set(number())), "any");
  EXPECT_TRUE(unifies(number(), string(), small.fuel()));
}

TEST_F(StaticType, IsShownUpToALength) {
  std::vector<StaticField> fields;
  const std::string padding(100, 'k');
  for (int i = 0; i < 1000; ++i) {
    fields.push_back({make_string(arena_, std::to_string(i) + padding), number()});
  }
  const std::string text = to_text(pool_.object(std::move(fields)));
  EXPECT_TRUE(text.starts_with("object<0kkk")) << text;
  EXPECT_TRUE(text.ends_with("…")) << text;
  EXPECT_LE(text.size(), kLongestText + 3);
}

}  // namespace
}  // namespace writ::rego::types
