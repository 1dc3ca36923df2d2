#include "base/value.h"

#include <gtest/gtest.h>

namespace writ {
namespace {

TEST(Value, KnowsItsKind) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_TRUE(Value(true).is_bool());
  EXPECT_EQ(Value(7).as_integer(), 7);
  EXPECT_EQ(Value(7).as_number(), 7.0);
  EXPECT_EQ(Value(0.5).as_number(), 0.5);
  EXPECT_FALSE(Value(0.5).is_integer());
  EXPECT_EQ(Value("text").as_string(), "text");
  EXPECT_EQ(kind_name(Value(Array{}).kind()), "array");
  EXPECT_EQ(kind_name(Value(Object{}).kind()), "object");
  EXPECT_EQ(kind_name(Value(0.5).kind()), "number");
}

TEST(Value, ComparesNumbersByTheirWorth) {
  EXPECT_EQ(Value(1), Value(1.0));
  EXPECT_NE(Value(1), Value(1.5));
  EXPECT_NE(Value(1), Value(true));
  // 2^63 as a double is one more than the largest integer, which rounds up to it.
  EXPECT_NE(Value(std::numeric_limits<std::int64_t>::max()), Value(0x1p63));
  EXPECT_EQ(Value(std::numeric_limits<std::int64_t>::min()), Value(-0x1p63));
}

TEST(Value, ComparesObjectsWithoutTheirOrder) {
  const Value ab(Object{{"a", 1}, {"b", 2}});
  const Value ba(Object{{"b", 2}, {"a", 1}});
  EXPECT_EQ(ab, ba);
  EXPECT_NE(ab, Value(Object{{"a", 1}}));
  EXPECT_NE(ab, Value(Object{{"a", 1}, {"c", 2}}));

  Object up;
  Object down;
  for (int i = 0; i < 100; ++i) up.append("k" + std::to_string(i), i);
  for (int i = 99; i >= 0; --i) down.append("k" + std::to_string(i), i);
  EXPECT_EQ(Value(up), Value(down));
  down.set("k50", -1);
  EXPECT_NE(Value(up), Value(down));
}

TEST(Value, LooksThroughNestedObjects) {
  Value spec(Object{{"module", Object{{"id", "orders"}, {"size", 3}, {"live", true}}}});
  ASSERT_NE(spec.at_path({"module", "id"}), nullptr);
  EXPECT_EQ(spec.at_path({"module", "id"})->as_string(), "orders");
  EXPECT_EQ(spec.at_path({"module", "id", "deeper"}), nullptr);
  EXPECT_EQ(spec.at_path({"none"}), nullptr);
  const Value& module = *spec.find("module");
  EXPECT_EQ(module.string_or("id", "x"), "orders");
  EXPECT_EQ(module.string_or("size", "x"), "x");
  EXPECT_EQ(module.integer_or("size", 0), 3);
  EXPECT_EQ(module.integer_or("id", 9), 9);
  EXPECT_TRUE(module.bool_or("live", false));
  EXPECT_TRUE(module.bool_or("id", true));
}

TEST(Object, KeepsTheOrderOfItsMembers) {
  Object object;
  object.set("z", 1);
  object.set("a", 2);
  object.set("z", 3);
  ASSERT_EQ(object.size(), 2u);
  EXPECT_EQ(object.begin()->key, "z");
  EXPECT_EQ(object.begin()->value, Value(3));
  EXPECT_TRUE(object.contains("a"));
  EXPECT_TRUE(object.erase("z"));
  EXPECT_FALSE(object.erase("z"));
  EXPECT_EQ(object.begin()->key, "a");
}

TEST(Value, CarriesItsPosition) {
  Value value("x");
  EXPECT_FALSE(value.at().is_known());
  value.set_at({3, 7});
  const Value copy = value;
  EXPECT_EQ(copy.at(), (Position{3, 7}));
  EXPECT_EQ(copy, Value("x")) << "positions do not count";
}

}  // namespace
}  // namespace writ
