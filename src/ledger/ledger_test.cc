#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

TEST(Ledger, GivesEventsBackInTheOrderOfTheirCommits) {
  SampleLog log;
  log.append_numbered(0, 10);
  EXPECT_EQ(log.ledger->sequence().value(), 10u);
  for (std::uint64_t i = 0; i < 10; ++i) {
    const auto event = log.ledger->at(i);
    ASSERT_TRUE(event) << event.error().text();
    EXPECT_EQ(event->entry.id, event_id(i));
    EXPECT_EQ(event->entry.payload, sample_entry(i).payload);
    EXPECT_EQ(event->index, i);
    EXPECT_EQ(event->payload_state, Event::Payload::intact);
  }
  EXPECT_EQ(log.ledger->at(10).error().code, Code::not_found);
  EXPECT_TRUE(log.verify());
}

TEST(Ledger, GivesBackEveryMemberOfAnEntry) {
  SampleLog log;
  Entry entry = sample_entry(3);
  entry.subject = "odd/\"quoted\"\\\n\x01\xc3\xa9";
  entry.causation = event_id(2).text();
  entry.context = {.fidelity = "demo",
                   .inputs = "sha256:" + std::string(64, '0'),
                   .revision = "4b825dc",
                   .schema = "https://example.org/v1",
                   .tags = "a b",
                   .thread = "talk",
                   .tool = "test/1"};
  ASSERT_TRUE(log.append(entry));
  for (int round = 0; round < 2; ++round) {  // pending, then sequenced
    const auto event = log.ledger->get(entry.id);
    ASSERT_TRUE(event) << event.error().text();
    EXPECT_EQ(event->index.has_value(), round == 1);
    EXPECT_EQ(event->entry.type, entry.type);
    EXPECT_EQ(event->entry.source, entry.source);
    EXPECT_EQ(event->entry.subject, entry.subject);
    EXPECT_EQ(event->entry.time, entry.time);
    EXPECT_EQ(event->entry.run, entry.run);
    EXPECT_EQ(event->entry.seq, entry.seq);
    EXPECT_EQ(event->entry.actor, entry.actor);
    EXPECT_EQ(event->entry.correlation, entry.correlation);
    EXPECT_EQ(event->entry.causation, entry.causation);
    EXPECT_EQ(event->entry.context, entry.context);
    EXPECT_EQ(event->entry.payload, entry.payload);
    ASSERT_TRUE(log.ledger->sequence());
  }
}

TEST(Ledger, TellsEventsApartThatDifferInTheirContextAlone) {
  SampleLog log;
  Entry entry = sample_entry(3);
  ASSERT_TRUE(log.append(entry));
  entry.context.fidelity = "replayed";
  const auto other = log.append(entry);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::conflict);
}

TEST(Ledger, TakesTheSameEventOnce) {
  SampleLog log;
  EXPECT_EQ(log.append(sample_entry(1)).value(), event_id(1));
  EXPECT_EQ(log.append(sample_entry(1)).value(), event_id(1));
  EXPECT_EQ(log.ledger->sequence().value(), 1u);
  EXPECT_EQ(log.append(sample_entry(1)).value(), event_id(1));
  EXPECT_EQ(log.ledger->sequence().value(), 0u);
  EXPECT_EQ(log.verify().value().events, 1u);
}

TEST(Ledger, TakesTheSameEventOnceWithinOneTransaction) {
  SampleLog log;
  const auto twice = log.store->write([&](store::Tx& tx) -> Result<EventId> {
    WRIT_CHECK(log.ledger->append(tx, sample_entry(1)));
    return log.ledger->append(tx, sample_entry(1));
  });
  EXPECT_EQ(twice.value(), event_id(1));
  EXPECT_EQ(log.ledger->sequence().value(), 1u);
}

TEST(Ledger, RefusesAnotherEventUnderAKnownId) {
  SampleLog log;
  ASSERT_TRUE(log.append(sample_entry(1)));
  Entry other = sample_entry(1);
  other.payload = "{}";
  EXPECT_EQ(log.append(other).error().code, Code::conflict);
  ASSERT_TRUE(log.ledger->sequence());
  EXPECT_EQ(log.append(other).error().code, Code::conflict);
  other = sample_entry(1);
  other.source = "writ:project/other";
  other.seq = 99;
  EXPECT_TRUE(log.append(other)) << "another source has ids of its own";
}

TEST(Ledger, RefusesASecondEventOfOneRunAndSeq) {
  SampleLog log;
  ASSERT_TRUE(log.append(sample_entry(1)));
  Entry second = sample_entry(2);
  second.seq = sample_entry(1).seq;
  EXPECT_EQ(log.append(second).error().code, Code::conflict);
  // A caller who carries on after the refusal commits nothing of the refused entry.
  ASSERT_TRUE(log.store->write([&](store::Tx& tx) -> Result<void> {
    EXPECT_FALSE(log.ledger->append(tx, second));
    return {};
  }));
  EXPECT_EQ(log.ledger->sequence().value(), 1u);
  EXPECT_TRUE(log.verify());
}

TEST(Ledger, LeavesNothingOfATransactionThatFails) {
  SampleLog log;
  const auto failed = log.store->write([&](store::Tx& tx) -> Result<void> {
    WRIT_CHECK(log.ledger->append(tx, sample_entry(1)));
    return fail(Code::conflict, "changed my mind");
  });
  EXPECT_EQ(failed.error().code, Code::conflict);
  EXPECT_EQ(log.ledger->get(event_id(1)).error().code, Code::not_found);
  EXPECT_EQ(log.ledger->sequence().value(), 0u);
  EXPECT_TRUE(log.ledger->of_run(run_id(1)).value().empty());
}

TEST(Ledger, RefusesMoreWhenTooManyAreWaiting) {
  SampleLog log("memory:", {.origin = {}, .pending_limit = 3});
  log.append_numbered(0, 3);
  EXPECT_EQ(log.append(sample_entry(3)).error().code, Code::overloaded);
  ASSERT_TRUE(log.ledger->sequence());
  EXPECT_TRUE(log.append(sample_entry(3)));
}

TEST(Ledger, ReadsARunInItsOwnOrderPendingEventsIncluded) {
  SampleLog log;
  for (const std::uint64_t i : {4u, 1u, 3u}) ASSERT_TRUE(log.append(sample_entry(i)));
  ASSERT_TRUE(log.ledger->sequence());
  for (const std::uint64_t i : {2u, 0u}) ASSERT_TRUE(log.append(sample_entry(i)));
  const auto events = log.ledger->of_run(run_id(1));
  ASSERT_TRUE(events) << events.error().text();
  ASSERT_EQ(events->size(), 5u);
  for (std::uint64_t i = 0; i < 5; ++i) EXPECT_EQ((*events)[i].entry.seq, i + 1);
  EXPECT_FALSE((*events)[0].index);
  EXPECT_EQ((*events)[4].index, 0u);
}

TEST(Ledger, TakesAnyNumberInRoundsOfAnySize) {
  for (const std::size_t round : {1u, 7u, 256u}) {
    SampleLog log("memory:", {.origin = {}, .round_limit = round});
    log.append_numbered(0, 300);
    EXPECT_EQ(log.ledger->sequence().value(), 300u);
    const auto report = log.verify();
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->events, 300u);
    EXPECT_EQ(log.ledger->at(299)->entry.id, event_id(299));
  }
}

struct BadEntry {
  const char* name;
  void (*spoil)(Entry&);
};

TEST(Ledger, RefusesEntriesThatCannotBeLogged) {
  const BadEntry bad[] = {
      {"no id", [](Entry& e) { e.id = {}; }},
      {"no type", [](Entry& e) { e.type.clear(); }},
      {"no source", [](Entry& e) { e.source.clear(); }},
      {"run without seq", [](Entry& e) { e.seq = 0; }},
      {"seq without run", [](Entry& e) { e.run = {}; }},
      {"no UTF-8", [](Entry& e) { e.subject = "\xff"; }},
      {"beyond year 9999", [](Entry& e) { e.time.micros = 253'402'300'800'000'000; }},
      {"leaf too large", [](Entry& e) { e.subject = std::string(65'536, 's'); }},
      {"payload too large", [](Entry& e) { e.payload = std::string((1u << 20) + 1, ' '); }},
  };
  SampleLog log;
  for (const BadEntry& row : bad) {
    Entry entry = sample_entry(1);
    row.spoil(entry);
    const auto refused = log.append(entry);
    ASSERT_FALSE(refused) << row.name;
    EXPECT_EQ(refused.error().code, Code::invalid_input) << row.name;
  }
  EXPECT_EQ(log.ledger->sequence().value(), 0u);
}

TEST(Ledger, KeepsTheNameItWasGivenFirst) {
  SampleLog log;
  FakeRandom random;
  const auto again = Ledger::open(*log.store, log.clock, random, {.origin = "example.org/other"});
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->checkpoint(log.key)->origin, "example.org/log");
}

TEST(Ledger, NeedsAName) {
  const auto store = open_store("memory:");
  FakeClock clock;
  FakeRandom random;
  for (const char* name : {"", "with space", "a+b", "line\nbreak"}) {
    const auto opened = Ledger::open(*store, clock, random, {.origin = name});
    ASSERT_FALSE(opened) << name;
    EXPECT_EQ(opened.error().code, Code::invalid_input);
  }
}

}  // namespace
}  // namespace writ::ledger
