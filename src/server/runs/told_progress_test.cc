#include "server/runs/told_progress.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/testing/fake_clock.h"

namespace writ::server {
namespace {

RunId run_named(std::string_view name) { return {Uuid::v5(kWritNamespace, name)}; }

class ToldProgressTest : public ::testing::Test {
 protected:
  // "a b → 2": counted from where the clock stands.
  std::string told(std::string_view run, std::uint64_t after, std::size_t limit) const {
    const ToldProgress::Part part = progress_.read(run_named(run), base_ + after, limit);
    std::string out;
    for (const Value& message : part.messages) out += to_json(message) + " ";
    return out + "→ " + std::to_string(part.next - base_);
  }
  void tell(std::string_view run, int count) {
    for (int i = 0; i < count; ++i) progress_.tell(run_named(run), i);
  }

  FakeClock clock_;
  ToldProgress progress_{clock_};
  const std::uint64_t base_ = static_cast<std::uint64_t>(clock_.wall().micros);
};

TEST_F(ToldProgressTest, IsReadOnFromTheCursor) {
  tell("a", 5);
  EXPECT_EQ(told("a", 0, 2), "0 1 → 2");
  EXPECT_EQ(told("a", 2, 100), "2 3 4 → 5");
  EXPECT_EQ(told("a", 5, 100), "→ 5");
  EXPECT_EQ(told("b", 3, 100), "→ 3") << "nobody told of it";
  EXPECT_EQ(progress_.read(run_named("a"), 0, 1).next, base_ + 1) << "0 is before all";
}

TEST_F(ToldProgressTest, BeginsAnewWithTheNextDrive) {
  tell("a", 5);
  clock_.advance(std::chrono::microseconds(100));
  progress_.begin(run_named("a"));
  tell("a", 2);
  EXPECT_EQ(told("a", 5, 100), "0 1 → 102") << "the cursor was of another drive";
}

TEST_F(ToldProgressTest, ForgetsTheOldestOfTheNewestRuns) {
  tell("loud", 5002);
  EXPECT_EQ(told("loud", 0, 2), "2 3 → 4");
  for (int i = 0; i < 40; ++i) tell(std::to_string(i), 1);
  EXPECT_EQ(told("loud", 0, 2), "→ 0");
  EXPECT_EQ(told("39", 0, 2), "0 → 1");
}

}  // namespace
}  // namespace writ::server
