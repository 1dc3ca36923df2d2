#include "policy/testing/builtin_rows.h"

namespace writ::rego::testing {
namespace {

class Template : public BuiltinRows {
 protected:
  std::string rendered(const char* text, const char* vars) {
    const Term args[] = {make_string(call_.arena(), text), *parse_json(call_.arena(), vars)};
    return call_.with("strings.render_template", args);
  }
};

TEST_F(Template, ShowsValues) {
  EXPECT_EQ(rendered("a {{.test}} b", R"({"test": "hello"})"), R"("a hello b")");
  EXPECT_EQ(rendered("{{.a.b}} {{.n}} {{.l}} {{.a}}", R"({"a": {"b": true}, "n": 1.50,
            "l": [1, null]})"),
            R"("true 1.50 [1 <nil>] map[b:true]")");
  EXPECT_EQ(rendered("test {{.foo}} {{.foo.bar}} {{.x}}", R"({"x": null})"),
            R"("test <undefined> <undefined> <undefined>")");
}

TEST_F(Template, TrimsTextAndSkipsComments) {
  EXPECT_EQ(rendered("a \n {{- .x -}} \n b{{/* no */}}c {{- /* no */ -}} d", R"({"x": 1})"),
            R"("a1bcd")");
}

TEST_F(Template, DecidesAndRepeats) {
  EXPECT_EQ(rendered("{{range $i, $name := .names}}{{if $i}},{{end}}hello {{$name}}{{end}}",
                     R"({"names": ["rohan", "john doe"]})"),
            R"("hello rohan,hello john doe")");
  EXPECT_EQ(rendered("{{range $k, $v := .m}}{{$k}}={{$v}};{{end}}{{range .none}}x{{else}}-{{end}}",
                     R"({"m": {"b": 1, "a": [2]}})"),
            R"("a=[2];b=1;-")");
  EXPECT_EQ(rendered("{{range .l}}{{if eq . \"b\"}}{{continue}}{{end}}{{if eq . \"d\"}}{{break}}"
                     "{{end}}{{.}}{{end}}",
                     R"({"l": ["a", "b", "c", "d", "e"]})"),
            R"("ac")");
  EXPECT_EQ(rendered("{{if .a}}1{{else if .b}}2{{else}}3{{end}}", R"({"a": "", "b": [0]})"),
            R"("2")");
  EXPECT_EQ(rendered("{{with .a}}{{.b}}{{$.c}}{{else}}-{{end}}", R"({"a": {"b": 1}, "c": 2})"),
            R"("12")");
}

TEST_F(Template, SetsVariables) {
  EXPECT_EQ(rendered("{{$x := .a}}{{if true}}{{$x = 5}}{{$y := 1}}{{end}}{{$x}}", R"({"a": 1})"),
            R"("5")");
  EXPECT_EQ(rendered("{{$y}}", "{}"),
            "error: strings.render_template: template: template:1: executing \"template\": "
            "undefined variable: $y");
}

TEST_F(Template, CallsFunctions) {
  EXPECT_EQ(rendered("{{len .l}} {{index .l 1}} {{index .m \"k\"}} {{not .none}}",
                     R"({"l": [1, 2], "m": {"k": "v"}})"),
            R"("2 2 v true")");
  EXPECT_EQ(rendered("{{printf \"%s-%05.1f-%t-%d\" .s 1.5 true (len .s)}} {{.s | printf \"<%s>\" | "
                     "html}}",
                     R"({"s": "ab"})"),
            R"("ab-001.5-true-2 &lt;ab&gt;")");
  EXPECT_EQ(rendered("{{and .a .b}} {{or .a .b}} {{lt .x 3}} {{ne .x 2.0 }} {{print 1 2 \"a\" 3}}",
                     R"({"a": "", "b": "b", "x": 2})"),
            R"(" b true false 1 2a3")");
}

TEST_F(Template, RefusesWhatIsNoTemplate) {
  const auto problem = [&](const char* text) {
    const std::string outcome = rendered(text, R"({"a": 1})");
    const std::string_view front = "error: strings.render_template: template: template:";
    return outcome.starts_with(front) ? outcome.substr(front.size()) : outcome;
  };
  EXPECT_EQ(problem("{{.a"), "1: unclosed action");
  EXPECT_EQ(problem("\n{{if .a}}"), "2: unexpected EOF");
  EXPECT_EQ(problem("{{end}}"), "1: unexpected {{end}}");
  EXPECT_EQ(problem("{{}}"), "1: missing value for command");
  EXPECT_EQ(problem("{{break}}"), "1: {{break}} outside {{range}}");
  EXPECT_EQ(problem("{{template \"x\"}}"), "1: {{template}} is not supported");
  EXPECT_EQ(problem("{{nope .a}}"), "1: executing \"template\": function \"nope\" not defined");
  EXPECT_EQ(problem("{{.a.b}}"),
            "1: executing \"template\": can't evaluate field b in type number");
  EXPECT_EQ(problem("{{(.a}}"), "1: unclosed left paren");
  EXPECT_EQ(problem(std::string(5000, '(').insert(0, "{{").c_str()), "1: nested too deeply");
}

TEST_F(Template, StopsAtTheLimitOfTheArena) {
  call_.arena().set_limit(std::size_t{1} << 20);
  const std::string list = "{\"l\": [" + [] {
    std::string out = "1";
    for (int i = 0; i < 300; ++i) out += ",1";
    return out;
  }() + "]}";
  const char* const text =
      "{{range $.l}}{{range $.l}}{{range $.l}}{{range $.l}}xxxxxxxx{{end}}{{end}}{{end}}{{end}}";
  EXPECT_EQ(rendered(text, list.c_str()), "undefined");
  EXPECT_TRUE(call_.arena().exhausted());
}

}  // namespace
}  // namespace writ::rego::testing
