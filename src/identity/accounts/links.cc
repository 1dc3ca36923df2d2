#include "identity/accounts/links.h"

#include <optional>
#include <utility>

#include "identity/accounts/address_proof.h"
#include "identity/accounts/api_keys.h"
#include "identity/accounts/email.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/registration.h"
#include "identity/accounts/sessions.h"
#include "identity/federation/linked_identities.h"
#include "identity/oauth/authorizations.h"

namespace writ::identity {
namespace {

Result<std::optional<User>> owner_of(const AccountParts& parts, OneTimeUse use,
                                     std::string_view token) {
  return parts.store.read([&](store::Tx& tx) -> Result<std::optional<User>> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(auto found, find_one_time_token(tx, use, token, now));
    if (!found) return std::nullopt;
    return std::move(found->user);
  });
}

// What an opened link works with; ids were made before the transaction.
struct Opened {
  store::Tx& tx;
  const AccountParts& parts;
  const Asker& asker;
  PrincipalId new_user = {};
  WishId notice = {};

  Deed deed_of(PrincipalId user) const {
    return parts.deed("principal:" + user.text(), asker.trace);
  }
};

// Who registered may be somebody else, and wait with an identity at a provider that is linked. The
// password stays: it is what the letter warns of. Without one there is nothing to keep.
Result<User> prove_address(const Opened& at, const User& user, const Deed& deed) {
  if (user.password.empty()) return hand_over(at.tx, user, {}, "address_proved", deed);
  WRIT_CHECK(unlink_identities_of(at.tx, user.id, deed));
  return change_user(at.tx, user.id, {.is_verified = true}, deed);
}

// Of an account that exists: its address, or the one it is to have.
Result<VerifyOutcome> verify_user(const Opened& at, const OneTimeToken& token) {
  const User& user = token.user;
  const Deed deed = at.deed_of(user.id);
  VerifyOutcome out{.outcome = Verified::done};
  if (token.note.email.empty()) {
    if (user.is_verified) return VerifyOutcome{.outcome = Verified::already};
    WRIT_TRY(out.user, prove_address(at, user, deed));
    return out;
  }
  WRIT_TRY(const auto other, find_user_by_email(at.tx, token.note.email));
  if (other) return VerifyOutcome{};
  WRIT_TRY(out.user,
           change_user(at.tx, user.id, {.email = token.note.email, .is_verified = true}, deed));
  WRIT_CHECK(end_sessions_of(at.tx, user.id, token.note.session, "email_changed", deed));
  WRIT_CHECK(erase_one_time_tokens(at.tx, user.id));
  WRIT_CHECK(
      put_wish(at.tx, {.id = at.notice, .kind = LetterKind::email_changed, .email = user.email}));
  return out;
}

// Of a registration: the link that is opened says whose password it is.
Result<VerifyOutcome> finish_registration(const Opened& at, const PendingRegistration& pending) {
  WRIT_TRY(const auto user, find_user_by_email(at.tx, pending.email));
  if (user && (user->is_verified || !user->is_active || !user->may_have_password)) {
    return VerifyOutcome{};
  }
  VerifyOutcome out{.outcome = Verified::done};
  if (user) {
    WRIT_TRY(out.user,
             hand_over(at.tx, *user, pending.password, "address_proved", at.deed_of(user->id)));
    return out;
  }
  WRIT_TRY(out.user, create_user(at.tx,
                                 {.id = at.new_user,
                                  .email = pending.email,
                                  .password = pending.password,
                                  .is_verified = true},
                                 at.deed_of(at.new_user)));
  return out;
}

// Whoever had the account lost it: nothing that was handed out before works on.
Result<void> set_password(const Opened& at, const User& user, const std::string& phc) {
  const Deed deed = at.deed_of(user.id);
  if (!user.is_verified) {
    WRIT_CHECK(hand_over(at.tx, user, phc, "password_reset", deed));
  } else {
    WRIT_CHECK(change_user(at.tx, user.id, {.password = phc}, deed));
    WRIT_CHECK(end_sessions_of(at.tx, user.id, {}, "password_reset", deed));
    WRIT_CHECK(revoke_api_keys_of(at.tx, user.id, deed));
    WRIT_CHECK(unlink_identities_of(at.tx, user.id, deed));
    WRIT_CHECK(erase_consents_of(at.tx, user.id));
  }
  return put_wish(at.tx,
                  {.id = at.notice, .kind = LetterKind::password_changed, .email = user.email});
}

}  // namespace

Result<void> ask_for_letter(const AccountParts& parts, LetterKind kind, std::string_view email) {
  Wish wish{.id = parts.new_id<WishId>(), .kind = kind};
  WRIT_TRY(wish.email, normalise_email(email));
  return parts.store.write([&](store::Tx& tx) { return put_wish(tx, wish); });
}

Result<VerifyOutcome> verify_address(const AccountParts& parts, std::string_view token,
                                     const Asker& asker) {
  const auto new_user = parts.new_id<PrincipalId>();
  const auto notice = parts.new_id<WishId>();
  return parts.store.write([&](store::Tx& tx) -> Result<VerifyOutcome> {
    const Opened at{tx, parts, asker, new_user, notice};
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto of_user, spend_one_time_token(tx, OneTimeUse::verify, token, now));
    if (of_user) return verify_user(at, *of_user);
    WRIT_TRY(const auto pending, spend_pending_registration(tx, token, now));
    if (pending) return finish_registration(at, *pending);
    return VerifyOutcome{};
  });
}

Result<ResetOutcome> reset_password(const AccountParts& parts, std::string_view token,
                                    std::string_view password, const Asker& asker) {
  WRIT_TRY(const auto owner, owner_of(parts, OneTimeUse::reset, token));
  WRIT_TRY(std::string reason,
           complaint_about_password(parts, password, owner ? owner->email : std::string()));
  if (!reason.empty() && owner) {
    return ResetOutcome{.outcome = Reset::bad_password, .reason = std::move(reason)};
  }
  WRIT_TRY(const std::string phc, parts.passwords.hash(password, asker.wait));
  const auto notice = parts.new_id<WishId>();
  return parts.store.write([&](store::Tx& tx) -> Result<ResetOutcome> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto spent, spend_one_time_token(tx, OneTimeUse::reset, token, now));
    if (!spent || !spent->user.may_have_password) return ResetOutcome{};
    WRIT_CHECK(set_password({tx, parts, asker, {}, notice}, spent->user, phc));
    return ResetOutcome{.outcome = Reset::done};
  });
}

}  // namespace writ::identity
