#include "store/watch_hub.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "store/testing/ears.h"

namespace writ::store {
namespace {

constexpr Table kFruit{"fruit"};
constexpr Table kTools{"tools"};
using Wakes = std::vector<Wake>;

TablesWritten only(const Table& table) {
  TablesWritten out;
  out.note(table.name);
  return out;
}

TEST(WatchHub, CallsEverybodyOnceWhenAWatchBegins) {
  WatchHub hub;
  Ears ears;
  const auto watch = hub.add({kFruit}, ears.waker());
  EXPECT_TRUE(ears.hear(Wake::perhaps));
  hub.perhaps();
  EXPECT_TRUE(ears.hear(Wake::perhaps));
}

TEST(WatchHub, CallsThoseWhoWatchATable) {
  WatchHub hub;
  Ears fruit;
  Ears tools;
  const auto first = hub.add({kFruit}, fruit.waker());
  const auto second = hub.add({kTools, kFruit}, tools.waker());
  ASSERT_TRUE(fruit.hear(Wake::perhaps) && tools.hear(Wake::perhaps));
  hub.changed(only(kTools));
  EXPECT_TRUE(tools.hear(Wake::changed));
  hub.changed(only(kFruit));
  EXPECT_TRUE(tools.hear(Wake::changed) && fruit.hear(Wake::changed));
  EXPECT_EQ(fruit.heard(), Wakes{});
}

// While a call is under way any number of commits make one more.
TEST(WatchHub, SharesACallAmongCommitsAndLosesNone) {
  WatchHub hub;
  std::promise<void> goes_on;
  auto may_go_on = goes_on.get_future().share();
  std::promise<void> has_begun;
  std::atomic<int> calls = 0;
  Ears ears;
  const auto watch = hub.add({kFruit}, [&, tell = ears.waker()](Wake wake) {
    if (++calls == 1) {
      has_begun.set_value();
      may_go_on.wait();
    }
    tell(wake);
  });
  has_begun.get_future().wait();
  for (int i = 0; i < 100; ++i) hub.changed(only(kFruit));
  goes_on.set_value();
  EXPECT_TRUE(ears.hear(Wake::changed));
  EXPECT_EQ(calls, 2);
}

TEST(WatchHub, CallsNobodyWhoseWatchHasEnded) {
  WatchHub hub;
  Ears other;
  const auto witness = hub.add({kFruit}, other.waker());
  for (int i = 0; i < 200; ++i) {
    auto calls = std::make_unique<std::atomic<int>>(0);
    auto watch = hub.add({kFruit}, [&calls](Wake) { ++*calls; });
    hub.changed(only(kFruit));
    watch.reset();
    calls.reset();  // a call that came after this would be a use of freed memory
  }
  EXPECT_TRUE(other.hear_anything());
}

TEST(WatchHub, LetsAWakerEndItsOwnWatch) {
  WatchHub hub;
  std::promise<void> ended;
  std::unique_ptr<Watch> watch;
  std::mutex mutex;
  {
    const std::lock_guard lock(mutex);
    watch = hub.add({kFruit}, [&](Wake) {
      {
        const std::lock_guard own(mutex);
        watch.reset();
      }
      ended.set_value();
    });
  }
  ended.get_future().wait();
  Ears ears;
  const auto next = hub.add({kFruit}, ears.waker());
  EXPECT_TRUE(ears.hear(Wake::perhaps)) << "others are still called";
}

}  // namespace
}  // namespace writ::store
