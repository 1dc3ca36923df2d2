#include "ledger/append.h"

#include <gtest/gtest.h>

#include "ledger/record.h"
#include "ledger/tables.h"
#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

Result<std::vector<EventId>> append_all(SampleLog& log, const std::vector<Entry>& entries) {
  return log.store->write([&](store::Tx& tx) { return log.ledger->append_all(tx, entries); });
}

std::vector<std::uint64_t> numbers_in(const SampleLog& log, std::uint64_t count) {
  std::vector<std::uint64_t> numbers;
  const auto events = log.ledger->list({});
  for (const Event& event : *events) {
    for (std::uint64_t i = 0; i < count; ++i) {
      if (event.entry.id == event_id(i)) numbers.push_back(i);
    }
  }
  return numbers;
}

TEST(AppendAll, KeepsTheOrderItWasGiven) {
  SampleLog log;
  std::vector<Entry> entries;
  for (std::uint64_t i = 0; i < 500; ++i) entries.push_back(sample_entry(i));
  const auto ids = append_all(log, entries);
  ASSERT_TRUE(ids) << ids.error().text();
  ASSERT_EQ(ids->size(), 500u);
  EXPECT_EQ((*ids)[17], event_id(17));
  EXPECT_EQ(log.ledger->of_run(run_id(1))->size(), 500u) << "readable while pending";
  ASSERT_TRUE(log.ledger->sequence());
  for (std::uint64_t i = 0; i < 500; ++i) EXPECT_EQ(log.ledger->at(i)->entry.id, event_id(i));
  EXPECT_TRUE(log.verify());
}

TEST(AppendAll, OfNothingWritesNothing) {
  SampleLog log;
  EXPECT_TRUE(append_all(log, {})->empty());
  EXPECT_EQ(log.ledger->sequence().value(), 0u);
}

TEST(AppendAll, TakesWhatIsNewAndLeavesNoGapForTheRest) {
  SampleLog log;
  ASSERT_TRUE(append_all(log, {sample_entry(1), sample_entry(3)}));
  ASSERT_TRUE(log.ledger->sequence());
  ASSERT_TRUE(append_all(log, {sample_entry(4)}));
  const auto ids = append_all(log, {sample_entry(0), sample_entry(1), sample_entry(2),
                                    sample_entry(2), sample_entry(4), sample_entry(5)});
  ASSERT_TRUE(ids) << ids.error().text();
  EXPECT_EQ(ids->size(), 6u) << "known ones have their ids all the same";
  ASSERT_TRUE(log.ledger->sequence());
  EXPECT_EQ(numbers_in(log, 6), (std::vector<std::uint64_t>{1, 3, 4, 0, 2, 5}));
  const auto report = log.verify();
  ASSERT_TRUE(report) << report.error().text();
}

// A caller who carries on after the refusal commits nothing of the batch.
TEST(AppendAll, IsAllOrNothing) {
  SampleLog log;
  Entry other = sample_entry(2);
  other.payload = "{}";
  Entry same_seq = sample_entry(9);
  same_seq.seq = 1;
  Entry bad = sample_entry(8);
  bad.type.clear();
  const std::vector<Entry> batches[] = {{sample_entry(0), sample_entry(2), other},
                                        {sample_entry(0), sample_entry(1), same_seq},
                                        {sample_entry(0), bad}};
  for (const auto& batch : batches) {
    ASSERT_TRUE(log.store->write([&](store::Tx& tx) -> Result<void> {
      EXPECT_FALSE(log.ledger->append_all(tx, batch));
      return {};
    }));
    EXPECT_EQ(log.ledger->sequence().value(), 0u);
    EXPECT_EQ(log.ledger->get(event_id(0)).error().code, Code::not_found);
    EXPECT_TRUE(log.verify());
  }
}

TEST(AppendAll, TellsSourcesWithOneIdApart) {
  SampleLog log;
  std::vector<Entry> entries;
  for (std::uint64_t i = 0; i < 3; ++i) {
    Entry entry = sample_entry(7);
    entry.source += std::to_string(i);
    entry.seq = i + 1;
    entries.push_back(entry);
  }
  ASSERT_TRUE(append_all(log, {entries[0], entries[1]}));
  ASSERT_TRUE(append_all(log, entries));
  EXPECT_EQ(log.ledger->sequence().value(), 3u);
  EXPECT_EQ(log.ledger->get(event_id(7))->entry.source, entries[0].source);
  EXPECT_TRUE(log.verify());
}

TEST(AppendAll, CountsTheWholeBatchAgainstTheLimit) {
  SampleLog log("memory:", {.origin = {}, .pending_limit = 5});
  ASSERT_TRUE(append_all(log, {sample_entry(0), sample_entry(1), sample_entry(2)}));
  EXPECT_EQ(append_all(log, {sample_entry(3), sample_entry(4), sample_entry(5)}).error().code,
            Code::overloaded);
  EXPECT_TRUE(append_all(log, {sample_entry(3), sample_entry(4)}));
}

// Where transactions run at once, two can note the same place. This makes rows as they would:
// the chunk of entries 2 and 3 is set back to where the chunk of 0 and 1 is.
void share_a_place(store::Store& store) {
  ASSERT_TRUE(store.write([&](store::Tx& tx) -> Result<void> {
    const std::string old = ChunkKey{2, event_id(2)}.bytes();
    const std::string shared = ChunkKey{0, event_id(2)}.bytes();
    for (const store::Table& table : {kEvents, kPending}) {
      WRIT_TRY(const auto value, tx.get(table, old));
      WRIT_CHECK(tx.erase(table, old));
      WRIT_CHECK(tx.put(table, shared, value.value()));
    }
    for (std::uint64_t i = 0; i < 2; ++i) {
      WRIT_CHECK(tx.put(kIds, id_key(event_id(2 + i)), encode_number(i)));
      WRIT_CHECK(tx.put(kRuns, run_key(run_id(1), 3 + i), encode_number(i)));
    }
    return {};
  }));
}

TEST(SharedPlaces, AreReadRightAndPutRightBySequencing) {
  SampleLog log;
  ASSERT_TRUE(append_all(log, {sample_entry(0), sample_entry(1)}));
  ASSERT_TRUE(append_all(log, {sample_entry(2), sample_entry(3)}));
  share_a_place(*log.store);
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i < 4; ++i) {
      EXPECT_EQ(log.ledger->get(event_id(i))->entry.payload, sample_entry(i).payload);
    }
    const auto run = log.ledger->of_run(run_id(1));
    ASSERT_TRUE(run) << run.error().text();
    ASSERT_EQ(run->size(), 4u);
    for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ((*run)[i].entry.id, event_id(i));
    EXPECT_EQ(log.ledger->sequence().value(), round == 0 ? 4u : 0u);
  }
  EXPECT_EQ(log.ledger->checkpoint(log.key)->size, 4u);
  const auto report = log.verify();
  EXPECT_TRUE(report) << report.error().text();
}

// One of the two came after the other was sequenced: it lies below the head, and is not lost.
TEST(SharedPlaces, MayLieBelowTheHead) {
  SampleLog log;
  ASSERT_TRUE(append_all(log, {sample_entry(0), sample_entry(1)}));
  ASSERT_TRUE(log.ledger->sequence());
  ASSERT_TRUE(append_all(log, {sample_entry(2), sample_entry(3)}));
  share_a_place(*log.store);
  EXPECT_FALSE(log.ledger->get(event_id(2))->index);
  EXPECT_EQ(log.ledger->at(0)->entry.id, event_id(0));
  EXPECT_EQ(log.ledger->at(1)->entry.id, event_id(1));
  EXPECT_EQ(log.ledger->sequence().value(), 2u);
  EXPECT_EQ(log.ledger->get(event_id(2))->index, 2u);
  const auto report = log.verify();
  EXPECT_TRUE(report) << report.error().text();
}

}  // namespace
}  // namespace writ::ledger
