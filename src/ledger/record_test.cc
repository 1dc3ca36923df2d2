#include "ledger/record.h"

#include <gtest/gtest.h>

#include <set>

#include "ledger/leaf.h"
#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

const std::string kSalt(kSaltSize, '\x5a');

std::string chunk_of(const std::vector<Entry>& entries) {
  std::string chunk;
  for (const Entry& entry : entries) {
    append_record(chunk, entry, payload_digest(kSalt, entry.payload), kSalt);
  }
  return chunk;
}

Entry entry_with_context() {
  Entry entry = sample_entry(2);
  entry.context.tags = "pii";
  entry.context.tool = "test/1";
  return entry;
}

TEST(Record, GivesBackTheEntriesOfAChunkInOrder) {
  Entry odd = sample_entry(1);
  odd.run = {};
  odd.seq = 0;
  odd.time = {-1};
  odd.subject.clear();
  odd.payload.clear();
  const std::string chunk = chunk_of({sample_entry(0), odd, entry_with_context()});
  const auto records = split_chunk(chunk);
  ASSERT_TRUE(records) << records.error().text();
  ASSERT_EQ(records->size(), 3u);
  const Event first = to_event((*records)[0]);
  EXPECT_EQ(first.entry.id, event_id(0));
  EXPECT_EQ(first.entry.payload, sample_entry(0).payload);
  EXPECT_EQ(first.salt, kSalt);
  EXPECT_EQ(first.payload_state, Event::Payload::intact);
  const Event second = to_event((*records)[1]);
  EXPECT_EQ(second.entry.time.micros, -1);
  EXPECT_TRUE(second.entry.run.uuid.is_nil());
  EXPECT_EQ(second.entry.subject, "");
  EXPECT_EQ(second.payload_state, Event::Payload::intact);
  EXPECT_EQ(second.entry.context, EventContext{});
  const Event third = to_event((*records)[2]);
  EXPECT_EQ(third.entry.context, entry_with_context().context);
  EXPECT_EQ(third.entry.payload, sample_entry(2).payload);
}

TEST(Record, KeepsTheLeafWhenThePayloadIsErased) {
  const Entry entry = entry_with_context();
  const Digest digest = payload_digest(kSalt, entry.payload);
  std::string intact;
  append_record(intact, entry, digest, kSalt);
  std::string erased;
  append_erased_record(erased, entry, digest, event_id(9));
  const Event before = to_event(split_chunk(intact)->front());
  const Event after = to_event(split_chunk(erased)->front());
  EXPECT_EQ(leaf_bytes(after), leaf_bytes(before));
  EXPECT_EQ(after.payload_state, Event::Payload::erased);
  EXPECT_EQ(after.erased_by, event_id(9));
  EXPECT_EQ(after.entry.payload, "");
  EXPECT_EQ(erased.find(entry.payload), std::string::npos);
}

// What `verify` relies on: no two rows read as the same events.
TEST(Record, NoChangedByteGoesUnnoticed) {
  Entry of_no_run = sample_entry(0);
  of_no_run.run = {};
  of_no_run.seq = 0;
  for (const Entry& entry : {sample_entry(0), of_no_run, entry_with_context()}) {
    const std::string chunk = chunk_of({entry});
    const std::string leaf = leaf_bytes(to_event(split_chunk(chunk)->front()));
    for (std::size_t at = 0; at < chunk.size(); ++at) {
      for (const char flip : {'\x01', '\x20', '\x80'}) {
        std::string changed = chunk;
        changed[at] = static_cast<char>(changed[at] ^ flip);
        const auto records = split_chunk(changed);
        if (!records) continue;
        const Event event = to_event(records->front());
        EXPECT_TRUE(leaf_bytes(event) != leaf || event.payload_state == Event::Payload::missing)
            << "byte " << at;
      }
    }
  }
}

TEST(Record, RefusesWhatIsCutOrHasMoreToIt) {
  const std::string chunk = chunk_of({entry_with_context(), sample_entry(1)});
  const std::size_t first = chunk_of({entry_with_context()}).size();
  for (std::size_t size = 0; size < chunk.size(); ++size) {
    EXPECT_EQ(split_chunk(chunk.substr(0, size)).has_value(), size == first) << size;
  }
  EXPECT_EQ(split_chunk(chunk).value().size(), 2u);
  EXPECT_FALSE(split_chunk(chunk + '\0'));
}

}  // namespace
}  // namespace writ::ledger
