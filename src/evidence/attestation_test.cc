#include "evidence/attestation.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/file.h"
#include "base/json.h"
#include "contract/validate_document.h"
#include "evidence/testing/sample_attestation.h"

namespace writ::evidence {
namespace {

std::string statement() {
  auto bytes = attestation_statement(sample_attestation());
  EXPECT_TRUE(bytes) << bytes.error().text();
  return *std::move(bytes);
}

TEST(Attestation, IsAnInTotoStatementAboutTheTree) {
  const auto value = parse_json(statement());
  ASSERT_TRUE(value);
  EXPECT_EQ(value->string_or("_type", ""), "https://in-toto.io/Statement/v1");
  EXPECT_EQ(value->string_or("predicateType", ""), "https://writ.dev/attestation/run/v1");
  const Value& tree = value->find("subject")->as_array().at(0);
  EXPECT_EQ(tree.string_or("name", ""), "tree");
  EXPECT_EQ(tree.find("digest")->string_or("sha256", ""), crypto::sha256("tree").hex());
  EXPECT_EQ(tree.find("annotations")->string_or("algorithm", ""),
            "https://writ.dev/tree-digest/v1");
  EXPECT_EQ(value->find("subject")->as_array().at(1).string_or("name", ""), "build/book");
  EXPECT_EQ(value->at_path({"predicate", "ledger", "size"})->as_string(), "9007199254740997");
}

TEST(Attestation, KeepsItsContract) {
  const Document document{"attestation.json", "", parse_json(statement()).value()};
  const auto valid = contract::validate_document("attestation", document);
  EXPECT_TRUE(valid) << valid.error().text();
  Document broken = document;
  broken.root.as_object().set("more", 1);
  const auto refused = contract::validate_document("attestation", broken);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().diagnostics.size(), 1u) << refused.error().text();
}

TEST(Attestation, ReadsBackWhatItWrites) {
  const auto again = parse_attestation(statement());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(attestation_statement(*again).value(), statement());
  const Attestation expected = sample_attestation();
  EXPECT_EQ(again->checks[1].text, expected.checks[1].text);
  EXPECT_EQ(again->checks[1].kind, AttestedCheck::Kind::question);
  EXPECT_EQ(again->ledger->size, expected.ledger->size);
  EXPECT_EQ(again->trust.approvals[0].role, "maintainer");
  EXPECT_EQ(again->risk, expected.risk);
}

TEST(Attestation, ListsWhatTheRunLeavesInItsOrderAndNothingWhereNothingIsDeclared) {
  EXPECT_EQ(parse_json(statement())->at_path({"predicate", "artifacts"}), nullptr);
  Attestation attestation = sample_attestation();
  attestation.produced = {{"tests", crypto::sha256("b"), sample_reference(1)},
                          {"code", crypto::sha256("a"), sample_reference(2)}};
  const std::string bytes = attestation_statement(attestation).value();
  const auto value = parse_json(bytes);
  const Array& listed = value->at_path({"predicate", "artifacts"})->as_array();
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].string_or("name", ""), "tests");
  EXPECT_EQ(listed[1].string_or("digest", ""), "sha256:" + crypto::sha256("a").hex());
  const auto valid = contract::validate_document("attestation", Document{"a.json", "", *value});
  EXPECT_TRUE(valid) << valid.error().text();
  const auto again = parse_attestation(bytes);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->produced[1].evidence.id, sample_reference(2).id);
  const std::string text = attestation_markdown(*again);
  EXPECT_LT(text.find("| 1 | tests | `"), text.find("| 2 | code | `")) << text;
  std::swap(attestation.produced[0], attestation.produced[1]);
  EXPECT_NE(attestation_statement(attestation).value(), bytes);
}

TEST(Attestation, IsRefusedBeforeEveryCheckIsProved) {
  const std::pair<std::function<void(Attestation&)>, std::string_view> kGaps[] = {
      {[](Attestation& a) { a.checks.clear(); }, "an attestation without any named check"},
      {[](Attestation& a) { a.checks[1].evidence.clear(); }, "check `complete` has no evidence"},
      {[](Attestation& a) { a.checks[1].name = a.checks[0].name; },
       "check `tests_prove_contracts` comes twice"},
      {[](Attestation& a) { a.checks[0].name = ""; }, "a check without a name"},
      {[](Attestation& a) { a.pre_existing[0].reason = ""; },
       "a declared failure without file or reason"},
      {[](Attestation& a) { a.artifacts[0].name = "tree"; }, "artifact `tree` comes twice"},
  };
  for (const auto& [change, message] : kGaps) {
    Attestation a = sample_attestation();
    change(a);
    const auto refused = attestation_statement(a);
    ASSERT_FALSE(refused) << message;
    EXPECT_EQ(refused.error().message, message);
  }
}

TEST(Attestation, IsVerifiedByATrustedKeyOnly) {
  const crypto::SecretKey signer = sample_signer();
  const crypto::SecretKey other = sample_signer('b');
  const auto envelope = sign_attestation(sample_attestation(), signer);
  ASSERT_TRUE(envelope) << envelope.error().text();
  const crypto::PublicKey trusted[] = {other.public_key(), signer.public_key()};
  const auto verified = verify_attestation(*envelope, trusted);
  ASSERT_TRUE(verified) << verified.error().text();
  EXPECT_EQ(verified->signer, signer.public_key());
  EXPECT_EQ(verified->attestation.tree, crypto::sha256("tree"));
  EXPECT_EQ(verify_attestation(*envelope, std::span(trusted, 1)).error().code, Code::signature_bad);
}

TEST(Attestation, NamesTheKeyThatSignedIt) {
  const crypto::SecretKey other = sample_signer('b');
  const auto envelope = crypto::dsse_sign(std::string(kInTotoPayload), statement(), other);
  ASSERT_TRUE(envelope);
  const crypto::PublicKey trusted[] = {other.public_key()};
  const auto refused = verify_attestation(*envelope, trusted);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::signature_bad);
  EXPECT_NE(refused.error().message.find("another one signed it"), std::string::npos);
}

TEST(Attestation, RefusesOtherPayloadsUnderAGoodSignature) {
  const crypto::SecretKey signer = sample_signer();
  const crypto::PublicKey trusted[] = {signer.public_key()};
  const auto verify = [&](std::string type, std::string payload) {
    const auto envelope = crypto::dsse_sign(std::move(type), std::move(payload), signer);
    EXPECT_TRUE(envelope);
    const auto verified = verify_attestation(*envelope, trusted);
    return verified ? std::string("accepted") : verified.error().message;
  };
  EXPECT_EQ(verify("application/json", statement()),
            "the payload is `application/json`, not `application/vnd.in-toto+json`");
  std::string slsa = statement();
  slsa.replace(slsa.find("https://writ.dev/attestation/run/v1"), 35,
               "https://slsa.dev/provenance/v1.0000");
  EXPECT_NE(verify(std::string(kInTotoPayload), slsa).find("provenance"), std::string::npos);
  EXPECT_EQ(verify(std::string(kInTotoPayload), " " + statement()),
            "the attestation is not in its canonical form");
}

// Whatever member is taken away or added anywhere, the reader says so.
void each_object(const Value& root, const std::function<void(const Value&)>& check) {
  const std::function<void(Value&, Value&)> walk = [&](Value& whole, Value& part) {
    if (part.is_array()) {
      for (Value& item : part.as_array()) walk(whole, item);
    }
    if (!part.is_object()) return;
    for (std::size_t i = 0; i < part.as_object().size(); ++i) {
      const Object saved = part.as_object();
      part.as_object().erase((saved.begin() + i)->key);
      check(whole);
      part.as_object() = saved;
      walk(whole, (part.as_object().begin() + i)->value);
    }
    const Object saved = part.as_object();
    part.as_object().append("zzz", 1);
    check(whole);
    part.as_object() = saved;
  };
  Value copy = root;
  walk(copy, copy);
}

TEST(Attestation, IsReadStrictlyInEveryPart) {
  const Value good = parse_json(statement()).value();
  int tried = 0;
  each_object(good, [&](const Value& broken) {
    ++tried;
    const std::string bytes = to_json(broken);
    const auto parsed = parse_attestation(bytes);
    if (parsed) {
      // Risk areas are the spec's own names; without one it is another good statement.
      EXPECT_NE(broken.at_path({"predicate", "risk"})->as_object().size(), 2u) << bytes;
    }
  });
  EXPECT_GT(tried, 100);
}

TEST(AttestationMarkdown, ShowsChecksAndWhoAndCannotBeBrokenOut) {
  const std::string text = attestation_markdown(sample_attestation());
  EXPECT_NE(text.find("# Attestation of orders.book\n"), std::string::npos);
  EXPECT_NE(text.find("| signed by | Ann \\| \\<b\\> (runner, attester, key `"), std::string::npos)
      << text;
  EXPECT_NE(text.find("**who also ran it**"), std::string::npos);
  EXPECT_NE(text.find("| complete: Is every feature complete? | proved | scan.violations is 0 |"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("| review/second | Bea | maintainer |"), std::string::npos);
  EXPECT_NE(text.find("| `tests/old_test.cc` | needs a network |"), std::string::npos) << text;
}

TEST(AttestationMarkdown, LeavesOutWhatThereIsNot) {
  Attestation a = sample_attestation();
  a.pre_existing.clear();
  a.trust.approvals.clear();
  const std::string text = attestation_markdown(a);
  EXPECT_EQ(text.find("were there before"), std::string::npos);
  EXPECT_EQ(text.find("## Approvals"), std::string::npos);
}

}  // namespace
}  // namespace writ::evidence
