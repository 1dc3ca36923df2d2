#include "policy/testing/builtin_rows.h"

namespace writ::rego::testing {
namespace {

class Strings : public BuiltinRows {};

TEST_F(Strings, AreJoined) {
  expect(
      {{"concat", R"(["/", ["", "a", "b"]])", R"("/a/b")"},
       {"concat", R"(["/", []])", R"("")"},
       {"concat", R"(["/", ["a", 1]])",
        "type error: concat: operand 2 must be array of strings but got array containing number"},
       {"concat", R"(["/", "a"])",
        "type error: concat: operand 2 must be one of {set, array} but got string"}});
  const Term args[] = {make_string(call_.arena(), ", "), call_.set(R"(["b", "a"])")};
  EXPECT_EQ(call_.with("concat", args), R"("a, b")");
}

TEST_F(Strings, AreSearchedByCodePoint) {
  expect({{"contains", R"(["abcdefgh", "defg"])", "true"},
          {"contains", R"(["abc", ""])", "true"},
          {"indexof", R"(["skön var våren", "vår"])", "9"},
          {"indexof", R"(["abc", "x"])", "-1"},
          {"indexof", R"(["abc", ""])", "error: indexof: empty search character"},
          {"indexof_n", R"(["😇😀😇😀", "😀"])", "[1, 3]"},
          {"indexof_n", R"(["aaaa", "aa"])", "[0, 1, 2]"},
          {"indexof_n", R"(["abc", "x"])", "[]"},
          {"strings.count", R"(["11111", "11"])", "2"},
          {"strings.count", R"(["dummy", ""])", "6"},
          {"startswith", R"(["abc", "ab"])", "true"},
          {"endswith", R"(["abc", "ab"])", "false"}});
}

TEST_F(Strings, AreCutByCodePoint) {
  expect({{"substring", R"(["åäö", 0, 2])", R"("åä")"},
          {"substring", R"(["åäö", 1, -1])", R"("äö")"},
          {"substring", R"(["abc", 2, 9223372036854775807])", R"("c")"},
          {"substring", R"(["abc", 4, -1])", R"("")"},
          {"substring", R"(["abc", -1, 1])", "error: substring: negative offset"},
          {"substring", R"(["abc", 0.5, 1])",
           "type error: substring: operand 2 must be integer number but got floating-point number"},
          {"split", R"(["a.b.c", "."])", R"(["a", "b", "c"])"},
          {"split", R"([".", "."])", R"(["", ""])"},
          {"split", R"(["", "."])", R"([""])"},
          {"split", R"(["né", ""])", R"(["n", "é"])"},
          {"split", R"(["", ""])", "[]"},
          {"strings.reverse", R"(["1😀é"])", R"("é😀1")"}});
}

TEST_F(Strings, ChangeCaseOneCodePointAtATime) {
  expect({{"lower", R"(["AbCÅΣİ"])", R"("abcåσi")"},
          {"upper", R"(["abcåßſǆ"])", R"("ABCÅßSǄ")"},
          {"upper", R"(["ᾳ"])", R"("ᾼ")"},
          {"lower", R"(["ĀĂ"])", R"("āă")"}});
}

TEST_F(Strings, FormatWholeNumbersInOtherBases) {
  expect(
      {{"format_int", "[15.5, 16]", R"("f")"},
       {"format_int", "[-255, 16]", R"("-ff")"},
       {"format_int", "[-3.9, 10]", R"("-3")"},
       {"format_int", "[10, 2]", R"("1010")"},
       {"format_int", "[64, 8]", R"("100")"},
       {"format_int", "[340282366920938463463374607431768211456, 16]",
        R"("100000000000000000000000000000000")"},
       {"format_int", "[1, 3]", "type error: format_int: operand 2 must be one of {2, 8, 10, 16}"},
       {"format_int", "[1e999999999, 10]", "error: format_int: number too large"}});
}

TEST_F(Strings, AreTrimmed) {
  expect({{"trim", R"(["...foo.bar...", ".fr"])", R"("oo.ba")"},
          {"trim", R"(["ééaé", "é"])", R"("a")"},
          {"trim_left", R"(["..a..", "."])", R"("a..")"},
          {"trim_right", R"(["..a..", "."])", R"("..a")"},
          {"trim_prefix", R"(["foobar", "foo"])", R"("bar")"},
          {"trim_prefix", R"(["foobar", "bar"])", R"("foobar")"},
          {"trim_suffix", R"(["foobar", "bar"])", R"("foo")"},
          {"trim_space", "[\"\\t\u00a0a b\\u2028 \"]", R"("a b")"}});
}

TEST_F(Strings, MatchManyBeginningsAndEndings) {
  expect(
      {{"strings.any_prefix_match", R"([["a/b", "e/f"], ["d/", "e/"]])", "true"},
       {"strings.any_prefix_match", R"([["aa/b", "ee/f"], ["a/b"]])", "false"},
       {"strings.any_prefix_match", R"([[], []])", "false"},
       {"strings.any_prefix_match", R"(["abc", "ab"])", "true"},
       {"strings.any_suffix_match", R"([["a/b", "e/f"], ["/f"]])", "true"},
       {"strings.any_suffix_match", R"([["a/b", "e/f"], ["a/"]])", "false"},
       {"strings.any_suffix_match", R"([["a"], [1]])",
        "type error: strings.any_suffix_match: operand 2 must be array of strings but got array "
        "containing number"},
       {"strings.any_suffix_match", R"([1, "a"])",
        "type error: strings.any_suffix_match: operand 1 must be one of {string, set, array} but "
        "got number"}});
}

TEST_F(Strings, AreReplacedFromLeftToRight) {
  expect({{"replace", R"(["foo...bar", "..", ",,"])", R"("foo,,.bar")"},
          {"replace", R"(["aé", "", "-"])", R"("-a-é-")"},
          {"replace", R"(["abc", "x", "y"])", R"("abc")"},
          {"strings.replace_n", R"([{"a": "b", "b": "c"}, "abd"])", R"("bcd")"},
          {"strings.replace_n", R"([{"ab": "1", "abc": "2", "b": "3"}, "abcb"])", R"("1c3")"},
          {"strings.replace_n", R"([{"": "-", "a": "x"}, "ab"])", R"("-x-b-")"},
          {"strings.replace_n", R"([{"a": 1}, "a"])",
           "type error: strings.replace_n: operand 1 non-string value found in pattern object"}});
}

TEST_F(Strings, StopGrowingAtTheLimitOfTheArena) {
  call_.arena().set_limit(std::size_t{1} << 20);
  const std::string long_text(5000, 'a');
  const std::string args = R"([")" + long_text + R"(", "a", ")" + long_text + R"("])";
  EXPECT_EQ(call_.text("replace", args), "undefined");
  EXPECT_TRUE(call_.arena().exhausted());
}

}  // namespace
}  // namespace writ::rego::testing
