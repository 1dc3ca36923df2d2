// What every door asks of events of others.
#include "ledger/ingest.h"

#include <gtest/gtest.h>

#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

Object order() {
  return Object{{"specversion", "1.0"},
                {"id", "42"},
                {"source", "/shop"},
                {"type", "shop.order.placed"},
                {"data", Object{{"total", 3}}}};
}

TEST(Ingest, FillsInWhoHandsItInAndWhen) {
  SampleLog log;
  const auto entry = ingest_entry(*log.ledger, order(), {log.clock, "key:0123"});
  ASSERT_TRUE(entry) << entry.error().text();
  EXPECT_EQ(entry->actor, "key:0123");
  EXPECT_EQ(entry->time, log.clock.wall());
  EXPECT_EQ(entry->payload, R"({"total":3})");
}

TEST(Ingest, LeavesWhatTheEventSays) {
  SampleLog log;
  Object event = order();
  event.append("writactor", "svc:shop");
  event.append("time", "2026-01-01T00:00:00Z");
  const auto entry = ingest_entry(*log.ledger, event, {log.clock, "key:0123"});
  ASSERT_TRUE(entry) << entry.error().text();
  EXPECT_EQ(entry->actor, "svc:shop");
  EXPECT_EQ(entry->time, parse_rfc3339("2026-01-01T00:00:00Z").value());
}

TEST(Ingest, GivesTheSameEventTheTimeItHadBefore) {
  SampleLog log;
  const auto first = ingest_entry(*log.ledger, order(), {log.clock, "key:0123"});
  ASSERT_TRUE(first) << first.error().text();
  ASSERT_TRUE(log.append(*first));
  ASSERT_TRUE(log.ledger->sequence());
  log.clock.advance(std::chrono::hours(1));
  const auto again = ingest_entry(*log.ledger, order(), {log.clock, "key:0123"});
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->time, first->time);
  const auto id = log.append(*again);
  ASSERT_TRUE(id) << id.error().text();
  EXPECT_EQ(*id, first->id);
  EXPECT_EQ(log.ledger->sequence().value(), 0u) << "nothing was added";
}

TEST(Ingest, TakesNoEventsOfRuns) {
  SampleLog log;
  Object event = order();
  event.append("writrun", run_id(1).text());
  event.append("writseq", "1");
  const auto entry = ingest_entry(*log.ledger, event, {log.clock, ""});
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code, Code::not_permitted);
  EXPECT_EQ(entry.error().message, "only a run itself writes events of a run");
}

}  // namespace
}  // namespace writ::ledger
