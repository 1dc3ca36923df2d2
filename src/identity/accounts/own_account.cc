#include "identity/accounts/own_account.h"

#include <utility>

#include "identity/accounts/email.h"
#include "identity/accounts/lockout.h"
#include "identity/accounts/mail_queue.h"
#include "identity/accounts/one_time_tokens.h"
#include "identity/accounts/registration.h"
#include "identity/accounts/settings.h"

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
Result<void> close_ranks(store::Tx& tx, const Owner& owner, std::string_view why,
                         const std::vector<Wish>& letters, const Deed& deed) {
  WRIT_CHECK(end_sessions_of(tx, owner.id, owner.session, why, deed));
  WRIT_CHECK(erase_one_time_tokens(tx, owner.id));
  for (const Wish& letter : letters) WRIT_CHECK(put_wish(tx, letter));
  return {};
}

SignInTry password_try(const Owner& owner) {
  return {.account = owner.session ? "session/" + owner.session->text() : "own/" + owner.id.text(),
          .counted = CountedFor::here};
}

// nullopt: it is right. Whether it has to wait is asked again: others may have failed while the
// hash was made.
Result<std::optional<OwnOutcome>> count(store::Tx& tx, const SignInTry& made, bool is_right) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto wait, must_wait_until(tx, made, now));
  if (wait) return OwnOutcome{.outcome = OwnChange::must_wait, .wait_until = *wait};
  if (is_right) {
    WRIT_CHECK(note_success(tx, made));
    return std::nullopt;
  }
  WRIT_CHECK(note_failure(tx, made, now));
  return OwnOutcome{.outcome = OwnChange::wrong_password};
}

struct Prepared {
  User proved = {};
  UserChange change = {};
  std::vector<Wish> letters = {};
};

Result<OwnOutcome> apply(store::Tx& tx, const Owner& owner, const Prepared& prepared,
                         const Deed& deed) {
  WRIT_TRY(const WallTime now, tx.now());
  OwnOutcome out{.outcome = OwnChange::done};
  WRIT_TRY(out.user, require_owner(tx, owner, prepared.proved, now));
  if (prepared.change.email) {
    WRIT_TRY(const auto other, find_user_by_email(tx, *prepared.change.email));
    if (other && other->id != owner.id) return OwnOutcome{.outcome = OwnChange::taken};
  }
  WRIT_TRY(out.user, change_user(tx, owner.id, prepared.change, deed));
  const std::string_view why = prepared.change.password ? "password_changed" : "email_changed";
  WRIT_CHECK(close_ranks(tx, owner, why, prepared.letters, deed));
  return out;
}

// Strict: nothing is changed, and nobody told whether the address is free.
Result<OwnOutcome> only_ask(store::Tx& tx, const Owner& owner, const Prepared& prepared) {
  WRIT_TRY(const WallTime now, tx.now());
  OwnOutcome out{.outcome = OwnChange::done};
  WRIT_TRY(out.user, require_owner(tx, owner, prepared.proved, now));
  for (const Wish& letter : prepared.letters) WRIT_CHECK(put_wish(tx, letter));
  return out;
}

Result<void> prepare_address(const AccountParts& parts, const Owner& owner, std::string_view typed,
                             Prepared& out) {
  WRIT_TRY(const std::string email, normalise_email(typed));
  if (email == out.proved.email) return {};
  WRIT_TRY(const AccountSettings settings,
           parts.store.read([](store::Tx& tx) { return read_settings(tx); }));
  Wish letter{.id = parts.new_id<WishId>()};
  if (settings.registration == Registration::strict) {
    letter.kind = LetterKind::new_address;
    letter.email = email;
    letter.user = owner.id;
    letter.session = owner.session;
  } else {
    out.change.email = email;
    letter.kind = LetterKind::email_changed;
    letter.email = out.proved.email;
  }
  out.letters.push_back(std::move(letter));
  return {};
}

Result<Prepared> prepare(const AccountParts& parts, const Owner& owner, User proved,
                         const OwnWish& wish, const Asker& asker) {
  Prepared out{.proved = std::move(proved)};
  if (wish.email) WRIT_CHECK(prepare_address(parts, owner, *wish.email, out));
  if (wish.password) {
    WRIT_TRY(out.change.password, parts.passwords.hash(*wish.password, asker.wait));
    out.letters.push_back({.id = parts.new_id<WishId>(),
                           .kind = LetterKind::password_changed,
                           .email = out.proved.email});
  }
  return out;
}

}  // namespace

Result<User> require_owner(store::Tx& tx, const Owner& owner, const std::optional<User>& proved,
                           WallTime now) {
  WRIT_TRY(User user, user_of(tx, owner.id));
  bool stands = user.is_active && (!proved || user.stamp == proved->stamp);
  if (stands && owner.session) {
    WRIT_TRY(const auto session, find_session(tx, *owner.session, now));
    stands = session.has_value();
  }
  if (!stands) return fail(Code::unauthenticated, "the credential is not valid");
  return user;
}

Result<PasswordDemand> demand_password(const AccountParts& parts, const Owner& owner,
                                       std::string_view password, const Asker& asker) {
  const SignInTry made = password_try(owner);
  PasswordDemand out;
  WRIT_TRY(const auto wait, parts.store.read([&](store::Tx& tx) -> Result<std::optional<WallTime>> {
    WRIT_TRY(out.user, user_of(tx, owner.id));
    WRIT_TRY(const WallTime now, tx.now());
    return must_wait_until(tx, made, now);
  }));
  if (wait) {
    out.refusal = OwnOutcome{.outcome = OwnChange::must_wait, .wait_until = *wait};
    return out;
  }
  std::optional<std::string_view> phc;
  if (!out.user.password.empty()) phc = out.user.password;
  WRIT_TRY(const auto verdict, parts.passwords.verify(password, phc, asker.wait));
  const bool is_right = verdict != crypto::PasswordVerdict::wrong;
  WRIT_TRY(out.refusal,
           parts.store.write([&](store::Tx& tx) { return count(tx, made, is_right); }));
  return out;
}

Result<OwnOutcome> change_own_account(const AccountParts& parts, const Owner& owner,
                                      const OwnWish& wish, const Asker& asker) {
  if (!wish.email && !wish.password) {
    WRIT_TRY(const User user, user_of(parts, owner.id));
    return OwnOutcome{.outcome = OwnChange::done, .user = user};
  }
  WRIT_TRY(auto demand, demand_password(parts, owner, wish.current_password, asker));
  if (demand.refusal) return *std::move(demand.refusal);
  if (wish.password) {
    WRIT_TRY(std::string reason,
             complaint_about_password(parts, *wish.password, demand.user.email));
    if (!reason.empty()) {
      return OwnOutcome{.outcome = OwnChange::bad_password, .reason = std::move(reason)};
    }
  }
  WRIT_TRY(const Prepared prepared, prepare(parts, owner, std::move(demand.user), wish, asker));
  const bool changes = prepared.change.email || prepared.change.password;
  return parts.store.write([&](store::Tx& tx) {
    return changes ? apply(tx, owner, prepared, deed_of(parts, owner, asker))
                   : only_ask(tx, owner, prepared);
  });
}

Result<EnrolOutcome> enrol_factor(const AccountParts& parts, const Owner& owner,
                                  std::string_view current_password, const Asker& asker) {
  WRIT_TRY(const auto demand, demand_password(parts, owner, current_password, asker));
  if (demand.refusal) {
    return EnrolOutcome{.outcome = demand.refusal->outcome,
                        .wait_until = demand.refusal->wait_until};
  }
  EnrolOutcome out{.outcome = OwnChange::done};
  WRIT_TRY(out.seed, make_factor_seed(parts.keks.front(), owner.id, demand.user.email));
  WRIT_CHECK(parts.store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_CHECK(require_owner(tx, owner, demand.user, now));
    return put_pending_factor(tx, owner.id, out.seed);
  }));
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
    OwnOutcome out{.outcome = OwnChange::done, .recovery_codes = recovery};
    WRIT_TRY(out.user, require_owner(tx, owner, {}, now));
    const Deed deed = deed_of(parts, owner, asker);
    WRIT_TRY(const bool is_right, confirm_factor(tx, parts.keks, owner.id, code, recovery, deed,
                                                 parts.time_of_phones()));
    if (!is_right) {
      WRIT_CHECK(note_failure(tx, made, now));
      return OwnOutcome{.outcome = OwnChange::bad_code};
    }
    notice.email = out.user.email;
    if (owner.session) WRIT_CHECK(note_authentication(tx, *owner.session, now, true));
    WRIT_CHECK(close_ranks(tx, owner, "second_factor_changed", {notice}, deed));
    return out;
  });
}

Result<OwnOutcome> remove_own_factor(const AccountParts& parts, const Owner& owner,
                                     std::string_view current_password, const Asker& asker) {
  WRIT_TRY(auto demand, demand_password(parts, owner, current_password, asker));
  if (demand.refusal) return *std::move(demand.refusal);
  const Wish notice{.id = parts.new_id<WishId>(),
                    .kind = LetterKind::second_factor_changed,
                    .email = demand.user.email};
  return parts.store.write([&](store::Tx& tx) -> Result<OwnOutcome> {
    WRIT_TRY(const WallTime now, tx.now());
    OwnOutcome out{.outcome = OwnChange::done};
    WRIT_TRY(out.user, require_owner(tx, owner, demand.user, now));
    const Deed deed = deed_of(parts, owner, asker);
    WRIT_TRY(const bool was_there, remove_factor(tx, owner.id, deed));
    if (!was_there) return fail(Code::not_found, "there is no second factor");
    if (owner.session) WRIT_CHECK(forget_second_factor(tx, *owner.session));
    WRIT_CHECK(close_ranks(tx, owner, "second_factor_changed", {notice}, deed));
    return out;
  });
}

}  // namespace writ::identity
