#include "identity/signed_statement.h"

#include <fmt/format.h>

#include "identity/statement_document.h"

namespace writ::identity {
namespace {

std::unexpected<Error> refuse(std::string message, std::string remedy) {
  return fail(Code::not_permitted, std::move(message), std::move(remedy));
}

Result<void> require_one_statement(const crypto::DsseEnvelope& envelope) {
  if (envelope.payload_type != kStatementType) {
    return fail(Code::invalid_input,
                fmt::format("the envelope holds `{}`, not a statement", envelope.payload_type),
                "Make it with `writ approve`, `reject`, `resolve`, `claim` or `submit`");
  }
  // A statement is one signer's word: with two it would not be clear whose role counts.
  if (envelope.signatures.size() != 1) {
    return fail(Code::invalid_input,
                fmt::format("a statement has one signature, not {}", envelope.signatures.size()),
                "Let every signer make a statement of their own");
  }
  return {};
}

Result<crypto::KeyId> verified_signer(const crypto::DsseEnvelope& envelope, const Trust& trust) {
  // The hint cannot be believed, but it can say where to begin, and explain: a key nobody trusts,
  // or a broken signature.
  const crypto::KeyId claimed{envelope.signatures.front().key_id};
  const TrustedKey* const named = trust.find(claimed);
  if (named != nullptr && crypto::dsse_verify(envelope, {&named->key, 1})) return named->key.id();
  const auto keys = trust.public_keys();
  const auto verified = crypto::dsse_verify(envelope, keys);
  if (verified) return verified->front().id();
  if (named == nullptr) {
    return refuse(
        fmt::format("the signer's key {} is not in the trust of this run", claimed.short_text()),
        "Add it with `writ trust add --role ROLE FILE.pub` and commit; a run keeps the "
        "trust of its base revision");
  }
  return fail(
      Code::signature_bad,
      fmt::format("the signature by {} does not hold over this statement", claimed.short_text()),
      "The statement was changed after it was signed: sign it again");
}

struct Difference {
  bool differs;
  std::string_view what;
  std::string_view remedy;
};

// Everything that ties a statement to one moment of one run.
Result<void> require_same(const Statement& s, const Occasion& o) {
  const Difference differences[] = {
      {s.kind != o.kind, "kind of act", "Use the command that the step waits for"},
      {s.run != o.run, "run", "Sign for this run; `writ status` shows its id"},
      {s.plan != o.plan, "plan", "The plan is another one now: look at it and sign again"},
      {s.step != o.step, "step", "Sign for the step that waits; `writ status` shows it"},
      {s.attempt != o.attempt, "attempt", "The step was opened again: look at it and sign again"},
      {s.tree != o.tree, "tree", "The files have changed since: look at them and sign again"},
      {s.subject != o.subject, "matter", "Name the deferral that `writ status` shows"},
      {s.blocker != o.blocker, "blocker", "Name the blocker that `writ status` shows"},
      {s.role != o.role, "role", "Sign in the role that the plan asks for"},
  };
  for (const Difference& d : differences) {
    if (!d.differs) continue;
    return refuse(fmt::format("this {} is for another {}", statement_kind_name(s.kind), d.what),
                  std::string(d.remedy));
  }
  return {};
}

Result<void> require_dated_near(WallTime said, WallTime received) {
  const bool is_ahead = said.micros > received.micros + kMaxAheadMicros;
  if (!is_ahead && said.micros + kMaxBehindMicros >= received.micros) return {};
  return refuse(fmt::format("the statement is dated {}: {}, and it was received at {}",
                            is_ahead ? "in the future" : "too long ago", to_rfc3339(said),
                            to_rfc3339(received)),
                "Set the signer's clock, look again and sign again");
}

}  // namespace

Result<crypto::DsseEnvelope> make_statement(const Statement& statement,
                                            const crypto::Signer& signer) {
  WRIT_TRY(std::string text, serialize_statement(statement));
  return crypto::dsse_sign(std::string(kStatementType), std::move(text), signer);
}

Result<Statement> read_statement(const crypto::DsseEnvelope& envelope) {
  WRIT_CHECK(require_one_statement(envelope));
  return parse_statement(envelope.payload);
}

Result<crypto::KeyId> statement_signer(const crypto::DsseEnvelope& envelope, const Trust& trust) {
  WRIT_CHECK(require_one_statement(envelope));
  return verified_signer(envelope, trust);
}

Result<SignedAct> verify_statement(const crypto::DsseEnvelope& envelope, const Occasion& occasion,
                                   const Authority& authority) {
  WRIT_CHECK(require_one_statement(envelope));
  WRIT_TRY(const crypto::KeyId signer, verified_signer(envelope, authority.trust()));
  WRIT_TRY(Statement statement, parse_statement(envelope.payload));
  WRIT_CHECK(require_same(statement, occasion));
  WRIT_TRY(const TrustedKey* key,
           authority.require(act_of(occasion.kind), signer, occasion.role, occasion.now));
  WRIT_CHECK(require_dated_near(statement.at, occasion.now));
  return SignedAct{std::move(statement), signer, key->name};
}

}  // namespace writ::identity
