#include "identity/principals.h"

#include "base/json.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kPrincipals{"identity_principals"};
constexpr store::Table kErased{"identity_principals_erased"};

// Sponsors of sponsors; nobody needs more, and a ring of them must end.
constexpr int kSponsorLinks = 8;

std::string key_of(PrincipalId id) { return store::Key().id(id).take(); }

std::string to_row(const Principal& principal) {
  Object row;
  row.append("kind", kPrincipalKinds.name(principal.kind));
  row.append("name", principal.name);
  row.append("active", principal.is_active);
  row.append("superuser", principal.is_superuser);
  row.append("epoch", principal.epoch);
  if (principal.sponsor) row.append("sponsor", principal.sponsor->text());
  row.append("created", principal.created_at.micros);
  return to_json(Value(std::move(row)));
}

Result<Principal> from_row(PrincipalId id, std::string_view row) {
  WRIT_TRY(const Value value, parse_json(row));
  const auto kind = kPrincipalKinds.parse(value.string_or("kind", ""));
  if (!kind) return fail(Code::tampered, "principal " + id.text() + " has no kind");
  Principal out;
  out.id = id;
  out.kind = *kind;
  out.name = value.string_or("name", "");
  out.is_active = value.bool_or("active", false);
  out.is_superuser = value.bool_or("superuser", false);
  out.epoch = static_cast<std::uint64_t>(value.integer_or("epoch", 0));
  if (const std::string_view sponsor = value.string_or("sponsor", ""); !sponsor.empty()) {
    WRIT_TRY(out.sponsor, PrincipalId::parse(sponsor));
  }
  out.created_at.micros = value.integer_or("created", 0);
  return out;
}

std::unexpected<Error> not_alive() {
  return fail(Code::unauthenticated, "the credential is not valid");
}

// The principal and whoever answers for it.
Result<void> check_line(store::Tx& tx, PrincipalId id) {
  PrincipalId at = id;
  for (int links = 0; links <= kSponsorLinks; ++links) {
    WRIT_TRY(const auto principal, find_principal(tx, at));
    if (!principal || !principal->is_active) return not_alive();
    if (!principal->sponsor) return {};
    at = *principal->sponsor;
  }
  return not_alive();
}

}  // namespace

Result<std::optional<Principal>> find_principal(store::Tx& tx, PrincipalId id) {
  WRIT_TRY(const auto row, tx.get(kPrincipals, key_of(id)));
  if (!row) return std::nullopt;
  WRIT_TRY(Principal principal, from_row(id, *row));
  return principal;
}

Result<void> put_principal(store::Tx& tx, const Principal& principal) {
  return tx.put(kPrincipals, key_of(principal.id), to_row(principal));
}

Result<void> erase_principal(store::Tx& tx, PrincipalId id) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_CHECK(tx.erase(kPrincipals, key_of(id)));
  return tx.put(kErased, key_of(id), std::to_string(now.micros));
}

Result<bool> was_erased(store::Tx& tx, PrincipalId id) {
  WRIT_TRY(const auto row, tx.get(kErased, key_of(id)));
  return row.has_value();
}

Result<std::vector<Principal>> list_principals(store::Tx& tx, std::optional<PrincipalKind> kind,
                                               std::optional<PrincipalId> after,
                                               std::size_t limit) {
  constexpr std::size_t kPage = 256;
  std::vector<Principal> out;
  std::string from = after ? key_of(*after) + '\0' : std::string();
  while (out.size() < limit) {
    WRIT_TRY(const auto rows, tx.scan(kPrincipals, {from, {}}, kPage));
    for (const store::Row& row : rows) {
      WRIT_TRY(const Uuid uuid, store::KeyReader(row.key).uuid());
      WRIT_TRY(Principal principal, from_row(PrincipalId{uuid}, row.value));
      if (kind && principal.kind != *kind) continue;
      out.push_back(std::move(principal));
      if (out.size() == limit) return out;
    }
    if (rows.size() < kPage) break;
    from = rows.back().key + '\0';
  }
  return out;
}

Result<void> check_alive(store::Tx& tx, const Caller& caller) {
  WRIT_CHECK(check_line(tx, caller.id));
  for (const PrincipalId actor : caller.actors) WRIT_CHECK(check_line(tx, actor));
  return {};
}

std::vector<store::Migration> principal_migrations() {
  return store::make_tables("identity_principals", "who there is", {kPrincipals, kErased});
}

}  // namespace writ::identity
