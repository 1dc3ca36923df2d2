#pragma once
// Policies and documents for property tests, drawn by RapidCheck: rules of every kind that refer to
// each other and to members of input and data which may be there or not.
#include <cstddef>
#include <string>
#include <vector>

namespace writ::rego::testing {

// Package `a` with the rules p0 … p5, each of which refers to those before it. Call `text` once, in
// a property.
class RandomPolicy {
 public:
  static constexpr std::size_t kRules = 6;

  std::string text();
  bool is_function(std::size_t rule) const { return kinds_[rule] == Kind::function; }

 private:
  enum class Kind { boolean, value, fallback, chain, set, object, function, table };

  std::string name() { return "x" + std::to_string(next_++); }
  // A condition on an earlier rule, or on a term where there is none.
  std::string on_rule(std::size_t before);
  std::string statement(std::size_t before);
  std::string body(std::size_t before);
  std::string rule(std::size_t i);
  std::string function(std::size_t i);
  // Rules that compare one place with constants: what an index is made of.
  std::string table(std::size_t i);

  Kind kinds_[kRules] = {};
  std::size_t next_ = 0;
};

// JSON for the policies above.
struct Given {
  std::string known = R"("k": {"a": 1, "b": "s", "xs": [2, 1, "s"]})";  // members of input
  std::string unknown;                                                  // likewise
  std::string data;

  std::string input() const { return "{" + known + ", " + unknown + "}"; }
};
Given random_documents();

}  // namespace writ::rego::testing
