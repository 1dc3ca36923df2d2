#include "identity/accounts/users.h"

#include <utility>

#include "base/json.h"
#include "identity/principals.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kUsers{"identity_users"};
constexpr store::Table kEmails{"identity_user_emails"};
// Active superusers alone, so that the last of them is known to be the last.
constexpr store::Table kAdministrators{"identity_administrators"};

std::string key_of(PrincipalId id) { return store::Key().id(id).take(); }
std::string key_of(std::string_view email) { return store::Key().text(email).take(); }

std::string to_row(const User& user) {
  Object row;
  row.append("email", user.email);
  row.append("verified", user.is_verified);
  row.append("password", user.password);
  row.append("stamp", user.stamp);
  if (!user.may_have_password) row.append("may_have_password", false);
  if (!user.off_by.empty()) row.append("off_by", user.off_by);
  return to_json(Value(std::move(row)));
}

Result<User> from_row(const Principal& principal, std::string_view row) {
  WRIT_TRY(const Value value, parse_json(row));
  User out;
  out.id = principal.id;
  out.is_active = principal.is_active;
  out.is_superuser = principal.is_superuser;
  out.created_at = principal.created_at;
  out.email = value.string_or("email", "");
  out.is_verified = value.bool_or("verified", false);
  out.password = value.string_or("password", "");
  out.stamp = static_cast<std::uint64_t>(value.integer_or("stamp", 0));
  out.may_have_password = value.bool_or("may_have_password", true);
  out.off_by = value.string_or("off_by", "");
  return out;
}

Result<std::optional<User>> user_of(store::Tx& tx, const Principal& principal) {
  WRIT_TRY(const auto row, tx.get(kUsers, key_of(principal.id)));
  if (!row) return std::nullopt;
  WRIT_TRY(User user, from_row(principal, *row));
  return user;
}

Result<void> claim_email(store::Tx& tx, const std::string& email, PrincipalId id) {
  WRIT_TRY(const bool is_free, tx.insert(kEmails, key_of(email), key_of(id)));
  if (!is_free) return fail(Code::conflict, "this e-mail address has an account");
  return {};
}

// Keeps the table of administrators true. Errors: conflict (it would be empty).
Result<void> note_administrator(store::Tx& tx, PrincipalId id, bool may_administer) {
  if (may_administer) return tx.put(kAdministrators, key_of(id), "");
  WRIT_TRY(const bool was_one, tx.erase(kAdministrators, key_of(id)));
  WRIT_TRY(const bool is_one_left, has_administrator(tx));
  if (was_one && !is_one_left) {
    return fail(Code::conflict, "nobody would be left to administer the server",
                "Make another active user a superuser first");
  }
  return {};
}

// Names of what changed; never the values.
Object payload_of(const UserChange& change) {
  Array fields;
  if (change.email) fields.emplace_back("email");
  if (change.is_active) fields.emplace_back("is_active");
  if (change.is_superuser) fields.emplace_back("is_superuser");
  if (change.is_verified) fields.emplace_back("is_verified");
  if (change.may_have_password) fields.emplace_back("may_have_password");
  if (change.password) fields.emplace_back("password");
  Object out;
  out.append("fields", std::move(fields));
  if (change.is_active) out.append("is_active", *change.is_active);
  if (change.is_superuser) out.append("is_superuser", *change.is_superuser);
  return out;
}

Result<void> apply_change(store::Tx& tx, User& user, const UserChange& change) {
  if (change.email && *change.email != user.email) {
    WRIT_CHECK(claim_email(tx, *change.email, user.id));
    WRIT_CHECK(tx.erase(kEmails, key_of(user.email)));
    user.email = *change.email;
    user.is_verified = false;
    ++user.stamp;
  }
  if (change.may_have_password) {
    user.may_have_password = *change.may_have_password;
    if (!user.may_have_password) user.password.clear();
    ++user.stamp;
  }
  if (change.password) {
    if (!change.password->empty() && !user.may_have_password) {
      return fail(Code::conflict, "this account signs in without a password");
    }
    user.password = *change.password;
    ++user.stamp;
  }
  if (change.is_active) {
    user.is_active = *change.is_active;
    user.off_by = change.off_by;
  }
  if (change.is_superuser) user.is_superuser = *change.is_superuser;
  if (change.is_verified) user.is_verified = *change.is_verified;
  return {};
}

Result<void> put_user(store::Tx& tx, const User& user, const std::optional<Principal>& before) {
  Principal principal = before.value_or(Principal{});
  if (before && before->is_active && !user.is_active) ++principal.epoch;
  principal.id = user.id;
  principal.kind = PrincipalKind::user;
  principal.name = user.email;
  principal.is_active = user.is_active;
  principal.is_superuser = user.is_superuser;
  principal.created_at = user.created_at;
  WRIT_CHECK(put_principal(tx, principal));
  WRIT_CHECK(note_administrator(tx, user.id, user.is_active && user.is_superuser));
  return tx.put(kUsers, key_of(user.id), to_row(user));
}

std::unexpected<Error> no_such_user() { return fail(Code::not_found, "there is no such user"); }

}  // namespace

std::string user_subject(PrincipalId id) { return "user/" + id.text(); }

Result<std::optional<User>> find_user(store::Tx& tx, PrincipalId id) {
  WRIT_TRY(const auto principal, find_principal(tx, id));
  if (!principal || principal->kind != PrincipalKind::user) return std::nullopt;
  return user_of(tx, *principal);
}

Result<std::optional<User>> find_user_by_email(store::Tx& tx, std::string_view email) {
  WRIT_TRY(const auto at, tx.get(kEmails, key_of(email)));
  // An address that nobody has costs the same look-ups: the nil id, which is nobody's.
  PrincipalId id;
  if (at) {
    WRIT_TRY(id.uuid, store::KeyReader(*at).uuid());
  }
  WRIT_TRY(const auto principal, find_principal(tx, id));
  WRIT_TRY(const auto row, tx.get(kUsers, key_of(id)));
  if (!principal || !row) return std::nullopt;
  WRIT_TRY(User user, from_row(*principal, *row));
  return user;
}

Result<std::vector<User>> list_users(store::Tx& tx, std::optional<PrincipalId> after,
                                     std::size_t limit) {
  WRIT_TRY(const auto principals, list_principals(tx, PrincipalKind::user, after, limit));
  std::vector<User> out;
  out.reserve(principals.size());
  for (const Principal& principal : principals) {
    WRIT_TRY(auto user, user_of(tx, principal));
    if (user) out.push_back(*std::move(user));
  }
  return out;
}

Result<User> create_user(store::Tx& tx, const NewUser& made, const Deed& deed) {
  WRIT_CHECK(claim_email(tx, made.email, made.id));
  User user;
  user.id = made.id;
  user.email = made.email;
  user.password = made.password;
  user.is_superuser = made.is_superuser;
  user.is_verified = made.is_verified;
  user.may_have_password = made.may_have_password;
  WRIT_TRY(user.created_at, tx.now());
  WRIT_CHECK(put_user(tx, user, std::nullopt));
  Object payload;
  payload.append("is_superuser", user.is_superuser);
  WRIT_CHECK(deed.tell(tx, "writ.user.created", user_subject(user.id), std::move(payload)));
  return user;
}

Result<User> change_user(store::Tx& tx, PrincipalId id, const UserChange& change,
                         const Deed& deed) {
  WRIT_TRY(const auto principal, find_principal(tx, id));
  WRIT_TRY(auto user, find_user(tx, id));
  if (!user) return no_such_user();
  WRIT_CHECK(apply_change(tx, *user, change));
  WRIT_CHECK(put_user(tx, *user, principal));
  WRIT_CHECK(deed.tell(tx, "writ.user.changed", user_subject(id), payload_of(change)));
  return *std::move(user);
}

Result<void> rehash_password(store::Tx& tx, PrincipalId id, const std::string& from,
                             const std::string& to) {
  WRIT_TRY(auto user, find_user(tx, id));
  if (!user || user->password != from) return {};  // changed meanwhile: the change stands
  user->password = to;
  return tx.put(kUsers, key_of(id), to_row(*user));
}

Result<void> erase_user(store::Tx& tx, PrincipalId id, const Deed& deed) {
  WRIT_TRY(const auto user, find_user(tx, id));
  if (!user) return no_such_user();
  WRIT_CHECK(note_administrator(tx, id, false));
  WRIT_CHECK(tx.erase(kEmails, key_of(user->email)));
  WRIT_CHECK(tx.erase(kUsers, key_of(id)));
  WRIT_CHECK(erase_principal(tx, id));
  return deed.tell(tx, "writ.user.deleted", user_subject(id));
}

Result<bool> has_administrator(store::Tx& tx) {
  WRIT_TRY(const auto rows, tx.scan(kAdministrators, {}, 1));
  return !rows.empty();
}

std::vector<store::Migration> user_migrations() {
  return store::make_tables("identity_users", "people with an account",
                            {kUsers, kEmails, kAdministrators});
}

}  // namespace writ::identity
