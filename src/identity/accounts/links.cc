#include "identity/accounts/links.h"

#include <optional>
#include <utility>

#include "identity/accounts/email.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/registration.h"
#include "identity/accounts/sessions.h"

namespace writ::identity {
namespace {

Result<std::optional<User>> owner_of(const AccountParts& parts, OneTimeUse use,
                                     std::string_view token) {
  return parts.store.read([&](store::Tx& tx) -> Result<std::optional<User>> {
    WRIT_TRY(const WallTime now, tx.now());
    return find_one_time_token(tx, use, token, now);
  });
}

}  // namespace

Result<void> ask_for_letter(const AccountParts& parts, LetterKind kind, std::string_view email) {
  Wish wish{.id = parts.new_id<WishId>(), .kind = kind};
  WRIT_TRY(wish.email, normalise_email(email));
  return parts.store.write([&](store::Tx& tx) { return put_wish(tx, wish); });
}

Result<VerifyOutcome> verify_address(const AccountParts& parts, std::string_view token,
                                     const Asker& asker) {
  return parts.store.write([&](store::Tx& tx) -> Result<VerifyOutcome> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto user, spend_one_time_token(tx, OneTimeUse::verify, token, now));
    if (!user) return VerifyOutcome{};
    if (user->is_verified) return VerifyOutcome{.outcome = Verified::already};
    const Deed deed = parts.deed("principal:" + user->id.text(), asker.trace);
    VerifyOutcome out{.outcome = Verified::done};
    WRIT_TRY(out.user, change_user(tx, user->id, {.is_verified = true}, deed));
    return out;
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
    WRIT_TRY(const auto user, spend_one_time_token(tx, OneTimeUse::reset, token, now));
    if (!user) return ResetOutcome{};
    const Deed deed = parts.deed("principal:" + user->id.text(), asker.trace);
    WRIT_CHECK(change_user(tx, user->id, {.password = phc}, deed));
    WRIT_CHECK(end_sessions_of(tx, user->id, {}, "password_reset", deed));
    WRIT_CHECK(
        put_wish(tx, {.id = notice, .kind = LetterKind::password_changed, .email = user->email}));
    return ResetOutcome{.outcome = Reset::done};
  });
}

}  // namespace writ::identity
