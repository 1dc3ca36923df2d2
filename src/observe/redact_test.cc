#include "observe/redact.h"

#include <gtest/gtest.h>

namespace writ::observe {
namespace {

TEST(Redact, MasksWhatHasTheFormOfACredential) {
  const struct {
    std::string_view text;
    std::string_view shown;
  } rows[] = {
      {"key writ_live_7f3a9c2b_S3cr3tS3cr3tS3cr3t was used", "key [redacted] was used"},
      {"eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln", "[redacted]"},
      {"Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [redacted]"},
      {"authorization: basic dXNlcjpwYXNz", "authorization: basic [redacted]"},
      {"postgresql://writ:hunter2@db:5432/writ", "postgresql://writ:[redacted]@db:5432/writ"},
      {"postgresql://db/writ?user=u&password=hunter2&sslmode=require",
       "postgresql://db/writ?user=u&password=[redacted]&sslmode=require"},
      {"host=db password=hunter2 user=u", "host=db password=[redacted] user=u"},
      {"GET /auth/verify?token=abc HTTP/1.1", "GET /auth/verify?token=[redacted] HTTP/1.1"},
      {"grant_type=x&client_secret=abc", "grant_type=x&client_secret=[redacted]"},
      {"a -----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY----- b",
       "a [redacted]-----END PRIVATE KEY----- b"},
      {"x=\"eyJhbGciOiJFZERTQSJ9.e30.c2ln\"", "x=\"[redacted]\""},
  };
  for (const auto& row : rows) EXPECT_EQ(redact(row.text), row.shown);
}

TEST(Redact, LeavesEverythingElse) {
  for (const std::string_view text :
       {"writ serve", "writ_policy_test", "Bearer of news", "https://example.org:443/a@b",
        "eyJ short", "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
        "rewrit_live_7f3a9c2b_aaaaaaaaaaaaaaaa", ""}) {
    EXPECT_EQ(redact(text), text);
  }
}

TEST(Redact, KnowsNamesThatHoldSecrets) {
  for (const std::string_view name :
       {"password", "Authorization", "client_secret", "refresh-token", "cookies", "x-api-key"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
  for (const std::string_view name : {"status", "tokens_left_count", "author", "path", ""}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

}  // namespace
}  // namespace writ::observe
