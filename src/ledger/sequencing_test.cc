#include "ledger/sequencing.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "ledger/tables.h"
#include "ledger/testing/sample.h"
#include "store/testing/ears.h"

namespace writ::ledger {
namespace {

// Looks again whenever the log's head has changed, for half a minute at most.
class Witness {
 public:
  explicit Witness(SampleLog& log)
      : watch_(
            log.store->watch({kHead, kDuty}, ears_.waker(), store::Reach::this_process).value()) {}

  template <typename F>
  bool sees(F&& is_so) {
    while (!is_so()) {
      if (!ears_.hear_anything()) return is_so();
    }
    return true;
  }

 private:
  store::Ears ears_;
  std::unique_ptr<store::Watch> watch_;
};

// So long that none runs out in a test.
constexpr SequencingOptions kLong{.lease = std::chrono::hours(1)};

std::unique_ptr<Sequencing> start(SampleLog& log, SequencingOptions options = kLong) {
  auto started = Sequencing::start(*log.store, *log.ledger, log.random, options);
  EXPECT_TRUE(started) << started.error().text();
  return *std::move(started);
}

bool has_index(const SampleLog& log, std::uint64_t number) {
  const auto event = log.ledger->get(event_id(number));
  return event && event->index == number;
}

TEST(Sequencing, TakesEventsIntoTheLogWithoutBeingAsked) {
  SampleLog log;
  log.append_numbered(0, 2);
  Witness witness(log);
  const auto sequencing = start(log);
  EXPECT_TRUE(witness.sees([&] { return has_index(log, 1); })) << "what was pending before";
  for (std::uint64_t i = 2; i < 20; ++i) {
    log.append_numbered(i, i + 1);
    EXPECT_TRUE(witness.sees([&] { return has_index(log, i); })) << i;
  }
  EXPECT_EQ(log.verify()->events, 20u);
}

TEST(Sequencing, IsOneServersAtATimeAndGoesOnWithTheNext) {
  SampleLog log;
  Witness witness(log);
  auto first = start(log);
  ASSERT_TRUE(witness.sees([&] { return first->state().leads; }));
  auto second = start(log);
  auto third = start(log);
  log.append_numbered(0, 5);
  ASSERT_TRUE(witness.sees([&] { return has_index(log, 4); }));
  EXPECT_FALSE(second->state().leads || third->state().leads);
  EXPECT_EQ(first->state().fence, 1u);
  first.reset();
  log.append_numbered(5, 10);
  EXPECT_TRUE(witness.sees([&] { return has_index(log, 9); })) << "nobody waits for an hour";
  EXPECT_TRUE(witness.sees([&] { return second->state().leads != third->state().leads; }));
  EXPECT_EQ(std::max(second->state().fence, third->state().fence), 2u);
  EXPECT_EQ(log.verify()->events, 10u);
}

// The lease keeps servers out of each other's way; the head row keeps the log right.
TEST(Sequencing, DoesNoHarmBesideOneThatKnowsNoLease) {
  SampleLog log;
  const auto sequencing = start(log);
  Witness witness(log);
  for (std::uint64_t i = 0; i < 50; ++i) {
    log.append_numbered(i, i + 1);
    ASSERT_TRUE(log.ledger->sequence());
  }
  EXPECT_TRUE(witness.sees([&] { return has_index(log, 49); }));
  const auto report = log.verify();
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->events, 50u);
  EXPECT_EQ(report->pending, 0u);
}

TEST(Sequencing, SaysWhatKeepsItFromItsWorkAndGoesOnTrying) {
  SampleLog log;
  ASSERT_TRUE(log.store->write(
      [](store::Tx& tx) { return tx.put(kDuty, "sequencer", "no lease at all"); }));
  const auto sequencing = start(log);
  Witness witness(log);
  log.append_numbered(0, 1);
  while (!sequencing->state().failure) std::this_thread::yield();
  EXPECT_FALSE(sequencing->state().leads);
  ASSERT_TRUE(log.store->write([](store::Tx& tx) { return tx.erase(kDuty, "sequencer"); }));
  EXPECT_TRUE(witness.sees([&] { return has_index(log, 0); }));
  EXPECT_TRUE(witness.sees([&] { return !sequencing->state().failure; }));
}

}  // namespace
}  // namespace writ::ledger
