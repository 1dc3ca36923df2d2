#include "ledger/receipt.h"

#include <gtest/gtest.h>

#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

class ReceiptTest : public testing::Test {
 protected:
  ReceiptTest() {
    log_.append_numbered(0, 11);
    EXPECT_TRUE(log_.ledger->checkpoint(log_.key));
  }
  std::span<const crypto::PublicKey> keys() const { return {&log_.key.public_key(), 1}; }

  SampleLog log_;
};

TEST_F(ReceiptTest, ProvesEveryEventOffline) {
  for (std::uint64_t i = 0; i < 11; ++i) {
    const auto receipt = log_.ledger->receipt(event_id(i));
    ASSERT_TRUE(receipt) << receipt.error().text();
    EXPECT_EQ(receipt->index, i);
    const auto read = parse_receipt(receipt->text);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->proof, receipt->proof);
    const auto holds = verify_receipt(*log_.ledger->at(i), *read, keys());
    EXPECT_TRUE(holds) << holds.error().text();
  }
}

TEST_F(ReceiptTest, HoldsAfterThePayloadIsGone) {
  Event event = *log_.ledger->at(4);
  event.entry.payload.clear();
  event.salt.clear();
  event.payload_state = Event::Payload::erased;
  EXPECT_TRUE(verify_receipt(event, *log_.ledger->receipt(event_id(4)), keys()));
}

TEST_F(ReceiptTest, IsRefusedForAnythingButItsEvent) {
  const Receipt receipt = *log_.ledger->receipt(event_id(4));
  const Event event = *log_.ledger->at(4);
  const auto refused = [&](void (*spoil)(Event&)) {
    Event spoiled = event;
    spoil(spoiled);
    return !verify_receipt(spoiled, receipt, keys()).has_value();
  };
  EXPECT_TRUE(refused([](Event& e) { e.entry.subject += "x"; }));
  EXPECT_TRUE(refused([](Event& e) { e.entry.payload = "{}"; }));
  EXPECT_TRUE(refused([](Event& e) { e.salt[0] = static_cast<char>(e.salt[0] ^ 1); }));
  EXPECT_TRUE(refused([](Event& e) { e.index = 5; }));
  EXPECT_TRUE(refused([](Event& e) { e.payload_digest.bytes[0] ^= 1; }));
  EXPECT_FALSE(verify_receipt(*log_.ledger->at(5), receipt, keys()));
}

TEST_F(ReceiptTest, IsRefusedUnderAnotherKey) {
  const auto other = crypto::SecretKey::from_seed(std::string(32, 'o')).value();
  const auto refused = verify_receipt(*log_.ledger->at(4), *log_.ledger->receipt(event_id(4)),
                                      {&other.public_key(), 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::signature_bad);
}

// Every single changed byte makes the text unreadable or the proof fail. (Names of signers and
// their key ids are hints; changed, the signature counts as a stranger's.)
TEST_F(ReceiptTest, IsRefusedWithAnyByteChanged) {
  const std::string text = log_.ledger->receipt(event_id(4))->text;
  const Event event = *log_.ledger->at(4);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto receipt = parse_receipt(changed);
    if (!receipt) continue;
    EXPECT_FALSE(verify_receipt(event, *receipt, keys())) << "byte " << at;
  }
}

TEST_F(ReceiptTest, NeedsACheckpointThatCoversTheEvent) {
  ASSERT_TRUE(log_.append(sample_entry(20)));
  EXPECT_EQ(log_.ledger->receipt(event_id(20)).error().code, Code::overloaded);
  ASSERT_TRUE(log_.ledger->sequence());
  EXPECT_EQ(log_.ledger->receipt(event_id(20)).error().code, Code::unavailable);
  ASSERT_TRUE(log_.ledger->checkpoint(log_.key));
  EXPECT_TRUE(log_.ledger->receipt(event_id(20)));
  EXPECT_EQ(log_.ledger->receipt(event_id(99)).error().code, Code::not_found);
}

TEST_F(ReceiptTest, MayCarryAnExtraLineThatCountsForNothing) {
  std::string text = log_.ledger->receipt(event_id(4))->text;
  text.insert(text.find("index "), "extra aGVsbG8=\n");
  const auto receipt = parse_receipt(text);
  ASSERT_TRUE(receipt) << receipt.error().text();
  EXPECT_TRUE(verify_receipt(*log_.ledger->at(4), *receipt, keys()));
}

TEST_F(ReceiptTest, IsReadStrictly) {
  const std::string text = log_.ledger->receipt(event_id(4))->text;
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string out = text;
    return out.replace(out.find(from), from.size(), to);
  };
  const std::string proof_line(43, 'A');
  std::string long_proof = changed("index 4\n", "index 4\n");
  for (int i = 0; i < 70; ++i) long_proof.insert(long_proof.find("\n\n"), "\n" + proof_line + "=");
  for (const std::string& bad :
       {std::string(), changed("@v1", "@v2"), changed("index 4", "index 04"),
        changed("index 4", "index"), changed("index 4\n", ""), changed("index 4", "index 4x"),
        changed("index 4\n", "index 4\nAAAA\n"), changed("\n\n", "\n"), long_proof,
        text.substr(0, text.find("\n\n") + 2)}) {
    const auto refused = parse_receipt(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Code::invalid_input);
  }
}

TEST_F(ReceiptTest, ConsistencyOfTwoHeadsCanBeProven) {
  const Checkpoint old = *log_.ledger->checkpoint(log_.key);
  log_.append_numbered(11, 30);
  const Checkpoint head = *log_.ledger->checkpoint(log_.key);
  const auto proof = log_.ledger->prove_consistency(old.size, head.size);
  ASSERT_TRUE(proof);
  EXPECT_TRUE(verify_consistency(old.size, head.size, old.root, head.root, *proof));
  EXPECT_EQ(log_.ledger->prove_consistency(1, 31).error().code, Code::not_found);
}

}  // namespace
}  // namespace writ::ledger
