#include "process/redactor.h"

#include <gtest/gtest.h>

#include <random>

namespace writ::process {
namespace {

std::string redact(const std::vector<std::string>& secrets,
                   const std::vector<std::string>& chunks) {
  Redactor redactor(secrets);
  std::string out;
  for (const std::string& chunk : chunks) out += redactor.feed(chunk);
  return out + redactor.finish();
}

TEST(Redactor, PassesEverythingOnWithoutSecrets) {
  EXPECT_EQ(redact({}, {"a", "", "b\0c"}), "ab");
  EXPECT_EQ(redact({""}, {"abc"}), "abc");
}

TEST(Redactor, ReplacesAValueInsideOneChunk) {
  EXPECT_EQ(redact({"hunter2"}, {"the password is hunter2!"}), "the password is ***!");
}

TEST(Redactor, ReplacesAValueSplitAtAnyBorder) {
  const std::string text = "key=s3cr3t;";
  for (std::size_t i = 0; i <= text.size(); ++i) {
    for (std::size_t j = i; j <= text.size(); ++j) {
      EXPECT_EQ(redact({"s3cr3t"}, {text.substr(0, i), text.substr(i, j - i), text.substr(j)}),
                "key=***;")
          << i << " " << j;
    }
  }
}

TEST(Redactor, HoldsBackOnlyWhatMayBecomeASecret) {
  Redactor redactor({"token-1234"});
  EXPECT_EQ(redactor.feed("progress 10%\n"), "progress 10%\n");
  EXPECT_EQ(redactor.feed("my tok"), "my ");
  EXPECT_EQ(redactor.feed("yo "), "tokyo ");
  EXPECT_EQ(redactor.feed("token-123"), "");
  EXPECT_EQ(redactor.finish(), "token-123");
}

TEST(Redactor, TakesTheLongerOfTwoValuesThatBeginAlike) {
  EXPECT_EQ(redact({"abc", "abcdef"}, {"xabc", "defx"}), "x***x");
  EXPECT_EQ(redact({"abc", "abcdef"}, {"xabc", "deX"}), "x***deX");
}

TEST(Redactor, JoinsValuesThatOverlap) {
  EXPECT_EQ(redact({"abcd", "cdef"}, {"<abcdef>"}), "<***>");
  EXPECT_EQ(redact({"abcd", "cdef"}, {"<abcd", "ef>"}), "<***>");
  EXPECT_EQ(redact({"aa"}, {"aaa", "aaa", "b"}), "***b");
}

TEST(Redactor, KeepsNeighboursApart) {
  EXPECT_EQ(redact({"ab"}, {"abab"}), "******");
  EXPECT_EQ(redact({"ab"}, {"ab", "ab"}), "******");
}

// What the whole text gives, any cutting of it gives.
TEST(Redactor, DoesNotDependOnWhereTheChunksEnd) {
  std::mt19937 random(7);
  const std::vector<std::string> secrets{"aba", "bab", "ccc", "abcabc"};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (int i = 0; i < 60; ++i) text += static_cast<char>('a' + random() % 3);
    std::vector<std::string> chunks;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = 1 + random() % 5;
      chunks.push_back(text.substr(at, size));
      at += size;
    }
    const std::string whole = redact(secrets, {text});
    EXPECT_EQ(redact(secrets, chunks), whole) << text;
    for (const std::string& secret : secrets) EXPECT_FALSE(whole.contains(secret)) << whole;
  }
}

}  // namespace
}  // namespace writ::process
