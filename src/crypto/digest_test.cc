#include "crypto/digest.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace writ::crypto {
namespace {

std::string repeated(std::size_t times, char c) { return std::string(times, c); }

TEST(Digest, MatchesTheVectorsOfFips180) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {repeated(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& [input, expected] : cases) EXPECT_EQ(sha256(input).hex(), expected);
}

TEST(Digest, ComesOutTheSameInPieces) {
  const std::string text = repeated(300, 'x') + repeated(17, 'y');
  Sha256 hash;
  for (std::size_t at = 0; at < text.size(); at += 37) {
    hash.update(std::string_view(text).substr(at, 37));
  }
  EXPECT_EQ(hash.finish(), sha256(text));
  EXPECT_EQ(hash.finish(), sha256("")) << "finish resets";
}

// RFC 4231, cases 1 to 4, 6 and 7 (5 is truncated).
TEST(Digest, MatchesTheHmacVectorsOfRfc4231) {
  std::string counting;
  for (char c = 1; c <= 25; ++c) counting += c;
  struct Case {
    std::string key, data, expected;
  };
  const Case cases[] = {
      {repeated(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {repeated(20, '\xaa'), repeated(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting, repeated(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {repeated(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {repeated(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The "
       "key needs to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const Case& c : cases) EXPECT_EQ(hmac_sha256(c.key, c.data).hex(), c.expected);
}

TEST(Digest, ReadsBackItsOwnHexAndBytes) {
  const Digest digest = sha256("abc");
  EXPECT_EQ(Digest::parse_hex(digest.hex()).value(), digest);
  EXPECT_EQ(Digest::from_bytes(digest.view()).value(), digest);
  EXPECT_EQ(digest.view().size(), 32u);
}

TEST(Digest, RefusesTextThatIsNoDigest) {
  for (const std::string& text : {std::string(), repeated(63, 'a'), repeated(65, 'a'),
                                  repeated(64, 'g'), " " + repeated(63, 'a')}) {
    const auto parsed = Digest::parse_hex(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::invalid_input);
  }
  EXPECT_EQ(Digest::from_bytes("short").error().code, Code::invalid_input);
}

TEST(Digest, ComparesInConstantTimeByContent) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("secret", "secre"));
}

}  // namespace
}  // namespace writ::crypto
