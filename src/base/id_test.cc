#include "base/id.h"

#include <gtest/gtest.h>

#include <chrono>
#include <unordered_set>

#include "base/testing/fake_clock.h"
#include "base/testing/fake_random.h"

namespace writ {
namespace {

TEST(Uuid, ReadsBackItsText) {
  const auto uuid = Uuid::parse("01890A5D-AC96-774B-bcce-b302099a8057");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->text(), "01890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_EQ(Uuid::parse(uuid->text()).value(), *uuid);
  EXPECT_FALSE(uuid->is_nil());
  EXPECT_TRUE(Uuid{}.is_nil());
}

TEST(Uuid, RefusesOtherTexts) {
  for (const std::string_view text :
       {"", "01890a5d", "01890a5dac96774bbcceb302099a8057", "01890a5d-ac96-774b-bcce-b302099a805",
        "01890a5d-ac96-774b-bcce-b302099a80577", "01890a5d-ac96-774b-bcce+b302099a8057",
        "0189-0a5dac96-774b-bcce-b302099a8057", "g1890a5d-ac96-774b-bcce-b302099a8057"}) {
    const auto uuid = Uuid::parse(text);
    ASSERT_FALSE(uuid) << text;
    EXPECT_EQ(uuid.error().code, Code::invalid_input);
  }
}

TEST(Uuid, Version5FollowsTheExampleOfRfc9562) {
  // RFC 9562 appendix A.4: www.example.com in the DNS namespace.
  const Uuid dns = Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8").value();
  EXPECT_EQ(Uuid::v5(dns, "www.example.com").text(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Uuid, Version7HoldsTheMillisecondAndItsMarks) {
  FakeClock clock(WallTime{0x0123'4567'89ab * 1000 + 999});
  FakeRandom random;
  const std::string text = Uuid::v7(clock, random).text();
  EXPECT_EQ(text.substr(0, 15), "01234567-89ab-7");
  EXPECT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos) << text;
}

TEST(Uuid, Version7SortsByTimeAndNeverRepeats) {
  FakeClock clock;
  FakeRandom random;
  Uuid last;
  std::unordered_set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    clock.advance(std::chrono::milliseconds(1));
    const Uuid next = Uuid::v7(clock, random);
    EXPECT_LT(last, next);
    EXPECT_TRUE(seen.insert(next.text()).second);
    last = next;
  }
}

TEST(Id, KeepsItsUuidThroughText) {
  const RunId id{Uuid::v5(kWritNamespace, "a run")};
  const auto again = RunId::parse(id.text());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, id);
  EXPECT_EQ(std::hash<RunId>{}(*again), std::hash<RunId>{}(id));
  EXPECT_FALSE(RunId::parse("a run"));
}

TEST(Random, OfTheMachineFillsEveryByte) {
  SystemRandom random;
  std::array<std::uint8_t, 600> bytes{};  // getrandom may stop at 256
  random.fill(bytes);
  std::array<bool, 600> touched{};
  for (int round = 0; round < 8; ++round) {
    for (std::size_t i = 0; i < bytes.size(); ++i) touched[i] = touched[i] || bytes[i] != 0;
    random.fill(bytes);
  }
  EXPECT_EQ(std::count(touched.begin(), touched.end(), true), 600);
}

TEST(Random, FakeRepeatsItselfBySeed) {
  FakeRandom a(7);
  FakeRandom b(7);
  FakeRandom c(8);
  const std::uint64_t first = a.next_u64();
  EXPECT_EQ(b.next_u64(), first);
  EXPECT_NE(c.next_u64(), first);
  EXPECT_NE(a.next_u64(), first);
}

}  // namespace
}  // namespace writ
