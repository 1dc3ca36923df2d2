// Kinds, casts, arrays, bits, ranges, and what v0 modules may still call.
#include "policy/testing/builtin_rows.h"

namespace writ::rego::testing {
namespace {

class Values : public BuiltinRows {};

TEST_F(Values, AreAskedForTheirKind) {
  expect({{"is_array", "[[1]]", "true"},
          {"is_array", "[{}]", "false"},
          {"is_boolean", "[false]", "true"},
          {"is_null", "[null]", "true"},
          {"is_number", "[-42.0]", "true"},
          {"is_object", "[{}]", "true"},
          {"is_set", "[[1]]", "false"},
          {"is_string", R"(["x"])", "true"},
          {"is_string", "[null]", "false"},
          {"type_name", "[null]", R"("null")"},
          {"type_name", "[1.5]", R"("number")"}});
  const Term set[] = {call_.set("[1]")};
  EXPECT_EQ(call_.with("is_set", set), "true");
  EXPECT_EQ(call_.with("type_name", set), R"("set")");
}

TEST_F(Values, BecomeNumbersIfJsonCouldSpellThem) {
  expect(
      {{"to_number", "[null]", "0"},
       {"to_number", "[true]", "1"},
       {"to_number", R"(["1e3"])", "1e3"},
       {"to_number", R"(["-1.50"])", "-1.50"},
       {"to_number", R"([" 1"])",
        R"(error: to_number: strconv.ParseFloat: parsing " 1": invalid syntax)"},
       {"to_number", R"(["+1"])",
        R"(error: to_number: strconv.ParseFloat: parsing "+1": invalid syntax)"},
       {"to_number", R"(["-NaN"])",
        "type error: to_number: operand 1 must be valid number string but got string"},
       {"to_number", R"(["iNf"])",
        "type error: to_number: operand 1 must be valid number string but got string"},
       {"to_number", "[[]]",
        "type error: to_number: operand 1 must be one of {null, boolean, number, string} but got "
        "array"}});
}

TEST_F(Values, AreCastInOldModules) {
  expect(
      {{"cast_string", R"(["a"])", R"("a")"},
       {"cast_string", "[1]", "type error: cast_string: operand 1 must be string but got number"},
       {"cast_boolean", "[true]", "true"},
       {"cast_null", "[null]", "null"},
       {"cast_object", "[{}]", "{}"},
       {"cast_set", "[[2, 1, 1]]", "{1, 2}"},
       {"cast_array", "[1]",
        "type error: cast_array: operand 1 must be one of {array, set} but got number"},
       {"all", "[[true, true]]", "true"},
       {"all", "[[true, 1]]", "false"},
       {"any", "[[false, true]]", "true"},
       {"any", "[[]]", "false"}});
  const Term sets[] = {call_.set("[1, 2]"), call_.set("[2, 3]")};
  EXPECT_EQ(call_.with("set_diff", sets), "{1}");
  EXPECT_EQ(call_.with("cast_array", std::span(sets).first(1)), "[1, 2]");
}

TEST_F(Values, InArraysAreMovedAround) {
  expect({{"array.concat", "[[1, 2], [2]]", "[1, 2, 2]"},
          {"array.concat", "[{}, []]",
           "type error: array.concat: operand 1 must be array but got object"},
          {"array.flatten", "[[[[1], [2, []]], 3, [[4]]]]", "[[1], [2, []], 3, [4]]"},
          {"array.reverse", "[[1, 2, 3]]", "[3, 2, 1]"},
          {"array.slice", "[[1, 2, 3, 4, 5], 1, 3]", "[2, 3]"},
          {"array.slice", "[[1, 2, 3], -1, 9]", "[1, 2, 3]"},
          {"array.slice", "[[1, 2, 3], 2, 1]", "[]"},
          {"array.slice", "[[1, 2, 3], 7, 9]", "[]"}});
}

TEST_F(Values, OfWholeNumbersHaveBits) {
  expect(
      {{"bits.and", "[6, 3]", "2"},
       {"bits.and", "[-1, 36893488147419103233]", "36893488147419103233"},
       {"bits.or", "[6, 1.0]", "7"},
       {"bits.xor", "[-6, 3]", "-7"},
       {"bits.negate", "[5]", "-6"},
       {"bits.lsh", "[1, 100]", "1267650600228229401496703205376"},
       {"bits.rsh", "[-5, 1]", "-3"},
       {"bits.rsh", "[5, 1e12]", "0"},
       {"bits.lsh", "[1, 1e12]", "error: bits.lsh: number too large"},
       {"bits.lsh", "[0, 1e12]", "0"},
       {"bits.or", "[7.2, 1]",
        "type error: bits.or: operand 1 must be integer number but got floating-point number"},
       {"bits.or", R"([1, "a"])", "type error: bits.or: operand 2 must be integer but got string"},
       {"bits.lsh", "[7, -1]",
        "type error: bits.lsh: operand 2 must be an unsigned integer number but got a negative "
        "integer"}});
}

TEST_F(Values, OfWholeNumbersFormRanges) {
  expect({{"numbers.range", "[1, 3]", "[1, 2, 3]"},
          {"numbers.range", "[3, 1]", "[3, 2, 1]"},
          {"numbers.range", "[9223372036854775807, 9223372036854775808]",
           "[9223372036854775807, 9223372036854775808]"},
          {"numbers.range_step", "[0, 10, 4]", "[0, 4, 8]"},
          {"numbers.range_step", "[10, 0, 5]", "[10, 5, 0]"},
          {"numbers.range_step", "[0, 10, 0]",
           "error: numbers.range_step: step must be a positive integer"},
          {"numbers.range", "[3, 3.14]",
           "type error: numbers.range: operand 2 must be integer number but got floating-point "
           "number"}});
}

TEST_F(Values, OfRangesStayWithinTheArena) {
  EXPECT_EQ(call_.text("numbers.range", "[1, 1000000000000000000]"), "undefined");
  EXPECT_TRUE(call_.arena().exhausted());
}

TEST_F(Values, AreDrawnBelowTheBound) {
  expect({{"rand.intn", R"(["x", 0])", "0"}, {"rand.intn", R"(["x", 1])", "0"}});
  for (int i = 0; i < 100; ++i) {
    const std::string drawn = call_.text("rand.intn", R"(["x", -3])");
    EXPECT_TRUE(drawn == "0" || drawn == "1" || drawn == "2") << drawn;
  }
}

}  // namespace
}  // namespace writ::rego::testing
