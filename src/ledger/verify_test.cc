#include "ledger/verify.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ledger/erase.h"
#include "ledger/event_types.h"
#include "ledger/record.h"
#include "ledger/tables.h"
#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

std::vector<store::Row> rows_of(store::Store& store, const store::Table& table) {
  return store.read([&](store::Tx& tx) { return tx.scan(table, everything(), 10'000); }).value();
}

// Changes the store behind the ledger's back: `before` goes, `after` comes.
void replace_row(store::Store& store, const store::Table& table, const store::Row& before,
                 const store::Row& after) {
  ASSERT_TRUE(store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_CHECK(tx.erase(table, before.key));
    return tx.put(table, after.key, after.value);
  }));
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x01);
  return bytes;
}

Entry erasure_of(std::uint64_t number) {
  Entry entry;
  entry.id = event_id(1000 + number);
  entry.type = kPayloadErased;
  entry.source = "writ:project/sample";
  entry.subject = erased_subject(event_id(number));
  entry.actor = "key:0123";
  entry.payload = R"({"reason":"request"})";
  return entry;
}

void erase_numbered(SampleLog& log, std::uint64_t number) {
  const auto erased = log.store->write([&](store::Tx& tx) {
    return erase_payload(*log.ledger, tx, event_id(number), erasure_of(number));
  });
  ASSERT_TRUE(erased) << erased.error().text();
}

// A small log with something in every table: several chunks, one event erased, one of another
// source under a known id, two checkpoints, two events pending.
void fill(SampleLog& log) {
  const Entry entries[] = {sample_entry(0), sample_entry(1), sample_entry(2)};
  ASSERT_TRUE(log.store->write([&](store::Tx& tx) { return log.ledger->append_all(tx, entries); }));
  ASSERT_TRUE(log.ledger->checkpoint(log.key));
  Entry namesake = sample_entry(2);
  namesake.source = "writ:project/other";
  namesake.seq = 99;
  ASSERT_TRUE(log.append(namesake));
  erase_numbered(log, 1);
  ASSERT_TRUE(log.ledger->checkpoint(log.key));
  log.append_numbered(6, 8);
}

TEST(Verify, CountsWhatThereIs) {
  SampleLog log;
  fill(log);
  const auto report = log.verify();
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->events, 5u);
  EXPECT_EQ(report->pending, 2u);
  EXPECT_EQ(report->erased, 1u);
  ASSERT_TRUE(report->newest);
  EXPECT_EQ(report->newest->size, 5u);
}

TEST(Verify, NoticesEveryByteChangedInAnyRow) {
  SampleLog log;
  fill(log);
  std::size_t tried = 0;
  for (const store::Table& table : kAllTables) {
    const auto rows = rows_of(*log.store, table);
    EXPECT_FALSE(rows.empty()) << table.name;
    for (const store::Row& row : rows) {
      for (std::size_t at = 0; at < row.key.size() + row.value.size(); ++at, ++tried) {
        store::Row changed = row;
        if (at < row.key.size()) {
          changed.key = flipped(row.key, at);
        } else {
          changed.value = flipped(row.value, at - row.key.size());
        }
        const bool is_taken = std::ranges::any_of(rows, [&](const store::Row& other) {
          return other.key != row.key && other.key == changed.key;
        });
        if (is_taken) continue;
        replace_row(*log.store, table, row, changed);
        EXPECT_FALSE(log.verify()) << table.name << " byte " << at;
        replace_row(*log.store, table, changed, row);
      }
    }
  }
  EXPECT_GT(tried, 3000u);
  EXPECT_TRUE(log.verify());
}

TEST(Verify, NoticesEveryRowRemoved) {
  SampleLog log;
  fill(log);
  for (const store::Table& table : kAllTables) {
    for (const store::Row& row : rows_of(*log.store, table)) {
      if (table.name == kHead.name && row.key == kOriginKey) continue;  // made anew on opening
      if (table.name == kCheckpoints.name && row.key == number_key(3)) continue;  // see below
      ASSERT_TRUE(log.store->write([&](store::Tx& tx) { return tx.erase(table, row.key); }));
      EXPECT_FALSE(log.verify()) << table.name;
      ASSERT_TRUE(
          log.store->write([&](store::Tx& tx) { return tx.put(table, row.key, row.value); }));
    }
  }
}

// The newest checkpoint covers all that an older one did: those may be thrown away.
TEST(Verify, NeedsTheNewestCheckpointOnly) {
  SampleLog log;
  fill(log);
  ASSERT_TRUE(
      log.store->write([&](store::Tx& tx) { return tx.erase(kCheckpoints, number_key(3)); }));
  EXPECT_TRUE(log.verify());
}

TEST(Verify, NamesTheFirstBrokenEvent) {
  SampleLog log;
  log.append_numbered(0, 20);
  ASSERT_TRUE(log.ledger->sequence());
  const auto rows = rows_of(*log.store, kEvents);
  ASSERT_EQ(rows.size(), 20u);
  for (const std::size_t index : {13u, 17u}) {
    store::Row changed = rows[index];
    changed.value[20] = static_cast<char>(changed.value[20] ^ 1);
    replace_row(*log.store, kEvents, rows[index], changed);
  }
  const auto report = log.verify();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::tampered);
  EXPECT_TRUE(report.error().message.starts_with("event 13:")) << report.error().message;
}

TEST(Verify, RefusesCheckpointsOfUnknownKeys) {
  SampleLog log;
  fill(log);
  const auto report = log.ledger->verify({});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::signature_bad);
}

TEST(Verify, TellsAnErasedPayloadFromAMissingOne) {
  SampleLog log;
  log.append_numbered(0, 3);
  ASSERT_TRUE(log.ledger->sequence());
  erase_numbered(log, 1);
  EXPECT_EQ(log.verify()->erased, 1u);
  const Event erased = *log.ledger->at(1);
  EXPECT_EQ(erased.payload_state, Event::Payload::erased);
  EXPECT_EQ(erased.erased_by, erasure_of(1).id);
  EXPECT_EQ(erased.entry.payload, "");
  // The same form of row, but no event of the log says so.
  const store::Row before = rows_of(*log.store, kEvents)[2];
  const Event event = *log.ledger->at(2);
  store::Row after{before.key, {}};
  append_erased_record(after.value, event.entry, event.payload_digest, erasure_of(1).id);
  replace_row(*log.store, kEvents, before, after);
  const auto report = log.verify();
  ASSERT_FALSE(report);
  EXPECT_TRUE(report.error().message.starts_with("event 2: its payload is missing"))
      << report.error().message;
}

TEST(Erase, LeavesNothingOfThePayloadInTheStore) {
  SampleLog log;
  Entry secret = sample_entry(0);
  secret.payload = R"({"name":"Ada Lovelace"})";
  const Entry entries[] = {secret, sample_entry(1)};
  ASSERT_TRUE(log.store->write([&](store::Tx& tx) { return log.ledger->append_all(tx, entries); }));
  ASSERT_TRUE(log.ledger->checkpoint(log.key));
  erase_numbered(log, 0);
  for (const store::Row& row : rows_of(*log.store, kEvents)) {
    EXPECT_FALSE(row.value.contains("Lovelace"));
  }
  EXPECT_EQ(log.ledger->at(1)->entry.payload, sample_entry(1).payload);
  EXPECT_TRUE(verify_receipt(*log.ledger->at(0), *log.ledger->receipt(event_id(0)),
                             {&log.key.public_key(), 1}));
  EXPECT_TRUE(log.append(secret)) << "of the erased event it is still known that it was there";
  EXPECT_TRUE(log.verify());
}

TEST(Erase, NeedsAnEventThatSaysSo) {
  SampleLog log;
  log.append_numbered(0, 2);
  const auto with = [&](const Entry& because) {
    return log.store->write(
        [&](store::Tx& tx) { return erase_payload(*log.ledger, tx, event_id(0), because); });
  };
  EXPECT_EQ(with(sample_entry(5)).error().code, Code::invalid_input);
  EXPECT_EQ(with(erasure_of(1)).error().code, Code::invalid_input);
  EXPECT_EQ(log.ledger->get(event_id(0))->payload_state, Event::Payload::intact);
  EXPECT_EQ(log.store
                ->write([&](store::Tx& tx) {
                  return erase_payload(*log.ledger, tx, event_id(77), erasure_of(77));
                })
                .error()
                .code,
            Code::not_found);
}

}  // namespace
}  // namespace writ::ledger
