// How often one may ask, and who is counted.
#include "server/api/rate_limits.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace writ::server {
namespace {

using std::chrono::milliseconds;

TEST(RateLimits, GiveABurstAndThenWhatComesBack) {
  FakeClock clock;
  RateLimits limits({{"login", {2, 0.5}}}, clock);
  EXPECT_EQ(limits.take("login", "a"), milliseconds(0));
  EXPECT_EQ(limits.take("login", "a"), milliseconds(0));
  EXPECT_EQ(limits.take("login", "a"), milliseconds(2000));
  EXPECT_EQ(limits.take("login", "b"), milliseconds(0));
  clock.advance(milliseconds(1000));
  EXPECT_EQ(limits.take("login", "a"), milliseconds(1000));
  clock.advance(milliseconds(1000));
  EXPECT_EQ(limits.take("login", "a"), milliseconds(0));
  EXPECT_EQ(limits.take("login", "a"), milliseconds(2000));
}

TEST(RateLimits, AreWhatTheSettingsSay) {
  const auto settings =
      contract::Settings::lay("settings", {.options = {"rates.login=7/0.25", "rates.read=0/0"}});
  ASSERT_TRUE(settings) << settings.error().text();
  const RateTable rates = rates_of(*settings);
  EXPECT_EQ(rates.at("login").burst, 7);
  EXPECT_EQ(rates.at("login").per_second, 0.25);
  EXPECT_EQ(rates.at("read").burst, 0);
  EXPECT_EQ(rates.at("write").burst, 300);
  EXPECT_EQ(rates.size(), 8u);
  const auto never = contract::Settings::lay("settings", {.options = {"rates.login=7/0"}});
  ASSERT_FALSE(never);
  EXPECT_NE(never.error().text().find("rates.login"), std::string::npos) << never.error().text();
}

TEST(RateLimits, CountEachClassForItselfAndLeaveUnknownOnesAlone) {
  FakeClock clock;
  RateLimits limits({{"login", {1, 1}}, {"read", {1, 1}}}, clock);
  EXPECT_EQ(limits.take("login", "a"), milliseconds(0));
  EXPECT_EQ(limits.take("read", "a"), milliseconds(0));
  EXPECT_EQ(limits.take("read", "a"), milliseconds(1000));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limits.take("other", "a"), milliseconds(0));
}

TEST(RateLimits, KeepNoMoreThanTheyMay) {
  FakeClock clock;
  RateLimits limits({{"read", {1, 1}}}, clock, 64);
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(limits.take("read", std::to_string(i)), milliseconds(0));
  }
  EXPECT_LE(limits.kept(), 64u);
}

}  // namespace
}  // namespace writ::server
