#include <gtest/gtest.h>

#include "base/document.h"
#include "identity/testing/people.h"
#include "identity/trust.h"

namespace writ::identity {
namespace {

Result<Trust> parse(std::string text) {
  WRIT_TRY(const Document document, parse_document("trust.yaml", std::move(text)));
  return Trust::parse(document);
}

std::string entry_of(std::string_view name) {
  const auto key = key_named(name).public_key();
  return "  - id: " + key.id().hex + "\n    public: " + key.base64() +
         "\n    name: " + std::string(name) + "\n";
}

std::string file_of(std::string entries) {
  return "writ: 1\nkind: Trust\nkeys:\n" + std::move(entries);
}

std::string good_entry() { return entry_of("alice") + "    roles: [maintainer]\n"; }

TEST(TrustDocument, ReadsEveryMember) {
  const auto trust =
      parse(file_of(entry_of("alice") +
                    "    roles: [reviewer, maintainer, reviewer]\n"
                    "    expires: 2027-01-31T00:00:00+01:00\n"
                    "    revoked: {at: 2026-02-01T12:00:00Z, reason: laptop lost}\n"));
  ASSERT_TRUE(trust) << trust.error().text();
  ASSERT_EQ(trust->keys().size(), 1u);
  const TrustedKey& key = trust->keys()[0];
  EXPECT_EQ(key.key, key_named("alice").public_key());
  EXPECT_EQ(key.name, "alice");
  EXPECT_EQ(key.roles, (std::vector<std::string>{"maintainer", "reviewer"}));
  EXPECT_EQ(key.expires, parse_rfc3339("2027-01-30T23:00:00Z").value());
  EXPECT_EQ(key.revoked,
            (Revocation{parse_rfc3339("2026-02-01T12:00:00Z").value(), "laptop lost"}));
  EXPECT_FALSE(trust->is_self_signed());
}

TEST(TrustDocument, ReadsBackItsOwnYaml) {
  Trust trust = sample_trust();
  TrustedKey key = trusted("carol", {"auditor"});
  key.name = "Carol: \"C\" #1";
  key.expires = WallTime{1'800'000'000'123'456};
  ASSERT_TRUE(trust.add(key));
  ASSERT_TRUE(trust.revoke(key_named("bob").id(), WallTime{1'700'000'000'000'000}, "yes"));
  const auto read = parse(trust.to_yaml());
  ASSERT_TRUE(read) << read.error().text() << trust.to_yaml();
  EXPECT_EQ(*read, trust);
  EXPECT_EQ(read->digest(), trust.digest());
}

TEST(TrustDocument, TakesAnEmptyListForNobody) {
  const auto trust = parse("writ: 1\nkind: Trust\nkeys: []\n");
  ASSERT_TRUE(trust) << trust.error().text();
  EXPECT_TRUE(trust->keys().empty());
  EXPECT_FALSE(trust->is_self_signed());
}

// Each case: a document, the line of its error and a part of the message.
TEST(TrustDocument, RefusesEveryMistakeAtItsPlace) {
  const std::string alice = entry_of("alice");
  struct Case {
    std::string text;
    std::uint32_t line;
    std::string message;
  };
  const Case cases[] = {
      {"[]\n", 1, "an object"},
      {"kind: Trust\nkeys: []\n", 1, "`writ` is not 1"},
      {"writ: 2\nkind: Trust\nkeys: []\n", 1, "`writ` is not 1"},
      {"writ: 1\nkind: Spec\nkeys: []\n", 1, "`kind` is not Trust"},
      {"writ: 1\nkind: Trust\n", 1, "`keys` is not a list"},
      {"writ: 1\nkind: Trust\nkeys: {}\n", 3, "`keys` is not a list"},
      {"writ: 1\nkind: Trust\nkeys: []\nkey: 1\n", 4, "did you mean `keys`"},
      {file_of("  - alice\n"), 4, "an object"},
      {file_of(alice), 4, "`roles`"},
      {file_of(alice + "    roles: []\n"), 7, "`roles`"},
      {file_of(alice + "    roles: maintainer\n"), 7, "`roles`"},
      {file_of(alice + "    roles: [Maintainer]\n"), 7, "role name"},
      {file_of(alice + "    roles: [1]\n"), 7, "role name"},
      {file_of(good_entry() + "    role: x\n"), 8, "did you mean `roles`"},
      {file_of(good_entry() + "    expires: tomorrow\n"), 8, "RFC 3339"},
      {file_of(good_entry() + "    expires: 2027\n"), 8, "a string"},
      {file_of(good_entry() + "    revoked: true\n"), 8, "an object"},
      {file_of(good_entry() + "    revoked: {at: 2026-01-01T00:00:00Z}\n"), 8, "`reason`"},
      {file_of(good_entry() + "    revoked: {reason: lost}\n"), 8, "`at`"},
      {file_of(good_entry() + "    revoked: {at: 2026-01-01T00:00:00Z, reason: x, by: y}\n"), 8,
       "unknown key `by`"},
      {file_of("  - public: AAAA\n    id: x\n    name: a\n    roles: [r]\n"), 4, "Ed25519"},
      {file_of("  - name: a\n    roles: [r]\n"), 4, "`public` is missing"},
      {file_of(good_entry() + good_entry()), 8, "twice"},
  };
  for (const Case& c : cases) {
    const auto trust = parse(c.text);
    ASSERT_FALSE(trust) << c.text;
    EXPECT_EQ(trust.error().code, Code::invalid_input);
    ASSERT_FALSE(trust.error().diagnostics.empty()) << c.text;
    const Diagnostic& first = trust.error().diagnostics.front();
    EXPECT_EQ(first.file, "trust.yaml");
    EXPECT_EQ(first.at.line, c.line) << c.text << first.message;
    EXPECT_NE(first.message.find(c.message), std::string::npos) << first.message;
    EXPECT_FALSE(first.remedy.empty()) << first.message;
  }
}

TEST(TrustDocument, NamesTheIdThatBelongsToAKey) {
  const auto key = key_named("alice").public_key();
  const auto trust =
      parse(file_of("  - id: " + key_named("bob").id().hex + "\n    public: " + key.base64() +
                    "\n    name: alice\n    roles: [maintainer]\n"));
  ASSERT_FALSE(trust);
  ASSERT_EQ(trust.error().diagnostics.size(), 1u);
  EXPECT_EQ(trust.error().diagnostics[0].at.line, 4u);
  EXPECT_NE(trust.error().diagnostics[0].remedy.find(key.id().hex), std::string::npos);
}

TEST(TrustDocument, ReportsAllMistakesAtOnce) {
  const auto trust =
      parse("writ: 7\nkind: Trust\nkeyz: []\nkeys:\n" + entry_of("alice") + "    roles: [A]\n" +
            entry_of("bob") + "    roles: [b]\n    expires: never\n");
  ASSERT_FALSE(trust);
  EXPECT_EQ(trust.error().diagnostics.size(), 4u);
}

}  // namespace
}  // namespace writ::identity
