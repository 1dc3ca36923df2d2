// Partial evaluation and then the rest is full evaluation: over random policies and inputs.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "policy/partial/partial.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

// Policies of rules p0 … p5, each of which refers to those before it.
class RandomPolicy {
 public:
  std::string text() {
    std::string out = "package a\n";
    for (std::size_t i = 0; i < kRules; ++i) out += rule(i) + "\n";
    return out;
  }
  static constexpr std::size_t kRules = 6;
  bool is_function(std::size_t rule) const { return kinds_[rule] == Kind::function; }

  static std::string pick(const std::vector<std::string>& of) {
    return of[*rc::gen::inRange<std::size_t>(0, of.size())];
  }

 private:
  enum class Kind { boolean, value, fallback, chain, set, object, function };

  std::string name() { return "x" + std::to_string(next_++); }

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

  // A condition on an earlier rule, or on a term where there is none.
  std::string on_rule(std::size_t before) {
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

  std::string statement(std::size_t before) {
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

  std::string body(std::size_t before) {
    std::string out = " if {\n";
    const int size = *rc::gen::inRange(1, 4);
    for (int i = 0; i < size; ++i) out += "\t" + statement(before) + "\n";
    return out + "}";
  }

  std::string rule(std::size_t i) {
    const std::string p = "p" + std::to_string(i);
    kinds_[i] = static_cast<Kind>(*rc::gen::inRange(0, 7));
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
        return p + " contains " + term() + body(i) + "\n" + p + " contains x if some x in " +
               many();
      case Kind::object:
        return p + "[x] := 1 if {\n\tsome x in " + many() + "\n\t" + comparison("x") + "\n}\n" + p +
               ".s := 1" + body(i);
      case Kind::function:
        return pick({"", "default " + p + "(_) := 0\n"}) + p + "(x) := 1 if {\n\t" +
               comparison("x") + "\n\t" + statement(i) + "\n} else := 2 if {\n\tx == " + term() +
               "\n}";
    }
    return {};
  }

  Kind kinds_[kRules] = {};
  std::size_t next_ = 0;
};

std::string random_value() {
  return RandomPolicy::pick({"0", "1", "2", "\"s\"", "false", "true", "[1]", "null"});
}

std::string random_member(const std::string& name, const std::string& value) {
  return RandomPolicy::pick(
      {"\"" + name + "\": " + value + ", ", "\"" + name + "\": " + value + ", ", ""});
}

std::string random_list() {
  return RandomPolicy::pick({"[]", "[1]", "[2, 1, \"s\"]", "[0, {\"p\": 1}, false]", "{\"s\": 1}"});
}

struct Given {
  std::string known = R"("k": {"a": 1, "b": "s", "xs": [2, 1, "s"]})";
  std::string unknown;
  std::string data;
};

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

// All values that the query's w may have, by the residue: bodies against policies and support.
std::string by_residue(const PartialAnswer& answer, const std::string& policy,
                       const std::string& input, const std::string& data) {
  std::vector<std::string> modules{policy};
  for (const SupportModule& module : answer.support) modules.push_back(module.text);
  // What is left may never hold: it is not for a reader.
  RegoRun run(modules, {.checks_types = false});
  run.with_input(input).with_data(data);
  std::string query = "set()";
  for (const ast::Body& body : answer.queries) {
    query += " | {w | ";
    for (const ast::Statement& statement : body) query += ast::to_text(statement) + "; ";
    query += "true}";
  }
  return run.value(query);
}

TEST(PartialEvaluation, AndThenTheRestIsFullEvaluation) {
  const bool holds = rc::check("partial, then full", [] {
    RandomPolicy random;
    const std::string policy = random.text();
    const Given given = random_documents();
    const std::string input = "{" + given.known + ", " + given.unknown + "}";
    RegoRun full({policy});
    RC_PRE(full.problem().empty());
    full.with_input(input).with_data(given.data);
    RegoRun partial({policy});
    PartialOptions options;
    options.unknowns =
        *rc::gen::element(std::vector<std::string>{"input"}, std::vector<std::string>{"input.u"},
                          std::vector<std::string>{"input.u.a", "input.u.xs"},
                          std::vector<std::string>{"input.u", "data.e"});
    const bool is_whole = options.unknowns[0] == "input";
    const bool is_field = options.unknowns[0] == "input.u.a";
    partial.with_data(given.data);
    if (!is_whole) partial.with_input(is_field ? input : "{" + given.known + "}");
    if (*rc::gen::inRange(0, 4) == 0) options.disable_inlining = {"data.a.p1", "data.a.p3"};
    // Every rule, and the package as a whole.
    for (std::size_t i = 0; i <= RandomPolicy::kRules; ++i) {
      const bool is_package = i == RandomPolicy::kRules;
      if (!is_package && random.is_function(i)) continue;
      const std::string query = (is_package ? "data.a" : "data.a.p" + std::to_string(i)) + " = w";
      const std::string wanted = full.value("{w | " + query + "}");
      if (wanted.contains("error")) continue;  // a conflict: no value to compare with
      const PartialInput known{partial.options().input, partial.options().data,
                               partial.options().services};
      const auto answer = partially_evaluate(partial.program(), query, known, options);
      if (!answer) {
        if (to_text(answer.error()).contains("more than")) continue;
        RC_LOG() << policy << query << "\n" << to_text(answer.error());
        RC_FAIL("partial evaluation failed");
      }
      const std::string found = by_residue(*answer, policy, input, given.data);
      if (found == wanted) continue;
      RC_LOG() << policy << "\ninput " << input << "\ndata " << given.data << "\nunknown "
               << options.unknowns[0] << "\n"
               << query << "\nwanted " << wanted << "\nfound " << found << "\n";
      for (const ast::Body& body : answer->queries) {
        RC_LOG() << "body:\n";
        for (const ast::Statement& statement : body) RC_LOG() << ast::to_text(statement) << "\n";
      }
      for (const SupportModule& module : answer->support) RC_LOG() << module.text;
      RC_FAIL("the residue says something else");
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace writ::rego
