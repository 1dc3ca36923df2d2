#include "policy/testing/builtin_rows.h"

namespace writ::rego::testing {
namespace {

class Yaml : public BuiltinRows {};

TEST_F(Yaml, IsReadAsFarAsJsonCanSayTheSame) {
  expect(
      {{"yaml.unmarshal", R"(["a: [1, 2.50, x]\nb:\n- {c: ~}\n- |\n  d\n"])",
        R"({"a": [1, 2.50, "x"], "b": [{"c": null}, "d\n"]})"},
       {"yaml.unmarshal", R"(["[yes, Off, 'no', .5, +1, 017, 0x1F, 1_000, 08, 2001-02-03]"])",
        R"([true, false, "no", 0.5, 1, 15, 31, 1000, 8, "2001-02-03"])"},
       {"yaml.unmarshal", R"(["1: a\ntrue: b\n2.5: c"])", R"({"1": "a", "2.5": "c", "true": "b"})"},
       {"yaml.unmarshal", R"(["!!str 5"])", R"("5")"},
       {"yaml.unmarshal", R"(["a: 1\na: 2"])", R"({"a": 2})"},
       {"yaml.unmarshal", R"(["{\"json\": \"ok\"}"])", R"({"json": "ok"})"},
       {"yaml.unmarshal", R"([""])", "null"},
       {"yaml.unmarshal", R"(["a\n---\nb"])", R"("a")"}});
}

TEST_F(Yaml, HasAnchorsAndMerges) {
  expect({{"yaml.unmarshal", R"(["a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, l: 3}"])",
           R"({"a": {"k": 1, "l": 2}, "b": {"k": 1, "l": 2}, "c": {"k": 1, "l": 3}})"},
          {"yaml.unmarshal", R"(["- &x {k: 1}\n- &y {k: 2, m: 3}\n- {<<: [*x, *y]}"])",
           R"([{"k": 1}, {"k": 2, "m": 3}, {"k": 1, "m": 3}])"},
          {"yaml.unmarshal", R"(["<<: 1"])",
           "error: yaml.unmarshal: yaml: map merge requires map or sequence of maps as the value"},
          {"yaml.unmarshal", R"(["&a [*a]"])",
           "error: yaml.unmarshal: yaml: anchor value contains itself"}});
}

TEST_F(Yaml, IsRefusedInTheWordsOfLibyaml) {
  expect({{"yaml.unmarshal", R"(["[1,2,3"])",
           "error: yaml.unmarshal: yaml: line 1: did not find expected ',' or ']'"},
          {"yaml.unmarshal", R"(["a: b: c"])",
           "error: yaml.unmarshal: yaml: line 1: mapping values are not allowed in this context"},
          {"yaml.unmarshal", R"(["a: \"b"])",
           "error: yaml.unmarshal: yaml: line 1: found unexpected end of stream"},
          {"yaml.unmarshal", R"(["a\u0004b"])",
           "error: yaml.unmarshal: yaml: control characters are not allowed"},
          {"yaml.unmarshal", R"(["[1, .inf]"])",
           "error: yaml.unmarshal: json: unsupported value: .inf"},
          {"yaml.unmarshal", R"(["? [a]\n: b"])",
           "error: yaml.unmarshal: yaml: unsupported map key of type: array"},
          {"yaml.is_valid", R"(["foo:\n    - qux: bar\n    - baz: {"])", "false"},
          {"yaml.is_valid", R"(["foo:\n    - qux: bar\n    - baz: 2"])", "true"},
          {"yaml.is_valid", "[1]", "false"}});
}

TEST_F(Yaml, IsWrittenInBlocks) {
  expect(
      {{"yaml.marshal", R"([{"b": [1, [2, {"c": null}]], "a": {}, "d": {"e": true}}])",
        R"("a: {}\nb:\n- 1\n- - 2\n  - c: null\nd:\n  e: true\n")"},
       {"yaml.marshal", R"([["yes", "5", "a: b", "#x", "it's", "", "2001-02-03", "é", "x\ny\n"]])",
        R"("- \"yes\"\n- \"5\"\n- 'a: b'\n- '#x'\n- it's\n- \"\"\n- \"2001-02-03\"\n- é\n- |\n  x\n  y\n")"},
       {"yaml.marshal", "[1.50]", R"("1.50\n")"},
       {"yaml.marshal", "[[]]", R"("[]\n")"}});
}

TEST_F(Yaml, IsReadBackAsItWasWritten) {
  const char* const kValues[] = {
      R"({"foo": [1, 2, 3], "": "", "a b": {"x": [[], {}, null]}, "y": "n", "1": -0.5e3})",
      R"(["- a", "? b", ": c", "a #b", "a: ", "%a", "@", "`", "---", "...", "'", "\"", "a\tb"])",
      R"(["a\nb", "a\n", "\na", " a\nb", "a \nb", "a\n\n", "é\nb", "a\u2028b", "~", "null", "<<"])",
      R"([0, 1.0, 1e2, 100000000000000000000000001, "0x1F", "017", "1_000", ".inf", "1:30"])"};
  for (const char* const json : kValues) {
    const Term value = *parse_json(call_.arena(), json);
    const Term written[] = {value};
    const std::string text = call_.with("yaml.marshal", written);
    EXPECT_EQ(call_.text("yaml.unmarshal", "[" + text + "]"), to_rego(value)) << text;
  }
}

}  // namespace
}  // namespace writ::rego::testing
