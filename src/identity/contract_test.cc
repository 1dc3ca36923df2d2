// The published contracts and the readers of this module say the same.
#include <gtest/gtest.h>

#include "base/document.h"
#include "contract/validate_document.h"
#include "identity/signed_statement.h"
#include "identity/testing/people.h"
#include "identity/trust.h"

namespace writ::identity {
namespace {

Document document(std::string name, std::string text) {
  auto parsed = parse_document(std::move(name), std::move(text));
  EXPECT_TRUE(parsed) << parsed.error().text();
  return *std::move(parsed);
}

Statement statement(StatementKind kind) {
  Statement s;
  s.kind = kind;
  s.step = "review";
  s.role = "maintainer";
  s.reason = "read it";
  if (kind == StatementKind::resolution) s.blocker = BlockerId{};
  const bool is_about_something = kind == StatementKind::assumption ||
                                  kind == StatementKind::deferral || kind == StatementKind::closure;
  if (is_about_something) s.subject = crypto::sha256("{}");
  if (kind == StatementKind::submission) s.evidence = {{"tests", "junit.xml", {}}};
  return s;
}

TEST(Contract, HoldsForWhatATrustFileIsWrittenAs) {
  Trust trust = sample_trust();
  TrustedKey key = trusted("carol", {"auditor"});
  key.expires = WallTime{1'800'000'000'123'456};
  ASSERT_TRUE(trust.add(key));
  ASSERT_TRUE(trust.revoke(key.id(), WallTime{1'700'000'000'000'000}, "left"));
  const Document written = document("trust.yaml", trust.to_yaml());
  const auto valid = contract::validate_document("trust", written);
  EXPECT_TRUE(valid) << valid.error().text();
  EXPECT_EQ(Trust::parse(written).value().to_yaml(), trust.to_yaml());
}

TEST(Contract, RefusesTheTrustFilesThatTheReaderRefuses) {
  const auto schema = contract::load_contract("trust");
  ASSERT_TRUE(schema) << schema.error().text();
  const std::string alice = "writ: 1\nkind: Trust\nkeys:\n  - id: " + key_named("alice").id().hex +
                            "\n    public: " + key_named("alice").public_key().base64() + "\n";
  const std::string good = alice + "    name: alice\n    roles: [maintainer]\n";
  ASSERT_TRUE(contract::validate_document(*schema, document("t.yaml", good)));
  const std::string cases[] = {
      "[]\n",
      "writ: 2\nkind: Trust\nkeys: []\n",
      "writ: 1\nkind: Spec\nkeys: []\n",
      "writ: 1\nkind: Trust\n",
      "writ: 1\nkind: Trust\nkeys: {}\n",
      good + "    role: x\n",
      good + "    expires: tomorrow\n",
      good + "    revoked: true\n",
      good + "    revoked: {at: 2026-01-01T00:00:00Z}\n",
      alice + "    name: alice\n",
      alice + "    name: alice\n    roles: []\n",
      alice + "    name: alice\n    roles: [Maintainer]\n",
      alice + "    name: \"a\\nb\"\n    roles: [maintainer]\n",
      alice + "    name: ''\n    roles: [maintainer]\n",
  };
  for (const std::string& text : cases) {
    const Document file = document("t.yaml", text);
    EXPECT_FALSE(contract::validate_document(*schema, file)) << text;
    EXPECT_FALSE(Trust::parse(file)) << text;
  }
}

TEST(Contract, HoldsForEveryKindOfStatement) {
  for (const auto kind :
       {StatementKind::approval, StatementKind::rejection, StatementKind::resolution,
        StatementKind::submission, StatementKind::assumption, StatementKind::deferral,
        StatementKind::closure, StatementKind::claim}) {
    const auto envelope = make_statement(statement(kind), key_named("alice"));
    ASSERT_TRUE(envelope) << envelope.error().text();
    const Document written = document("s.json", envelope->payload);
    const auto valid = contract::validate_document("statement", written);
    EXPECT_TRUE(valid) << valid.error().text() << envelope->payload;
    EXPECT_EQ(written.root.string_or("kind", ""), statement_kind_name(kind));
  }
}

TEST(Contract, RefusesStatementsThatDoNotFitTheirKind) {
  const auto schema = contract::load_contract("statement");
  ASSERT_TRUE(schema) << schema.error().text();
  const std::pair<StatementKind, StatementKind> changes[] = {
      {StatementKind::submission, StatementKind::approval},
      {StatementKind::approval, StatementKind::submission},
      {StatementKind::resolution, StatementKind::rejection},
      {StatementKind::rejection, StatementKind::resolution},
      {StatementKind::rejection, StatementKind::closure},
      {StatementKind::closure, StatementKind::rejection},
      {StatementKind::deferral, StatementKind::approval},
  };
  for (const auto& [from, to] : changes) {
    Document file =
        document("s.json", make_statement(statement(from), key_named("alice"))->payload);
    file.root.as_object().set("kind", statement_kind_name(to));
    EXPECT_FALSE(contract::validate_document(*schema, file)) << statement_kind_name(from);
  }
}

}  // namespace
}  // namespace writ::identity
