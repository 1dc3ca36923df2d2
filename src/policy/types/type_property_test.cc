// What holds for some input is never refused by types: over random statements, all of which must
// hold.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

std::string pick(const std::vector<std::string>& of) {
  return of[*rc::gen::inRange<std::size_t>(0, of.size())];
}

// Statements without negation or closures, so that each of them has to hold.
class RandomBody {
 public:
  std::string text() {
    std::string out = "package a\nr := " + constant(2) + "\ns contains " + constant(1) +
                      "\nt[k] := " + constant(1) + " if { some k in [\"a\", \"b\"] }\n" +
                      "f(x) := " + pick({"x", "[x]", "count(x)", "x + 1", "{\"a\": x}"}) +
                      "\np if {\n";
    const int size = *rc::gen::inRange(1, 5);
    for (int i = 0; i < size; ++i) out += "\t" + statement() + "\n";
    return out + "}\n";
  }

 private:
  std::string constant(int depth) {
    const int kind = *rc::gen::inRange(0, depth > 0 ? 8 : 4);
    const auto part = [&] { return constant(depth - 1); };
    switch (kind) {
      case 4:
        return "[" + part() + "]";
      case 5:
        return "[" + part() + ", " + part() + "]";
      case 6:
        return "{\"a\": " + part() + "}";
      case 7:
        return pick({"{" + part() + ", " + part() + "}", "{}", "[]"});
      default:
        return pick({"1", "2", "\"a\"", "\"b\"", "true", "null"});
    }
  }
  std::string term() {
    if (names_ > 0 && *rc::gen::inRange(0, 2) == 0) return "x" + name();
    return pick({constant(2), constant(1), "input.a", "input.b", "r", "s", "t", "data.a.r",
                 "f(" + constant(1) + ")", "f(input.a)"});
  }
  std::string name() { return std::to_string(*rc::gen::inRange(0, names_)); }
  std::string key() { return pick({"[0]", "[1]", ".a", ".b", "[_]", "[input.k]", "[\"a\"]"}); }
  std::string reference() {
    const std::string head =
        names_ > 0 ? "x" + name() : pick({"input.a", "input.b", "r", "s", "t", "data.a"});
    return head + pick({key(), key() + key()});
  }

  std::string statement() {
    const std::string fresh = "x" + std::to_string(names_);
    switch (*rc::gen::inRange(0, 7)) {
      case 0:
        return term() + " == " + term();
      case 1:
        return reference() + " == " + term();
      case 2: {
        const std::string of = term();
        ++names_;
        return fresh + " := " + of;
      }
      case 3: {
        const std::string of = term();
        ++names_;
        return "some " + fresh + " in " + of;
      }
      case 4: {
        const std::string of = reference();
        ++names_;
        return fresh + " := " + of;
      }
      case 5:
        return "[" + term() + ", " + term() + "] = [" + term() + ", " + term() + "]";
      default:
        return pick({"count(" + term() + ") >= 0", "startswith(" + term() + ", \"a\")",
                     "is_number(" + term() + ")", term() + " + " + term() + " > 0",
                     term() + " in " + term(), "f(" + term() + ") == " + term()});
    }
  }

  int names_ = 0;
};

TEST(TypeCheck, NeverRefusesWhatHolds) {
  std::size_t held = 0;
  const bool is_sound = rc::check("what holds is well typed", [&] {
    const std::string policy = RandomBody().text();
    RegoRun unchecked({policy}, {.checks_types = false});
    RC_PRE(unchecked.problem().empty());
    const std::string input = "{\"a\": " + pick({"1", "\"a\"", "[1, \"b\"]", "{\"a\": 2}"}) +
                              ", \"b\": " + pick({"[0]", "{\"b\": \"a\"}", "null"}) +
                              ", \"k\": " + pick({"0", "\"a\""}) + "}";
    if (unchecked.with_input(input).value("data.a.p") != "true") return;
    ++held;
    const std::string problem = RegoRun({policy}).problem();
    if (problem.empty()) return;
    RC_LOG() << policy << "\ninput " << input << "\n" << problem << "\n";
    RC_FAIL("it holds and is refused");
  });
  EXPECT_TRUE(is_sound);
  EXPECT_GT(held, 5U);
}

}  // namespace
}  // namespace writ::rego
