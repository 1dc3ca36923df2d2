#include <gtest/gtest.h>

#include <writ/sdk/decider.h>
#include <utility>

namespace writ::sdk {
namespace {

using Reason = Verdict::Reason;

// Says what a test tells it to.
class Told final : public Decider {
 public:
  explicit Told(Result<Decision> answer) : answer_(std::move(answer)) {}
  Result<Decision> decide(std::string_view, const Value&, const DecideOptions&) const override {
    return answer_;
  }
  std::vector<Result<Decision>> decide_all(std::string_view, std::span<const Value> inputs,
                                           const DecideOptions&) const override {
    return {inputs.size(), answer_};
  }

 private:
  Result<Decision> answer_;
};

Verdict verdict(Result<Decision> answer) { return Told(std::move(answer)).allowed("a/b", {}); }

TEST(SdkVerdict, IsNoForEverythingButTrue) {
  const struct {
    std::optional<Value> result;
    Reason reason;
    const char* why;
  } kCases[] = {
      {Value(true), Reason::allowed, "a/b is true"},
      {Value(false), Reason::denied, "a/b is false"},
      {std::nullopt, Reason::undefined, "a/b is undefined"},
      {Value("true"), Reason::not_boolean, "a/b is neither true nor false"},
      {Value(1), Reason::not_boolean, "a/b is neither true nor false"},
      {Value(Object{{"allow", true}}), Reason::not_boolean, "a/b is neither true nor false"},
  };
  for (const auto& row : kCases) {
    const Verdict said = verdict(Decision{row.result, "the id"});
    EXPECT_EQ(said.reason, row.reason);
    EXPECT_EQ(said.why, row.why);
    EXPECT_EQ(said.decision_id, "the id");
    EXPECT_EQ(said.is_allowed(), row.reason == Reason::allowed) << row.why;
  }
}

TEST(SdkVerdict, IsNoForEveryErrorAndSaysWhich) {
  Error error{.code = ErrorCode::evaluation, .message = "it failed", .problems = {}};
  error.problems.push_back({"eval_conflict_error", "two values", "p.rego", 3, 1});
  const Verdict said = verdict(std::unexpected(error));
  EXPECT_FALSE(said);
  EXPECT_EQ(said.reason, Reason::error);
  EXPECT_EQ(said.why, "a/b: evaluation: it failed (p.rego:3: eval_conflict_error: two values)");
  EXPECT_EQ(said.decision_id, "");
  EXPECT_FALSE(Verdict{}.is_allowed());
}

}  // namespace
}  // namespace writ::sdk
