#include "ledger/event_signature.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "ledger/leaf.h"
#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

crypto::SecretKey key_of(char seed) { return *crypto::SecretKey::from_seed(std::string(32, seed)); }

Entry foreign_entry() {
  Entry entry = sample_entry(1);
  entry.run = {};
  entry.seq = 0;
  return entry;
}

Entry signed_entry(const crypto::SecretKey& key) {
  Entry entry = foreign_entry();
  EXPECT_TRUE(sign_entry(entry, key));
  return entry;
}

TEST(EventSignature, HoldsForTheEventThatWasSigned) {
  const crypto::SecretKey key = key_of('a');
  const crypto::PublicKey keys[] = {key.public_key()};
  const Entry entry = signed_entry(key);
  EXPECT_TRUE(entry.signatures.starts_with("ed25519:" + key.id().hex + ":")) << entry.signatures;
  EXPECT_EQ(check_signatures(entry, keys)->good, 1u);
  EXPECT_EQ(check_signatures(entry, {})->of_unknown_keys, 1u);
  EXPECT_EQ(check_signatures(foreign_entry(), keys)->good, 0u);
}

TEST(EventSignature, CoversEveryMember) {
  const crypto::SecretKey key = key_of('a');
  const crypto::PublicKey keys[] = {key.public_key()};
  const Entry entry = signed_entry(key);
  const auto expect_bad = [&](void (*change)(Entry&)) {
    Entry changed = entry;
    change(changed);
    const auto checked = check_signatures(changed, keys);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Code::signature_bad);
  };
  expect_bad([](Entry& e) { e.id = event_id(2); });
  expect_bad([](Entry& e) { e.type += "x"; });
  expect_bad([](Entry& e) { e.source += "x"; });
  expect_bad([](Entry& e) { e.subject += "x"; });
  expect_bad([](Entry& e) { e.time.micros += 1; });
  expect_bad([](Entry& e) { e.actor += "x"; });
  expect_bad([](Entry& e) { e.correlation += "x"; });
  expect_bad([](Entry& e) { e.causation += "x"; });
  expect_bad([](Entry& e) { e.context.tags = "x"; });
  expect_bad([](Entry& e) { e.context.thread = "x"; });
  expect_bad([](Entry& e) { e.payload = "{}"; });
}

TEST(EventSignature, StandsBesideThoseOfOtherKeys) {
  const crypto::SecretKey one = key_of('a');
  const crypto::SecretKey other = key_of('b');
  Entry entry = signed_entry(one);
  ASSERT_TRUE(sign_entry(entry, other));
  const crypto::PublicKey keys[] = {one.public_key(), other.public_key()};
  EXPECT_EQ(check_signatures(entry, keys)->good, 2u);
  const std::string both = entry.signatures;
  ASSERT_TRUE(sign_entry(entry, one));
  EXPECT_EQ(entry.signatures, both) << "a second one of the same key takes the place of the first";
}

TEST(EventSignature, IsKeptByTheLeafAndTheCloudEvent) {
  Event event;
  event.entry = signed_entry(key_of('a'));
  event.salt = "0123456789abcdef";
  event.payload_digest = payload_digest(event.salt, event.entry.payload);
  const auto read = from_cloud_event(to_cloud_event(event));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->entry.signatures, event.entry.signatures);
  EXPECT_TRUE(leaf_bytes(*read).contains("\"signatures\":\"ed25519:"));
}

TEST(EventSignature, IsRefusedInAnyOtherForm) {
  const std::string good = signed_entry(key_of('a')).signatures;
  EXPECT_TRUE(check_signature_words(good));
  for (const std::string& bad : {std::string("x"), std::string("ed25519:"), "rsa:" + good.substr(8),
                                 good + "=", good.substr(0, good.size() - 1), good + " " + good,
                                 " " + good, "ed25519:" + std::string(64, 'g') + good.substr(72)}) {
    const auto checked = check_signature_words(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().code, Code::invalid_input) << bad;
  }
}

TEST(EventSignature, IsFoundBrokenInTheLog) {
  SampleLog log;
  Entry entry = signed_entry(log.key);
  entry.payload = R"({"number":2})";
  ASSERT_TRUE(log.append(entry));
  ASSERT_TRUE(log.ledger->sequence());
  EXPECT_EQ(log.ledger->verify({})->events, 1u) << "nobody there knows the key";
  const auto found = log.verify();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::tampered);
  EXPECT_TRUE(found.error().message.contains("one of its signatures does not hold"))
      << found.error().message;
}

}  // namespace
}  // namespace writ::ledger
