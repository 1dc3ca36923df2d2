#include "policy/builtins/type.h"

#include <gtest/gtest.h>

#include "policy/builtins/table.h"

namespace writ::rego {
namespace {

TEST(Type, PrintsWhatItRead) {
  for (const char* text :
       {"any", "string", "array[any]", "array<number, string>", "array<number>[string]",
        "set[set[any]]", "object[any: any]", "object<a: string, b: array[number]>[string: any]",
        "any<array[any], number>"}) {
    EXPECT_EQ(to_text(parse_type(text)), text);
  }
}

TEST(Type, KnowsTheKindsItAllows) {
  EXPECT_EQ(kinds_of(parse_type("number")), kind_bit(Kind::number));
  EXPECT_EQ(kinds_of(parse_type("any<array[any], set[any]>")),
            kind_bit(Kind::array) | kind_bit(Kind::set));
  EXPECT_EQ(kinds_of(parse_type("any")), 0xffff);
}

TEST(BuiltinTable, ReadsEverySignature) {
  for (const auto& [name, entry] : BuiltinTable::standard().entries()) {
    EXPECT_EQ(entry.row->name, name);
    EXPECT_NE(entry.row->call, nullptr) << name;
    EXPECT_FALSE(entry.signature.result.name.empty()) << name;
    const Signature again = parse_signature(parameters_text(entry.signature) + " => (r: any)");
    EXPECT_EQ(parameters_text(again), parameters_text(entry.signature)) << name;
  }
}

TEST(BuiltinTable, FindsByNameAndBySign) {
  const BuiltinEntry* plus = BuiltinTable::standard().find("plus");
  ASSERT_NE(plus, nullptr);
  EXPECT_EQ(BuiltinTable::standard().find_infix("+"), plus);
  EXPECT_EQ(plus->arity(), 2u);
  EXPECT_EQ(BuiltinTable::standard().find("no.such"), nullptr);
}

}  // namespace
}  // namespace writ::rego
