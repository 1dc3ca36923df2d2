#include "identity/signed_statement.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "identity/testing/people.h"

namespace writ::identity {
namespace {

constexpr WallTime kNow{1'767'225'600'000'000};

template <typename T>
T id_of(char digit) {
  return T::parse("0000000" + std::string(1, digit) + "-0000-7000-8000-000000000000").value();
}

class SignedStatement : public testing::Test {
 protected:
  Statement statement(StatementKind kind = StatementKind::approval) const {
    Statement s;
    s.kind = kind;
    s.run = id_of<RunId>('1');
    s.step = "review/second-pair-of-eyes";
    s.attempt = 2;
    s.tree = crypto::sha256("tree");
    s.plan = crypto::sha256("plan");
    s.role = "maintainer";
    s.reason = "read it all";
    s.at = kNow;
    if (kind == StatementKind::resolution) s.blocker = id_of<BlockerId>('2');
    if (kind == StatementKind::submission) {
      s.role = "agent";
      s.evidence = {{"tests", "build/junit.xml", crypto::sha256("report")}};
    }
    return s;
  }

  Occasion occasion(StatementKind kind = StatementKind::approval) const {
    const Statement s = statement(kind);
    return {.kind = s.kind,
            .run = s.run,
            .step = s.step,
            .attempt = s.attempt,
            .tree = s.tree,
            .plan = s.plan,
            .role = s.role,
            .blocker = s.blocker,
            .now = kNow};
  }

  crypto::DsseEnvelope signed_by(std::string_view who, const Statement& s) const {
    return make_statement(s, key_named(who)).value();
  }

  void refuses(const crypto::DsseEnvelope& envelope, const Occasion& occasion, Code code,
               std::string_view because) const {
    const auto act = verify_statement(envelope, occasion, authority_);
    ASSERT_FALSE(act) << because;
    EXPECT_EQ(act.error().code, code) << act.error().text();
    EXPECT_NE(act.error().message.find(because), std::string::npos) << act.error().message;
    EXPECT_FALSE(act.error().remediation.empty()) << act.error().message;
  }

  // An envelope over text that make_statement would never write.
  crypto::DsseEnvelope signed_text(std::string text) const {
    return crypto::dsse_sign(std::string(kStatementType), std::move(text), key_named("alice"))
        .value();
  }

  Trust trust_ = sample_trust();
  Authority authority_{trust_, key_named("runner").public_key()};
};

TEST_F(SignedStatement, CountsFromTheRightPersonInTheRightPlace) {
  for (const auto kind :
       {StatementKind::approval, StatementKind::rejection, StatementKind::resolution}) {
    const auto act =
        verify_statement(signed_by("alice", statement(kind)), occasion(kind), authority_);
    ASSERT_TRUE(act) << act.error().text();
    EXPECT_EQ(act->statement, statement(kind));
    EXPECT_EQ(act->signer, key_named("alice").id());
    EXPECT_EQ(act->signer_name, "alice");
  }
}

TEST_F(SignedStatement, TakesSubmissionsOfAgentsWithTheirEvidence) {
  const auto kind = StatementKind::submission;
  const auto act =
      verify_statement(signed_by("agent", statement(kind)), occasion(kind), authority_);
  ASSERT_TRUE(act) << act.error().text();
  EXPECT_EQ(act->statement.evidence, statement(kind).evidence);
}

TEST_F(SignedStatement, IsCanonicalJsonInADsseEnvelope) {
  const auto envelope = signed_by("alice", statement());
  EXPECT_EQ(envelope.payload_type, "application/vnd.writ.statement+json");
  EXPECT_EQ(envelope.payload,
            R"({"at":"2026-01-01T00:00:00.000000Z","attempt":2,"kind":"approval","plan":")" +
                crypto::sha256("plan").hex() +
                R"(","reason":"read it all","role":"maintainer",)"
                R"("run":"00000001-0000-7000-8000-000000000000",)"
                R"("step":"review/second-pair-of-eyes","tree":")" +
                crypto::sha256("tree").hex() + R"(","v":1})");
}

TEST_F(SignedStatement, ReadsBackWithoutTrustingAnything) {
  for (const auto kind : {StatementKind::approval, StatementKind::rejection,
                          StatementKind::resolution, StatementKind::submission}) {
    EXPECT_EQ(read_statement(signed_by("mallory", statement(kind))).value(), statement(kind));
  }
}

TEST_F(SignedStatement, CountsForNothingElse) {
  const auto envelope = signed_by("alice", statement());
  const auto with = [&](auto change) {
    Occasion o = occasion();
    change(o);
    return o;
  };
  const auto bad = Code::not_permitted;
  refuses(envelope, with([](Occasion& o) { o.run = id_of<RunId>('9'); }), bad, "another run");
  refuses(envelope, with([](Occasion& o) { o.step = "review"; }), bad, "another step");
  refuses(envelope, with([](Occasion& o) { o.attempt = 3; }), bad, "another attempt");
  refuses(envelope, with([](Occasion& o) { o.tree = crypto::sha256("edited"); }), bad,
          "another tree");
  refuses(envelope, with([](Occasion& o) { o.plan = crypto::sha256("replanned"); }), bad,
          "another plan");
  refuses(envelope, with([](Occasion& o) { o.role = "reviewer"; }), bad, "another role");
  refuses(envelope, with([](Occasion& o) { o.kind = StatementKind::rejection; }), bad,
          "another kind");
}

TEST_F(SignedStatement, LiftsNoOtherBlocker) {
  Occasion other = occasion(StatementKind::resolution);
  other.blocker = id_of<BlockerId>('3');
  refuses(signed_by("alice", statement(StatementKind::resolution)), other, Code::not_permitted,
          "another blocker");
}

TEST_F(SignedStatement, CountsOnlyFromThoseWhoMay) {
  const auto bad = Code::not_permitted;
  refuses(signed_by("runner", statement()), occasion(), bad, "runs this run");
  refuses(signed_by("runner-2", statement()), occasion(), bad, "a runner and no more");
  refuses(signed_by("bob", statement()), occasion(), bad, "lacks the role");
  refuses(signed_by("mallory", statement()), occasion(), bad, "not in the trust");
}

TEST_F(SignedStatement, CountsFromNobodyWithoutATrustFile) {
  const Trust self = Trust::self_signed(key_named("runner").public_key());
  const Authority authority(self, key_named("runner").public_key());
  for (const char* who : {"runner", "alice"}) {
    const auto act = verify_statement(signed_by(who, statement()), occasion(), authority);
    ASSERT_FALSE(act) << who;
    EXPECT_EQ(act.error().code, Code::not_permitted) << act.error().text();
  }
}

TEST_F(SignedStatement, CannotBeDatedBackBeforeARevocation) {
  ASSERT_TRUE(trust_.revoke(key_named("alice").id(), WallTime{kNow.micros - 1000}, "lost"));
  Statement dated_back = statement();
  dated_back.at.micros -= 86'400'000'000;
  refuses(signed_by("alice", dated_back), occasion(), Code::not_permitted, "was revoked");
}

TEST_F(SignedStatement, StandsWhenItWasReceivedBeforeTheRevocation) {
  ASSERT_TRUE(trust_.revoke(key_named("alice").id(), WallTime{kNow.micros + 1000}, "lost"));
  EXPECT_TRUE(verify_statement(signed_by("alice", statement()), occasion(), authority_));
}

TEST_F(SignedStatement, MayNotComeFromTheFuture) {
  Statement ahead = statement();
  ahead.at.micros += 4LL * 60 * 1'000'000;
  EXPECT_TRUE(verify_statement(signed_by("alice", ahead), occasion(), authority_));
  ahead.at.micros += 2LL * 60 * 1'000'000;
  refuses(signed_by("alice", ahead), occasion(), Code::not_permitted, "dated in the future");
}

TEST_F(SignedStatement, MayNotBeFromLongAgo) {
  Statement behind = statement();
  behind.at.micros -= 59LL * 60 * 1'000'000;
  const auto carried = verify_statement(signed_by("alice", behind), occasion(), authority_);
  ASSERT_TRUE(carried) << carried.error().text();
  EXPECT_EQ(carried->statement.at, behind.at);
  behind.at.micros -= 2LL * 60 * 1'000'000;
  refuses(signed_by("alice", behind), occasion(), Code::not_permitted, "dated too long ago");
}

TEST_F(SignedStatement, RefusesAChangedStatementOrSignature) {
  auto changed = signed_by("alice", statement());
  changed.payload.replace(changed.payload.find("\"attempt\":2"), 11, "\"attempt\":3");
  Occasion occasion_3 = occasion();
  occasion_3.attempt = 3;
  refuses(changed, occasion_3, Code::signature_bad, "does not hold");
  auto broken = signed_by("alice", statement());
  broken.signatures[0].bytes[9] = static_cast<char>(broken.signatures[0].bytes[9] ^ 1);
  refuses(broken, occasion(), Code::signature_bad, "does not hold");
  auto claimed = signed_by("mallory", statement());
  claimed.signatures[0].key_id = key_named("alice").id().hex;
  refuses(claimed, occasion(), Code::signature_bad, "does not hold");
}

TEST_F(SignedStatement, GoesByTheKeyThatSignedAndNotByTheHint) {
  auto hinted = signed_by("bob", statement());
  hinted.signatures[0].key_id = key_named("alice").id().hex;
  refuses(hinted, occasion(), Code::not_permitted, "of bob lacks the role");
}

TEST_F(SignedStatement, HasOneSignatureAndItsOwnType) {
  auto twice = signed_by("alice", statement());
  ASSERT_TRUE(crypto::dsse_add_signature(twice, key_named("bob")));
  refuses(twice, occasion(), Code::invalid_input, "one signature");
  auto none = signed_by("alice", statement());
  none.signatures.clear();
  refuses(none, occasion(), Code::invalid_input, "one signature");
  const auto other_type =
      crypto::dsse_sign("application/vnd.in-toto+json", signed_by("alice", statement()).payload,
                        key_named("alice"))
          .value();
  refuses(other_type, occasion(), Code::invalid_input, "not a statement");
}

TEST_F(SignedStatement, RefusesTextThatIsNotExactlyAStatement) {
  const std::string good = signed_by("alice", statement()).payload;
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const std::string cases[] = {
      "",
      "[]",
      "{}",
      good + "\n",
      " " + good,
      replaced("{", "{\"extra\":1,"),
      replaced("\"v\":1", "\"v\":2"),
      replaced("\"v\":1", "\"v\":1.0"),
      replaced("\"attempt\":2", "\"attempt\":0"),
      replaced("\"attempt\":2", "\"attempt\":4294967298"),
      replaced("\"attempt\":2", "\"attempt\":-1"),
      replaced("approval", "applause"),
      replaced("maintainer", "Maintainer"),
      replaced("\"role\":\"maintainer\"", "\"role\":\"\""),
      replaced("00000001-", "0000000x-"),
      replaced("2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00Z"),
      replaced("review/second", "review\\/second"),
      std::string((1u << 20) + 1, ' '),
  };
  for (const std::string& text : cases) {
    refuses(signed_text(text), occasion(), Code::invalid_input, "not a statement");
  }
}

TEST_F(SignedStatement, RefusesToSignWhatDoesNotFitItsKind) {
  const auto refuses_to_make = [](const Statement& s) {
    const auto made = make_statement(s, key_named("alice"));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::invalid_input);
  };
  Statement s = statement(StatementKind::rejection);
  s.reason.clear();
  refuses_to_make(s);
  s = statement(StatementKind::resolution);
  s.reason.clear();
  refuses_to_make(s);
  s = statement(StatementKind::resolution);
  s.blocker.reset();
  refuses_to_make(s);
  s = statement();
  s.blocker = id_of<BlockerId>('2');
  refuses_to_make(s);
  s = statement();
  s.evidence = statement(StatementKind::submission).evidence;
  refuses_to_make(s);
  s = statement(StatementKind::submission);
  s.evidence.clear();
  refuses_to_make(s);
  s = statement(StatementKind::submission);
  s.evidence[0].path.clear();
  refuses_to_make(s);
  s = statement();
  s.step.clear();
  refuses_to_make(s);
  s = statement();
  s.role.clear();
  refuses_to_make(s);
  s = statement();
  s.reason.assign(4097, 'x');
  refuses_to_make(s);
  s = statement();
  s.attempt = 0;
  refuses_to_make(s);
}

}  // namespace
}  // namespace writ::identity
