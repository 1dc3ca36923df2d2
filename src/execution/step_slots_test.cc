#include "execution/step_slots.h"

#include <gtest/gtest.h>

#include <thread>

namespace writ::execution {
namespace {

TEST(StepSlots, AreTakenAndGivenBack) {
  StepSlots slots(2);
  std::stop_source stop;
  auto first = slots.take(stop.get_token());
  const auto second = slots.take(stop.get_token());
  ASSERT_TRUE(first && second);
  bool was_taken = false;
  std::jthread third([&] { was_taken = slots.take({}).has_value(); });
  *first = StepSlots::Slot();
  third.join();
  EXPECT_TRUE(was_taken) << "what was given back is there for who waits";
}

TEST(StepSlots, AreNotWaitedForOnceOneIsToStop) {
  StepSlots slots(0);
  std::stop_source stop;
  stop.request_stop();
  const auto none = slots.take(stop.get_token());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::cancelled);
}

}  // namespace
}  // namespace writ::execution
