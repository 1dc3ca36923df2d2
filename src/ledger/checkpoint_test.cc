#include "ledger/checkpoint.h"

#include <gtest/gtest.h>

#include <thread>

#include "crypto/signed_note.h"
#include "ledger/tables.h"
#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

// Overwrites a row behind the ledger's back.
void overwrite(store::Store& store, const store::Table& table, std::string_view key,
               std::string_view value) {
  ASSERT_TRUE(store.write([&](store::Tx& tx) { return tx.put(table, key, value); }));
}

std::string stored(store::Store& store, const store::Table& table, std::string_view key) {
  return store.read([&](store::Tx& tx) { return tx.get(table, key); }).value().value();
}

TEST(Checkpoint, IsASignedNoteOfOriginSizeAndRoot) {
  SampleLog log;
  log.append_numbered(0, 3);
  const auto checkpoint = log.ledger->checkpoint(log.key);
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_EQ(checkpoint->origin, "example.org/log");
  EXPECT_EQ(checkpoint->size, 3u);
  const auto note = crypto::SignedNote::parse(checkpoint->note);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, checkpoint_text("example.org/log", 3, checkpoint->root));
  const crypto::NoteKey key{"example.org/log", log.key.public_key()};
  EXPECT_TRUE(note->verify({&key, 1}));
}

TEST(Checkpoint, OfAnEmptyLogHasTheRootOfNothing) {
  SampleLog log;
  const auto checkpoint = log.ledger->checkpoint(log.key);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->size, 0u);
  EXPECT_EQ(checkpoint->root, empty_root());
  EXPECT_TRUE(log.verify());
}

TEST(Checkpoint, OfTheSameHeadIsTheStoredOne) {
  SampleLog log;
  log.append_numbered(0, 3);
  const auto first = log.ledger->checkpoint(log.key);
  EXPECT_EQ(log.ledger->checkpoint(log.key)->note, first->note);
  EXPECT_EQ(log.ledger->newest_checkpoint()->value().note, first->note);
}

TEST(Checkpoint, OfTheSameHeadIsSignedAnewByANewKey) {
  SampleLog log;
  log.append_numbered(0, 3);
  const auto first = log.ledger->checkpoint(log.key);
  const auto rotated = crypto::SecretKey::from_seed(std::string(32, 'n')).value();
  const auto second = log.ledger->checkpoint(rotated);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->root, first->root);
  EXPECT_TRUE(verify_checkpoint(*second, {&rotated.public_key(), 1}));
}

TEST(Checkpoint, IsNotSignedForALogThatWasSetBack) {
  SampleLog log;
  log.append_numbered(0, 3);
  ASSERT_TRUE(log.ledger->sequence());
  const std::string old_head = stored(*log.store, kHead, kHeadKey);
  log.append_numbered(3, 5);
  ASSERT_TRUE(log.ledger->checkpoint(log.key));
  overwrite(*log.store, kHead, kHeadKey, old_head);
  const auto refused = log.ledger->checkpoint(log.key);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::tampered);
  EXPECT_TRUE(refused.error().message.contains("a head of 5")) << refused.error().message;
}

// Another history of the same or a larger size, as after restoring a backup and going on.
TEST(Checkpoint, IsNotSignedForAnotherHistory) {
  SampleLog truth;
  truth.append_numbered(0, 5);
  ASSERT_TRUE(truth.ledger->checkpoint(truth.key));
  for (const std::uint64_t size : {5u, 9u}) {
    SampleLog forged;
    for (std::uint64_t i = 0; i < size; ++i) {
      Entry entry = sample_entry(i);
      if (i == 1) entry.payload = R"({"number":"another"})";
      ASSERT_TRUE(forged.append(entry));
    }
    ASSERT_TRUE(forged.ledger->sequence());
    overwrite(*forged.store, kHead, kSignedKey, stored(*truth.store, kHead, kSignedKey));
    const auto refused = forged.ledger->checkpoint(forged.key);
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code, Code::tampered);
  }
}

TEST(Checkpoint, ManyThreadsSignOneLineOfHeads) {
  SampleLog log;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&log, t] {
        for (std::uint64_t i = 0; i < 10; ++i) {
          Entry entry = sample_entry(t * 10 + i);
          EXPECT_TRUE(log.append(entry));
          EXPECT_TRUE(log.ledger->checkpoint(log.key));
        }
      });
    }
  }
  const auto report = log.verify();
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->events, 40u);
  EXPECT_EQ(report->newest->size, 40u);
}

TEST(Checkpoint, IsReadInOneSpellingOnly) {
  SampleLog log;
  log.append_numbered(0, 1);
  const std::string note = log.ledger->checkpoint(log.key)->note;
  ASSERT_TRUE(parse_checkpoint(note));
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = note;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& bad :
       {changed("\n1\n", "\n01\n"), changed("\n1\n", "\n+1\n"), changed("\n1\n", "\n\n"),
        changed("=\n\n", "\n\n"), changed("example.org/log\n1", "\n1"), std::string("a\n1\n"),
        std::string()}) {
    const auto refused = parse_checkpoint(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Code::invalid_input);
  }
}

TEST(Checkpoint, MustSayWhatIsClaimedOfIt) {
  SampleLog log;
  log.append_numbered(0, 1);
  Checkpoint checkpoint = *log.ledger->checkpoint(log.key);
  const std::span<const crypto::PublicKey> keys{&log.key.public_key(), 1};
  EXPECT_TRUE(verify_checkpoint(checkpoint, keys));
  checkpoint.size = 2;
  EXPECT_EQ(verify_checkpoint(checkpoint, keys).error().code, Code::tampered);
  checkpoint.size = 1;
  EXPECT_EQ(verify_checkpoint(checkpoint, {}).error().code, Code::signature_bad);
}

}  // namespace
}  // namespace writ::ledger
