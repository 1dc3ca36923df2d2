#include "identity/accounts/own_account.h"

#include <utility>

#include "identity/accounts/email.h"
#include "identity/accounts/lockout.h"
#include "identity/accounts/mail_queue.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/registration.h"

namespace writ::identity {
namespace {

Deed deed_of(const AccountParts& parts, const Owner& owner, const Asker& asker) {
  return parts.deed("principal:" + owner.id.text(), asker.trace);
}

Result<User> user_of(store::Tx& tx, PrincipalId id) {
  WRIT_TRY(auto user, find_user(tx, id));
  if (!user) return fail(Code::not_found, "there is no such user");
  return *std::move(user);
}

Result<User> user_of(const AccountParts& parts, PrincipalId id) {
  return parts.store.read([&](store::Tx& tx) { return user_of(tx, id); });
}

// Others are signed out, links that were sent are void, the owner is told.
Result<void> close_ranks(store::Tx& tx, const Owner& owner, std::string_view why, const Wish& wish,
                         const Deed& deed) {
  WRIT_CHECK(end_sessions_of(tx, owner.id, owner.session, why, deed));
  WRIT_CHECK(erase_one_time_tokens(tx, owner.id));
  return put_wish(tx, wish);
}

SignInTry password_try(const Owner& owner) {
  return {.account = owner.session ? "session/" + owner.session->text() : "own/" + owner.id.text(),
          .counted = CountedFor::here};
}

struct Prepared {
  UserChange change = {};
  std::string former_email = {};
  Wish notice = {};
};

Result<OwnOutcome> apply(store::Tx& tx, const Owner& owner, const Prepared& prepared,
                         const Deed& deed) {
  if (prepared.change.email) {
    WRIT_TRY(const auto other, find_user_by_email(tx, *prepared.change.email));
    if (other && other->id != owner.id) return OwnOutcome{.outcome = OwnChange::taken};
  }
  OwnOutcome out{.outcome = OwnChange::done};
  WRIT_TRY(out.user, change_user(tx, owner.id, prepared.change, deed));
  const std::string_view why = prepared.change.password ? "password_changed" : "email_changed";
  WRIT_CHECK(close_ranks(tx, owner, why, prepared.notice, deed));
  return out;
}

Result<Prepared> prepare(const AccountParts& parts, const User& user, const OwnWish& wish,
                         const Asker& asker) {
  Prepared out{
      .former_email = user.email,
      .notice = {.id = parts.new_id<WishId>(),
                 .kind = wish.password ? LetterKind::password_changed : LetterKind::email_changed,
                 .email = user.email}};
  if (wish.email) {
    WRIT_TRY(out.change.email, normalise_email(*wish.email));
  }
  if (wish.password) {
    WRIT_TRY(out.change.password, parts.passwords.hash(*wish.password, asker.wait));
  }
  return out;
}

}  // namespace

Result<std::optional<OwnOutcome>> demand_password(const AccountParts& parts, const Owner& owner,
                                                  std::string_view password, const Asker& asker) {
  const SignInTry made = password_try(owner);
  User user;
  WRIT_TRY(const auto wait, parts.store.read([&](store::Tx& tx) -> Result<std::optional<WallTime>> {
    WRIT_TRY(user, user_of(tx, owner.id));
    WRIT_TRY(const WallTime now, tx.now());
    return must_wait_until(tx, made, now);
  }));
  if (wait) return OwnOutcome{.outcome = OwnChange::must_wait, .wait_until = *wait};
  std::optional<std::string_view> phc;
  if (!user.password.empty()) phc = user.password;
  WRIT_TRY(const auto verdict, parts.passwords.verify(password, phc, asker.wait));
  const bool is_right = verdict != crypto::PasswordVerdict::wrong;
  return parts.store.write([&](store::Tx& tx) -> Result<std::optional<OwnOutcome>> {
    WRIT_TRY(const WallTime now, tx.now());
    // Asked again: others may have failed while the hash was made.
    WRIT_TRY(const auto until, must_wait_until(tx, made, now));
    if (until) return OwnOutcome{.outcome = OwnChange::must_wait, .wait_until = *until};
    if (is_right) {
      WRIT_CHECK(note_success(tx, made));
      return std::nullopt;
    }
    WRIT_CHECK(note_failure(tx, made, now));
    return OwnOutcome{.outcome = OwnChange::wrong_password};
  });
}

Result<OwnOutcome> change_own_account(const AccountParts& parts, const Owner& owner,
                                      const OwnWish& wish, const Asker& asker) {
  WRIT_TRY(const User user, user_of(parts, owner.id));
  if (!wish.email && !wish.password) {
    return OwnOutcome{.outcome = OwnChange::done, .user = user};
  }
  WRIT_TRY(auto refusal, demand_password(parts, owner, wish.current_password, asker));
  if (refusal) return *std::move(refusal);
  if (wish.password) {
    WRIT_TRY(std::string reason, complaint_about_password(parts, *wish.password, user.email));
    if (!reason.empty()) {
      return OwnOutcome{.outcome = OwnChange::bad_password, .reason = std::move(reason)};
    }
  }
  WRIT_TRY(const Prepared prepared, prepare(parts, user, wish, asker));
  return parts.store.write(
      [&](store::Tx& tx) { return apply(tx, owner, prepared, deed_of(parts, owner, asker)); });
}

Result<EnrolOutcome> enrol_factor(const AccountParts& parts, const Owner& owner,
                                  std::string_view current_password, const Asker& asker) {
  WRIT_TRY(const auto refusal, demand_password(parts, owner, current_password, asker));
  if (refusal) {
    return EnrolOutcome{.outcome = refusal->outcome, .wait_until = refusal->wait_until};
  }
  WRIT_TRY(const User user, user_of(parts, owner.id));
  EnrolOutcome out{.outcome = OwnChange::done};
  WRIT_TRY(out.seed, make_factor_seed(parts.keks.front(), owner.id, user.email));
  WRIT_CHECK(
      parts.store.write([&](store::Tx& tx) { return put_pending_factor(tx, owner.id, out.seed); }));
  return out;
}

Result<OwnOutcome> confirm_own_factor(const AccountParts& parts, const Owner& owner,
                                      std::string_view code, const Asker& asker) {
  const std::vector<std::string> recovery = make_recovery_codes();
  Wish notice{.id = parts.new_id<WishId>(), .kind = LetterKind::second_factor_changed};
  const SignInTry made{.account = "factor/" + owner.id.text(), .network = asker.network};
  return parts.store.write([&](store::Tx& tx) -> Result<OwnOutcome> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto wait, must_wait_until(tx, made, now));
    if (wait) return OwnOutcome{.outcome = OwnChange::must_wait, .wait_until = *wait};
    const Deed deed = deed_of(parts, owner, asker);
    WRIT_TRY(const bool is_right, confirm_factor(tx, parts.keks, owner.id, code, recovery, deed));
    if (!is_right) {
      WRIT_CHECK(note_failure(tx, made, now));
      return OwnOutcome{.outcome = OwnChange::bad_code};
    }
    OwnOutcome out{.outcome = OwnChange::done, .recovery_codes = recovery};
    WRIT_TRY(out.user, user_of(tx, owner.id));
    notice.email = out.user.email;
    if (owner.session) WRIT_CHECK(note_authentication(tx, *owner.session, now, true));
    WRIT_CHECK(close_ranks(tx, owner, "second_factor_changed", notice, deed));
    return out;
  });
}

Result<OwnOutcome> remove_own_factor(const AccountParts& parts, const Owner& owner,
                                     std::string_view current_password, const Asker& asker) {
  WRIT_TRY(auto refusal, demand_password(parts, owner, current_password, asker));
  if (refusal) return *std::move(refusal);
  Wish notice{.id = parts.new_id<WishId>(), .kind = LetterKind::second_factor_changed};
  return parts.store.write([&](store::Tx& tx) -> Result<OwnOutcome> {
    const Deed deed = deed_of(parts, owner, asker);
    WRIT_TRY(const bool was_there, remove_factor(tx, owner.id, deed));
    if (!was_there) return fail(Code::not_found, "there is no second factor");
    OwnOutcome out{.outcome = OwnChange::done};
    WRIT_TRY(out.user, user_of(tx, owner.id));
    notice.email = out.user.email;
    WRIT_CHECK(close_ranks(tx, owner, "second_factor_changed", notice, deed));
    return out;
  });
}

}  // namespace writ::identity
