#include "policy/testing/random_policy.h"

#include <rapidcheck.h>

namespace writ::rego::testing {
namespace {

std::string pick(const std::vector<std::string>& of) {
  return of[*rc::gen::inRange<std::size_t>(0, of.size())];
}

std::string term() {
  return pick({"0", "1", "2", "\"s\"", "input.k.a", "input.k.b", "data.d.n", "input.u.a",
               "input.u.b", "input.u.c", "input.u.o.p", "data.e.n"});
}

std::string many() {
  return pick({"input.k.xs", "data.d.xs", "[1, 2]", "{0, \"s\"}", "input.u.xs", "input.u.ys",
               "data.e.xs", "[input.u.a, 1]", "data.d.o"});
}

std::string comparison(const std::string& left) {
  return left + pick({" == ", " != ", " > ", " == "}) + term();
}

std::string random_value() {
  return pick({"0", "1", "2", "\"s\"", "false", "true", "[1]", "null"});
}

std::string random_member(const std::string& name, const std::string& value) {
  return pick({"\"" + name + "\": " + value + ", ", "\"" + name + "\": " + value + ", ", ""});
}

std::string random_list() {
  return pick({"[]", "[1]", "[2, 1, \"s\"]", "[0, {\"p\": 1}, false]", "{\"s\": 1}"});
}

}  // namespace

std::string RandomPolicy::text() {
  std::string out = "package a\n";
  for (std::size_t i = 0; i < kRules; ++i) out += rule(i) + "\n";
  return out;
}

std::string RandomPolicy::on_rule(std::size_t before) {
  if (before == 0) return comparison(term());
  const auto i = *rc::gen::inRange<std::size_t>(0, before);
  const std::string p = "p" + std::to_string(i);
  const std::string x = name();
  switch (kinds_[i]) {
    case Kind::set:
      return pick({p + "[" + term() + "]", term() + " in " + p, comparison("count(" + p + ")"),
                   "some " + x + " in " + p + "\n\t" + comparison(x)});
    case Kind::object:
      return pick({p + "[" + term() + "] == " + term(), comparison("count(" + p + ")"),
                   "some " + x + " in " + p + "\n\t" + comparison(x),
                   x + " := " + p + "[" + term() + "]\n\t" + comparison(x)});
    case Kind::function:
      return pick(
          {"p" + std::to_string(i) + "(" + term() + ")", comparison(p + "(" + term() + ")")});
    default:
      return pick({p, comparison(p), "not " + p, x + " := " + p + "\n\tnot " + comparison(x)});
  }
}

std::string RandomPolicy::statement(std::size_t before) {
  const std::string x = name();
  const std::string y = name();
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
      return term();
    case 1:
      return "not " + comparison(term());
    case 2:
      return "some " + x + " in " + many() + "\n\t" + comparison(x);
    case 3:
      return "some " + x + " in " + many() + "\n\tnot " + comparison(x);
    case 4:
      return "every " + x + " in " + many() + " { " + comparison(x) + " }";
    case 5:
      return comparison("count([" + x + " | some " + x + " in " + many() + "; " + comparison(x) +
                        "])");
    case 6:
      return x + " := " + term() + " + 1\n\t" + comparison(x);
    case 7:
      return many() + "[" + x + "] == " + term() + "\n\t" + comparison(x);
    case 8:
      return on_rule(before) + pick({" with input.u.a as 1", " with input.k.a as 2", ""});
    case 9:
      return x + " := " + term() + "\n\t[" + y + ", 1] = [" + x + ", " + term() + "]\n\t" +
             comparison(y);
    default:
      return on_rule(before);
  }
}

std::string RandomPolicy::body(std::size_t before) {
  std::string out = " if {\n";
  const int size = *rc::gen::inRange(1, 4);
  for (int i = 0; i < size; ++i) out += "\t" + statement(before) + "\n";
  return out + "}";
}

std::string RandomPolicy::rule(std::size_t i) {
  const std::string p = "p" + std::to_string(i);
  kinds_[i] = static_cast<Kind>(*rc::gen::inRange(0, 8));
  switch (kinds_[i]) {
    case Kind::boolean:
      return p + body(i) + "\n" + p + body(i);
    case Kind::value:
      return p + " := " + term() + body(i);
    case Kind::fallback:
      return "default " + p + " := " + pick({"false", "1", "\"s\""}) + "\n" + p +
             pick({"", " := 1"}) + body(i) + "\n";
    case Kind::chain:
      return p + " := 1" + body(i) + " else := " + term() + body(i) + " else := 2";
    case Kind::set:
      return p + " contains " + term() + body(i) + "\n" + p + " contains x if some x in " + many();
    case Kind::object:
      return p + "[x] := 1 if {\n\tsome x in " + many() + "\n\t" + comparison("x") + "\n}\n" + p +
             ".s := 1" + body(i);
    case Kind::function:
      return function(i);
    case Kind::table:
      return table(i);
  }
  return {};
}

std::string RandomPolicy::function(std::size_t i) {
  const std::string p = "p" + std::to_string(i);
  return pick({"", "default " + p + "(_) := 0\n"}) + p + "(x) := 1 if {\n\t" + comparison("x") +
         "\n\t" + statement(i) + "\n} else := 2 if {\n\tx == " + term() + "\n}";
}

std::string RandomPolicy::table(std::size_t i) {
  const std::string p = "p" + std::to_string(i);
  const std::string place = pick({"input.u.a", "input.u.b", "input.k.a", "data.e.n"});
  std::string out = pick({"", "default " + p + " := false\n"});
  const int rows = *rc::gen::inRange(2, 6);
  for (int row = 0; row < rows; ++row) {
    const std::string constant = pick({"0", "1", "2", "\"s\"", "false", "true", "null", "1.0"});
    const std::string both = pick({place + " == " + constant, constant + " = " + place});
    out += p + " if {\n\t" +
           pick({both + "\n\t" + statement(i), statement(i) + "\n\t" + both, both}) + "\n}\n";
  }
  return out;
}

Given random_documents() {
  Given out;
  out.unknown =
      "\"u\": {" + random_member("a", random_value()) + random_member("b", random_value()) +
      random_member("o", "{\"p\": " + random_value() + "}") + random_member("xs", random_list()) +
      random_member("ys", random_list()) + "\"z\": 0}";
  out.data = R"({"d": {"n": 2, "xs": ["s", 1], "o": {"s": 1, "t": "s"}}, "e": {)" +
             random_member("n", random_value()) + random_member("xs", random_list()) + "\"z\": 0}}";
  return out;
}

}  // namespace writ::rego::testing
