#include "identity/federation/linked_identities.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "identity/accounts/users.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kIdentities{"identity_linked"};       // issuer, subject → row
constexpr store::Table kIdentitiesOf{"identity_linked_of"};  // user, id → key of the row
constexpr store::Table kUnlinked{"identity_unlinked"};       // id → nothing

std::string key_of(std::string_view issuer, std::string_view subject) {
  return store::Key().text(issuer).text(subject).take();
}
std::string key_of(PrincipalId user, LinkedIdentityId id) {
  return store::Key().id(user).id(id).take();
}

std::string to_row(const LinkedIdentity& identity) {
  return to_json(Object{{"id", identity.id.text()},
                        {"user", identity.user.text()},
                        {"provider", identity.provider},
                        {"linked", identity.linked_at.micros},
                        {"used", identity.used_at.micros}});
}

Result<LinkedIdentity> from_row(std::string_view key, std::string_view text) {
  WRIT_TRY(const Value row, parse_json(text));
  store::KeyReader reader(key);
  LinkedIdentity out;
  WRIT_TRY(out.issuer, reader.text());
  WRIT_TRY(out.subject, reader.text());
  WRIT_TRY(out.id, LinkedIdentityId::parse(row.string_or("id", "")));
  WRIT_TRY(out.user, PrincipalId::parse(row.string_or("user", "")));
  out.provider = row.string_or("provider", "");
  out.linked_at.micros = row.integer_or("linked", 0);
  out.used_at.micros = row.integer_or("used", 0);
  return out;
}

Result<std::optional<LinkedIdentity>> read(store::Tx& tx, std::string_view key) {
  WRIT_TRY(const auto row, tx.get(kIdentities, key));
  if (!row) return std::nullopt;
  WRIT_TRY(LinkedIdentity identity, from_row(key, *row));
  return identity;
}

// Ids and names alone: who somebody is elsewhere is their own affair.
Result<void> tell(store::Tx& tx, std::string_view type, const LinkedIdentity& identity,
                  const Deed& deed) {
  return deed.tell(tx, type, user_subject(identity.user),
                   Object{{"identity", identity.id.text()}, {"provider", identity.provider}});
}

Result<void> unlink(store::Tx& tx, const LinkedIdentity& identity, const Deed& deed) {
  WRIT_CHECK(tx.erase(kIdentities, key_of(identity.issuer, identity.subject)));
  WRIT_CHECK(tx.erase(kIdentitiesOf, key_of(identity.user, identity.id)));
  WRIT_CHECK(tx.put(kUnlinked, store::Key().id(identity.id).bytes(), ""));
  return tell(tx, "writ.user.unlinked", identity, deed);
}

}  // namespace

Result<std::optional<LinkedIdentity>> find_identity(store::Tx& tx, std::string_view issuer,
                                                    std::string_view subject) {
  return read(tx, key_of(issuer, subject));
}

Result<std::vector<LinkedIdentity>> list_identities(store::Tx& tx, PrincipalId user) {
  WRIT_TRY(const auto rows,
           tx.scan(kIdentitiesOf, store::Key().id(user).under(), kMaxLinkedIdentities));
  std::vector<LinkedIdentity> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(auto identity, read(tx, row.value));
    if (identity) out.push_back(*std::move(identity));
  }
  return out;
}

Result<std::vector<LinkedIdentity>> list_identities_at(store::Tx& tx, std::string_view issuer,
                                                       std::size_t limit) {
  WRIT_TRY(const auto rows, tx.scan(kIdentities, store::Key().text(issuer).under(), limit));
  std::vector<LinkedIdentity> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(LinkedIdentity one, from_row(row.key, row.value));
    out.push_back(std::move(one));
  }
  return out;
}

Result<void> link_identity(store::Tx& tx, const LinkedIdentity& identity, const Deed& deed) {
  WRIT_TRY(const auto others, list_identities(tx, identity.user));
  if (others.size() >= kMaxLinkedIdentities) {
    return fail(Code::conflict, "the account has too many identities", "Unlink one");
  }
  const std::string key = key_of(identity.issuer, identity.subject);
  WRIT_TRY(const bool is_free, tx.insert(kIdentities, key, to_row(identity)));
  if (!is_free) return fail(Code::conflict, "this identity signs in to an account already");
  WRIT_CHECK(tx.put(kIdentitiesOf, key_of(identity.user, identity.id), key));
  return tell(tx, "writ.user.linked", identity, deed);
}

Result<void> note_identity_use(store::Tx& tx, LinkedIdentity identity, WallTime now) {
  identity.used_at = now;
  return tx.put(kIdentities, key_of(identity.issuer, identity.subject), to_row(identity));
}

Result<bool> unlink_identity(store::Tx& tx, PrincipalId user, LinkedIdentityId id,
                             const Deed& deed) {
  WRIT_TRY(const auto all, list_identities(tx, user));
  const auto found = std::ranges::find(all, id, &LinkedIdentity::id);
  if (found == all.end()) return false;
  WRIT_CHECK(unlink(tx, *found, deed));
  return true;
}

Result<void> unlink_identities_of(store::Tx& tx, PrincipalId user, const Deed& deed) {
  WRIT_TRY(const auto all, list_identities(tx, user));
  for (const LinkedIdentity& identity : all) WRIT_CHECK(unlink(tx, identity, deed));
  return {};
}

std::vector<store::Migration> linked_identity_migrations() {
  return store::make_tables("identity_linked", "who people are at providers",
                            {kIdentities, kIdentitiesOf, kUnlinked});
}

}  // namespace writ::identity
