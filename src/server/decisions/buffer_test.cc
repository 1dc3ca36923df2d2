#include "server/decisions/buffer.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/testing/fake_clock.h"
#include "base/testing/fake_random.h"
#include "server/decisions/chunk.h"
#include "server/decisions/decision_log.h"
#include "server/decisions/testing/log_service.h"
#include "store/open.h"

namespace writ::server {
namespace {

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
constexpr BufferLimits kNoLimits{kAny, kAny, false};

std::unique_ptr<DecisionBuffer> make_buffer() {
  auto store = store::open("memory:");
  EXPECT_TRUE(store);
  auto buffer = DecisionBuffer::open(std::move(*store));
  EXPECT_TRUE(buffer);
  return std::move(*buffer);
}

std::string lines(int first, int last) {
  std::string out;
  for (int i = first; i <= last; ++i) out += "{\"n\":" + std::to_string(i) + "}\n";
  return out;
}

// "0:{"n":0} 1:{"n":1}"
std::string said(DecisionBuffer& buffer, std::size_t bytes = 1u << 20) {
  const auto events = buffer.oldest(bytes);
  if (!events) return events.error().text();
  std::string out;
  for (const KeptEvent& event : *events) {
    out += (out.empty() ? "" : " ") + std::to_string(event.number) + ":" + event.text;
  }
  return out;
}

TEST(DecisionBuffer, KeepsEventsInOrderUntilTheyAreRemoved) {
  const auto buffer = make_buffer();
  ASSERT_TRUE(buffer->append(lines(0, 2), kNoLimits));
  ASSERT_TRUE(buffer->append(lines(3, 3), kNoLimits));
  EXPECT_EQ(said(*buffer), "0:{\"n\":0} 1:{\"n\":1} 2:{\"n\":2} 3:{\"n\":3}");
  // In the middle of a row: what was delivered does not come again.
  ASSERT_TRUE(buffer->remove_through(1));
  EXPECT_EQ(said(*buffer), "2:{\"n\":2} 3:{\"n\":3}");
  EXPECT_EQ(said(*buffer, 1), "2:{\"n\":2}");
  ASSERT_TRUE(buffer->remove_through(3));
  EXPECT_EQ(said(*buffer), "");
  EXPECT_EQ(buffer->usage()->bytes, 0u);
  ASSERT_TRUE(buffer->append(lines(4, 4), kNoLimits));
  EXPECT_EQ(said(*buffer), "4:{\"n\":4}");
}

TEST(DecisionBuffer, SplitsWhatIsLargeIntoRowsAndReadsAcrossThem) {
  const auto buffer = make_buffer();
  const std::string wide = "{\"x\":\"" + std::string(100'000, 'x') + "\"}\n";
  ASSERT_TRUE(buffer->append(wide + wide + wide + wide + wide + wide, kNoLimits));
  const auto events = buffer->oldest(1u << 20);
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 6u);
  EXPECT_EQ((*events)[5].text + "\n", wide);
  ASSERT_TRUE(buffer->remove_through(2));
  EXPECT_EQ(buffer->oldest(1u << 20)->front().number, 3u);
}

TEST(DecisionBuffer, RefusesWhatIsOverItsLimits) {
  const auto buffer = make_buffer();
  const BufferLimits three{3, kAny, false};
  ASSERT_TRUE(buffer->append(lines(0, 2), three));
  const auto refused = buffer->append(lines(3, 3), three);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(), "overloaded: the buffer of decisions is full");
  EXPECT_EQ(buffer->usage()->events, 3u);
  ASSERT_TRUE(buffer->remove_through(0));
  EXPECT_TRUE(buffer->append(lines(3, 3), three));
  EXPECT_EQ(said(*buffer), "1:{\"n\":1} 2:{\"n\":2} 3:{\"n\":3}");
}

TEST(DecisionBuffer, LetsTheOldestGoWhereNobodyTakesThem) {
  const auto buffer = make_buffer();
  const BufferLimits four{4, kAny, true};
  ASSERT_TRUE(buffer->append(lines(0, 1), four));
  ASSERT_TRUE(buffer->append(lines(2, 3), four));
  EXPECT_EQ(buffer->append(lines(4, 4), four), 2u);
  EXPECT_EQ(said(*buffer), "2:{\"n\":2} 3:{\"n\":3} 4:{\"n\":4}");
}

TEST(DecisionBuffer, FindsADecisionById) {
  auto store = store::open("memory:");
  ASSERT_TRUE(store);
  store::Store& borrowed = **store;
  const auto buffer = DecisionBuffer::open(std::move(*store));
  ASSERT_TRUE(buffer);
  ASSERT_TRUE((*buffer)->append(
      "{\"decision_id\":\"a\",\"n\":1}\n{\"decision_id\":\"b\",\"n\":2}\n", kNoLimits));
  EXPECT_EQ(find_decision(borrowed, "b").value_or("none"), "{\"decision_id\":\"b\",\"n\":2}");
  const auto missing = find_decision(borrowed, "c");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "no decision c is kept here");
}

std::vector<KeptEvent> events_of(std::size_t count, FakeRandom& random) {
  std::vector<KeptEvent> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(
        {i, "{\"n\":" + std::to_string(i) + ",\"r\":" + std::to_string(random.next_u64()) + "}"});
  }
  return out;
}

TEST(DecisionChunks, FillTheLimitAndNeverPassIt) {
  FakeRandom random;
  const std::vector<KeptEvent> events = events_of(2000, random);
  constexpr std::size_t kLimit = 2048;
  ChunkEncoder encoder(kLimit);
  std::span<const KeptEvent> rest = events;
  std::size_t chunks = 0;
  std::string all;
  while (!rest.empty()) {
    const auto chunk = encoder.encode(rest.first(std::min<std::size_t>(rest.size(), 400)));
    ASSERT_TRUE(chunk);
    EXPECT_LE(chunk->body.size(), kLimit);
    ASSERT_GT(chunk->events, 0u);
    std::string text = testing::gunzipped(chunk->body);
    all += (all.empty() ? "" : ",") + text.substr(1, text.size() - 2);
    rest = rest.subspan(chunk->events);
    ++chunks;
  }
  std::string expected;
  for (const KeptEvent& event : events) expected += (expected.empty() ? "" : ",") + event.text;
  EXPECT_EQ(all, expected);
  EXPECT_LT(chunks, 40u);  // some 55 kB when packed: most chunks are nearly full
}

std::string noise(std::size_t bytes) {
  FakeRandom random;
  std::string out;
  while (out.size() < bytes) out += std::to_string(random.next_u64());
  return out;
}

TEST(DecisionChunks, ATooLargeEventLosesItsCacheFirstAndThenItself) {
  ChunkEncoder encoder(1000);
  const KeptEvent with_cache{0, "{\"n\":1,\"nd_builtin_cache\":{\"x\":\"" + noise(5000) + "\"}}"};
  const auto reduced = encoder.encode(std::span(&with_cache, 1));
  ASSERT_TRUE(reduced);
  EXPECT_EQ(testing::gunzipped(reduced->body), "[{\"n\":1}]");
  EXPECT_EQ(reduced->without, 1u);
  const KeptEvent huge{1, "{\"input\":\"" + noise(5000) + "\"}"};
  const auto lost = encoder.encode(std::span(&huge, 1));
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->body, "");
  EXPECT_EQ(lost->events, 1u);
  EXPECT_EQ(lost->lost, 1u);
}

TEST(DecisionLog, HoldsItsRate) {
  FakeClock clock;
  DecisionCounters counters;
  DecisionLogOptions options;
  options.reporting.decisions_per_second = 2;
  const auto buffer = make_buffer();
  {
    DecisionLog log(options, buffer.get(), counters, clock, {});
    EXPECT_EQ(log.append("{\"n\":0}"), 1u);
    EXPECT_EQ(log.append("{\"n\":1}"), 2u);
    EXPECT_EQ(log.append("{\"n\":2}"), 0u);
  }
  EXPECT_EQ(said(*buffer), "0:{\"n\":0} 1:{\"n\":1}");
  EXPECT_EQ(counters.of(DecisionCounter::dropped_rate_limit_exceeded), 1u);
}

TEST(DecisionLog, AFullBufferHoldsEventsBackUntilThereIsRoom) {
  FakeClock clock;
  DecisionCounters counters;
  DecisionLogOptions options;
  options.service = "control";
  options.buffer.flush = Flush::each;
  options.reporting.buffer_events = 1;
  const auto buffer = make_buffer();
  DecisionLog log(options, buffer.get(), counters, clock, {});
  const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::seconds(10); };
  ASSERT_TRUE(log.wait_until_durable(log.append("{\"n\":0}"), soon(), {}));
  const std::uint64_t second = log.append("{\"n\":1}");
  const auto waited = log.wait_until_durable(
      second, std::chrono::steady_clock::now() + std::chrono::milliseconds(300), {});
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().message,
            "the decision could not be logged: the buffer of decisions is full");
  ASSERT_TRUE(buffer->remove_through(0));
  log.note_room();
  ASSERT_TRUE(log.wait_until_durable(second, soon(), {}));
  EXPECT_EQ(said(*buffer), "1:{\"n\":1}");
}

}  // namespace
}  // namespace writ::server
