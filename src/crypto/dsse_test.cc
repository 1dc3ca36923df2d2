#include "crypto/dsse.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace writ::crypto {
namespace {

SecretKey key_of(char seed) { return SecretKey::from_seed(std::string(32, seed)).value(); }

Object sample_object() {
  return dsse_to_value(dsse_sign("t", "\xff\xfe payload", key_of('a')).value()).as_object();
}

// The vector of protocol.md.
TEST(Dsse, EncodesTypeAndBodyWithTheirLengths) {
  EXPECT_EQ(dsse_pae("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Dsse, CountsBytesAndNotCharacters) {
  EXPECT_EQ(dsse_pae("\u00e9", ""), "DSSEv1 2 \u00e9 0 ");
  const std::string binary("a\0b", 3);
  EXPECT_EQ(dsse_pae("t", binary), std::string("DSSEv1 1 t 3 ") + binary);
}

TEST(Dsse, VerifiesWhatItSignedAndNamesTheKey) {
  const SecretKey key = key_of('a');
  const auto envelope = dsse_sign("type", "payload", key).value();
  ASSERT_EQ(envelope.signatures.size(), 1u);
  EXPECT_EQ(envelope.signatures[0].key_id, key.id().hex);
  const PublicKey trusted[] = {key_of('b').public_key(), key.public_key()};
  EXPECT_EQ(dsse_verify(envelope, trusted).value(), std::vector{key.public_key()});
}

TEST(Dsse, RefusesAChangedPayloadTypeOrSignature) {
  const SecretKey key = key_of('a');
  const PublicKey trusted[] = {key.public_key()};
  const auto good = dsse_sign("type", "payload", key).value();
  auto payload = good, type = good, signature = good, moved = good;
  payload.payload += "x";
  type.payload_type = "Type";
  signature.signatures[0].bytes[0] = static_cast<char>(signature.signatures[0].bytes[0] ^ 1);
  moved.payload_type = "type 7";  // the boundary between the two is signed as well
  for (const DsseEnvelope& bad : {payload, type, signature, moved}) {
    const auto verified = dsse_verify(bad, trusted);
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().code, Code::signature_bad);
  }
}

TEST(Dsse, TakesTheKeyIdForAHintOnly) {
  const SecretKey key = key_of('a');
  const PublicKey trusted[] = {key.public_key()};
  auto envelope = dsse_sign("type", "payload", key).value();
  envelope.signatures[0].key_id = "anything";
  EXPECT_EQ(dsse_verify(envelope, trusted)->size(), 1u);
  auto forged = dsse_sign("type", "payload", key_of('b')).value();
  forged.signatures[0].key_id = key.id().hex;
  EXPECT_EQ(dsse_verify(forged, trusted).error().code, Code::signature_bad);
}

TEST(Dsse, CountsAKeyOnceHoweverOftenItSigned) {
  const SecretKey a = key_of('a');
  const SecretKey b = key_of('b');
  auto envelope = dsse_sign("type", "payload", a).value();
  ASSERT_TRUE(dsse_add_signature(envelope, a));
  const PublicKey trusted[] = {a.public_key(), a.public_key(), b.public_key()};
  EXPECT_EQ(dsse_verify(envelope, trusted, 2).error().code, Code::signature_bad);
  ASSERT_TRUE(dsse_add_signature(envelope, b));
  EXPECT_EQ(dsse_verify(envelope, trusted, 2).value(),
            (std::vector{a.public_key(), b.public_key()}));
}

TEST(Dsse, RefusesAnEnvelopeWithoutSignaturesOrTrustedKeys) {
  const SecretKey key = key_of('a');
  auto envelope = dsse_sign("type", "payload", key).value();
  EXPECT_EQ(dsse_verify(envelope, {}).error().code, Code::signature_bad);
  envelope.signatures.clear();
  const PublicKey trusted[] = {key.public_key()};
  EXPECT_EQ(dsse_verify(envelope, trusted).error().code, Code::signature_bad);
}

TEST(Dsse, RefusesMoreSignaturesThanItWouldTry) {
  const SecretKey key = key_of('a');
  auto envelope = dsse_sign("type", "payload", key).value();
  envelope.signatures.resize(65, {"", "junk"});
  const PublicKey trusted[] = {key.public_key()};
  EXPECT_EQ(dsse_verify(envelope, trusted).error().code, Code::signature_bad);
  EXPECT_EQ(dsse_from_value(dsse_to_value(envelope)).error().code, Code::invalid_input);
}

TEST(Dsse, ReadsBackItsOwnValue) {
  const auto envelope = dsse_sign("t", std::string("\0\xff", 2), key_of('a')).value();
  const auto read = dsse_from_value(dsse_to_value(envelope)).value();
  EXPECT_EQ(read.payload_type, envelope.payload_type);
  EXPECT_EQ(read.payload, envelope.payload);
  ASSERT_EQ(read.signatures.size(), 1u);
  EXPECT_EQ(read.signatures[0].key_id, envelope.signatures[0].key_id);
  EXPECT_EQ(read.signatures[0].bytes, envelope.signatures[0].bytes);
}

TEST(Dsse, ReadsBothBase64AlphabetsAndIgnoresUnknownMembers) {
  Object object = sample_object();
  ASSERT_EQ(object.find("payload")->as_string(), "//4gcGF5bG9hZA==");
  for (const char* spelling : {"__4gcGF5bG9hZA==", "__4gcGF5bG9hZA", "//4gcGF5bG9hZA"}) {
    object.set("payload", spelling);
    object.set("extension", Object{{"x", 1}});
    EXPECT_EQ(dsse_from_value(object)->payload, "\xff\xfe payload") << spelling;
  }
}

TEST(Dsse, TakesAMissingKeyIdForAnEmptyOne) {
  Object object = sample_object();
  object.find("signatures")->as_array()[0].as_object().erase("keyid");
  EXPECT_EQ(dsse_from_value(object)->signatures[0].key_id, "");
}

TEST(Dsse, RefusesWhatIsNoEnvelope) {
  const auto with = [](const char* member, Value value) {
    Object object = sample_object();
    object.set(member, std::move(value));
    return Value(object);
  };
  const auto without = [](const char* member) {
    Object object = sample_object();
    object.erase(member);
    return Value(object);
  };
  const Value cases[] = {
      Value(),
      Value(Array{}),
      without("payload"),
      without("payloadType"),
      without("signatures"),
      with("payload", 7),
      with("payload", "***"),
      with("payloadType", ""),
      with("signatures", Array{}),
      with("signatures", Array{"x"}),
      with("signatures", Array{Object{{"keyid", 1}, {"sig", "AA=="}}}),
      with("signatures", Array{Object{{"keyid", "k"}}}),
  };
  for (const Value& value : cases) {
    const auto read = dsse_from_value(value);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::invalid_input);
  }
}

}  // namespace
}  // namespace writ::crypto
