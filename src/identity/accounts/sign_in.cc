#include "identity/accounts/sign_in.h"

#include <utility>

#include "crypto/random_bytes.h"
#include "identity/accounts/address_proof.h"
#include "identity/accounts/email.h"
#include "identity/accounts/lockout.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/second_factor.h"
#include "identity/accounts/settings.h"
#include "identity/accounts/sign_in_steps.h"

namespace writ::identity {
namespace {

// What is not an address is counted as one that nobody has.
constexpr std::string_view kNobody = "nobody";
constexpr std::size_t kMaxPassword = 4096;  // bytes; longer ones are never right

SignInTry factor_try(const User& user, const Asker& asker) {
  return {.account = "factor/" + user.id.text(), .network = asker.network};
}

// What is known before the hash.
struct Seen {
  std::optional<User> user = {};
  std::optional<WallTime> wait_until = {};
};

Result<Seen> look(const AccountParts& parts, const SignInTry& made) {
  return parts.store.read([&](store::Tx& tx) -> Result<Seen> {
    Seen out;
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(out.wait_until, must_wait_until(tx, made, now));
    // Who has to wait is told so at the same cost, whoever there is.
    if (out.wait_until) return out;
    WRIT_TRY(out.user, find_user_by_email(tx, made.account));
    return out;
  });
}

// The stamp rises with each change of the password, and not when its hash is made stronger.
bool is_unchanged(const User& now, const std::optional<User>& before) {
  return before && now.id == before->id && now.stamp == before->stamp && now.is_active;
}

struct Attempt {
  const AccountParts& parts;
  const Asker& asker;
  const PasswordProof& proof;
  SignInTry made = {};
  std::optional<User> seen = {};
  SignInSecrets secrets = {};
  std::string rehashed = {};
};

// A code beside the password, counted as at sign_in_by_factor too; nullopt: it is right.
Result<std::optional<SignedIn>> check_code(store::Tx& tx, const Attempt& attempt, const User& user,
                                           WallTime now, const Deed& deed) {
  const SignInTry made = factor_try(user, attempt.asker);
  WRIT_TRY(const auto wait, must_wait_until(tx, made, now));
  if (wait) return wait_for(*wait);
  WRIT_TRY(const bool is_right, use_factor(tx, attempt.parts.keks, user.id, attempt.proof.code,
                                           deed, attempt.parts.time_of_phones()));
  if (is_right) {
    WRIT_CHECK(note_success(tx, made));
    return std::nullopt;
  }
  WRIT_CHECK(note_failure(tx, made, now));
  WRIT_TRY(SignedIn refused, refuse_sign_in(tx, attempt.made, user, "second_factor", deed, now));
  return refused;
}

// Requires: the password is right. Whether the code is, if one is on.
Result<SignedIn> go_on(store::Tx& tx, const Attempt& attempt, const User& user, WallTime now,
                       const Deed& deed) {
  WRIT_TRY(const AccountSettings settings, read_settings(tx));
  if (settings.is_verification_required && !user.is_verified) {
    return SignedIn{.outcome = SignIn::unverified};
  }
  Session session = make_session(user, attempt.secrets, settings, attempt.asker, now);
  WRIT_TRY(const Factor factor, find_factor(tx, user.id));
  if (factor.state == FactorState::on) {
    if (attempt.proof.code.empty()) {
      WRIT_CHECK(
          put_one_time_token(tx, OneTimeUse::second_factor, attempt.secrets.challenge, user, now));
      return SignedIn{.outcome = SignIn::needs_factor, .challenge = attempt.secrets.challenge.text};
    }
    WRIT_TRY(auto refused, check_code(tx, attempt, user, now, deed));
    if (refused) return *std::move(refused);
    session.has_second_factor = true;
  }
  WRIT_CHECK(note_success(tx, attempt.made));
  if (!attempt.rehashed.empty()) {
    WRIT_CHECK(rehash_password(tx, user.id, user.password, attempt.rehashed));
  }
  return open_signed_in(tx, user, std::move(session), attempt.secrets, attempt.proof.keep, deed);
}

Result<SignedIn> decide(store::Tx& tx, const Attempt& attempt, bool is_right) {
  WRIT_TRY(const WallTime now, tx.now());
  // Asked again: others may have failed while the hash was made.
  WRIT_TRY(const auto wait, must_wait_until(tx, attempt.made, now));
  if (wait) return wait_for(*wait);
  WRIT_TRY(const auto user, find_user_by_email(tx, attempt.made.account));
  if (!is_right || !user || !is_unchanged(*user, attempt.seen)) {
    return refuse_sign_in(tx, attempt.made, attempt.seen, "password",
                          attempt.parts.deed("system", attempt.asker.trace), now);
  }
  const Deed deed = attempt.parts.deed("principal:" + user->id.text(), attempt.asker.trace);
  return go_on(tx, attempt, *user, now, deed);
}

// Whether the password is right, at the cost of one hash whoever it is.
Result<crypto::PasswordVerdict> verdict_of(const AccountParts& parts,
                                           const std::optional<User>& user,
                                           std::string_view password, const QuietWait& wait) {
  std::optional<std::string_view> phc;
  if (user && !user->password.empty()) phc = user->password;
  return parts.passwords.verify(password.substr(0, kMaxPassword + 1), phc, wait);
}

Result<SignedIn> try_link(store::Tx& tx, const AccountParts& parts, std::string_view token,
                          Keep keep, const Asker& asker, const SignInSecrets& secrets) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const AccountSettings settings, read_settings(tx));
  if (!settings.has_magic_links) return SignedIn{};
  WRIT_TRY(auto spent, spend_one_time_token(tx, OneTimeUse::magic_link, token, now));
  if (!spent) return refuse_bad_token(tx, parts, asker, "magic_link", now);
  User& user = spent->user;
  const Deed deed = parts.deed("principal:" + user.id.text(), asker.trace);
  if (!user.is_verified) {
    // Whoever set the password may be somebody else.
    WRIT_TRY(user, hand_over(tx, user, {}, "address_proved", deed));
  }
  const SignInStep at{.tx = tx,
                      .parts = parts,
                      .asker = asker,
                      .secrets = secrets,
                      .keep = keep,
                      .settings = settings,
                      .now = now};
  return finish_sign_in(at, user, SignInMethod::magic_link, deed);
}

// What the first half left to be linked. False: the identity has become somebody else's meanwhile.
Result<bool> link_now(store::Tx& tx, LinkedIdentity link, WallTime now, const Deed& deed) {
  WRIT_TRY(const auto known, find_identity(tx, link.issuer, link.subject));
  if (known) return known->user == link.user;
  link.linked_at = link.used_at = now;
  WRIT_CHECK(link_identity(tx, link, deed));
  return true;
}

Result<SignedIn> try_factor(store::Tx& tx, const AccountParts& parts, std::string_view challenge,
                            std::string_view code, Keep keep, const Asker& asker,
                            const SignInSecrets& secrets) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto found, find_one_time_token(tx, OneTimeUse::second_factor, challenge, now));
  if (!found) return refuse_bad_token(tx, parts, asker, "second_factor", now);
  const User& user = found->user;
  const SignInTry made = factor_try(user, asker);
  WRIT_TRY(const auto wait, must_wait_until(tx, made, now));
  if (wait) return wait_for(*wait);
  const Deed deed = parts.deed("principal:" + user.id.text(), asker.trace);
  WRIT_TRY(const bool is_right,
           use_factor(tx, parts.keks, user.id, code, deed, parts.time_of_phones()));
  if (!is_right) return refuse_sign_in(tx, made, user, "second_factor", deed, now);
  WRIT_CHECK(spend_one_time_token(tx, OneTimeUse::second_factor, challenge, now));
  if (found->note.link) {
    WRIT_TRY(const bool is_theirs, link_now(tx, *found->note.link, now, deed));
    if (!is_theirs) return refuse_sign_in(tx, made, user, "provider_address_taken", deed, now);
  }
  WRIT_CHECK(note_success(tx, made));
  WRIT_CHECK(note_success(tx, {.account = user.email, .network = asker.network}));
  WRIT_TRY(const AccountSettings settings, read_settings(tx));
  Session session = make_session(user, secrets, settings, asker, now);
  session.method = found->note.method;
  session.has_second_factor = true;
  return open_signed_in(tx, user, std::move(session), secrets, keep, deed);
}

}  // namespace

Result<SignedIn> sign_in(const AccountParts& parts, const PasswordProof& proof,
                         const Asker& asker) {
  const auto email = normalise_email(proof.name);
  const SignInTry made{.account = email ? *email : std::string(kNobody), .network = asker.network};
  WRIT_TRY(Seen seen, look(parts, made));
  if (seen.wait_until) return wait_for(*seen.wait_until);
  WRIT_TRY(const auto verdict, verdict_of(parts, seen.user, proof.password, asker.wait));
  Attempt attempt{.parts = parts,
                  .asker = asker,
                  .proof = proof,
                  .made = made,
                  .seen = std::move(seen.user),
                  .secrets = make_sign_in_secrets(parts, proof.keep)};
  if (verdict == crypto::PasswordVerdict::right_needs_rehash) {
    WRIT_TRY(attempt.rehashed, parts.passwords.hash(proof.password, asker.wait));
  }
  const bool is_right =
      verdict != crypto::PasswordVerdict::wrong && proof.password.size() <= kMaxPassword;
  return parts.store.write([&](store::Tx& tx) { return decide(tx, attempt, is_right); });
}

Result<SignedIn> sign_in_by_link(const AccountParts& parts, std::string_view token, Keep keep,
                                 const Asker& asker) {
  const SignInSecrets secrets = make_sign_in_secrets(parts, keep);
  return parts.store.write(
      [&](store::Tx& tx) { return try_link(tx, parts, token, keep, asker, secrets); });
}

Result<SignedIn> sign_in_by_factor(const AccountParts& parts, std::string_view challenge,
                                   std::string_view code, Keep keep, const Asker& asker) {
  const SignInSecrets secrets = make_sign_in_secrets(parts, keep);
  return parts.store.write(
      [&](store::Tx& tx) { return try_factor(tx, parts, challenge, code, keep, asker, secrets); });
}

Result<Refreshed> refresh_session(const AccountParts& parts, std::string_view token,
                                  const Asker& asker) {
  const std::string salt = crypto::random_bytes(32);
  auto done = parts.store.write([&](store::Tx& tx) -> Result<Refreshed> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(Refreshed out,
             refresh(tx, token, asker.client(), salt, now, parts.deed("system", asker.trace)));
    if (out.token.empty()) return out;
    // What an application was given signs nobody in.
    WRIT_TRY(const auto session, find_session(tx, out.session, now));
    if (!session || !session->grant.application.empty()) {
      return fail(Code::cancelled, "nothing was refreshed");
    }
    return out;
  });
  if (!done && done.error().code == Code::cancelled) return Refreshed{};
  return done;
}

Result<bool> sign_out(const AccountParts& parts, SessionId session, const Deed& deed) {
  return parts.store.write([&](store::Tx& tx) { return end_session(tx, session, "logout", deed); });
}

}  // namespace writ::identity
