#include "identity/accounts/api_keys.h"

#include <string_view>
#include <utility>

#include "base/json.h"
#include "identity/api_key.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kKeys{"identity_api_keys"};       // id → row
constexpr store::Table kKeysOf{"identity_api_keys_of"};  // principal, created, id
// id → when: what a restored backup must not bring to life again.
constexpr store::Table kRevoked{"identity_api_keys_revoked"};

std::string key_of(std::string_view id) { return store::Key().text(id).take(); }
std::string key_of(const ApiKey& key) {
  return store::Key()
      .id(key.principal)
      .number(static_cast<std::uint64_t>(key.created_at.micros))
      .text(key.id)
      .take();
}

std::string to_row(const ApiKey& key) {
  Array scopes;
  for (const std::string& scope : key.scopes) scopes.emplace_back(scope);
  Object row;
  row.append("environment", key.environment);
  row.append("principal", key.principal.text());
  row.append("sponsor", key.sponsor.text());
  row.append("purpose", key.purpose);
  row.append("scopes", std::move(scopes));
  row.append("created", key.created_at.micros);
  if (key.expires_at) row.append("expires", key.expires_at->micros);
  if (key.last_used_at) row.append("used", key.last_used_at->micros);
  row.append("stored", key.stored.hex());
  return to_json(Value(std::move(row)));
}

std::optional<WallTime> time_at(const Value& value, std::string_view member) {
  const Value* at = value.find(member);
  if (at == nullptr || !at->is_integer()) return std::nullopt;
  return WallTime{at->as_integer()};
}

Result<ApiKey> from_row(std::string_view id, std::string_view row) {
  WRIT_TRY(const Value value, parse_json(row));
  ApiKey out;
  out.id = id;
  out.environment = value.string_or("environment", "");
  WRIT_TRY(out.principal, PrincipalId::parse(value.string_or("principal", "")));
  WRIT_TRY(out.sponsor, PrincipalId::parse(value.string_or("sponsor", "")));
  out.purpose = value.string_or("purpose", "");
  if (const Value* scopes = value.find("scopes"); scopes != nullptr && scopes->is_array()) {
    for (const Value& scope : scopes->as_array()) out.scopes.push_back(scope.as_string());
  }
  out.created_at.micros = value.integer_or("created", 0);
  out.expires_at = time_at(value, "expires");
  out.last_used_at = time_at(value, "used");
  WRIT_TRY(out.stored, crypto::Digest::parse_hex(value.string_or("stored", "")));
  return out;
}

Result<std::optional<ApiKey>> read(store::Tx& tx, std::string_view id) {
  WRIT_TRY(const auto row, tx.get(kKeys, key_of(id)));
  if (!row) return std::nullopt;
  WRIT_TRY(ApiKey key, from_row(id, *row));
  return key;
}

Object payload_of(const ApiKey& key) {
  Object out;
  out.append("principal", key.principal.text());
  out.append("purpose", key.purpose);
  out.append("sponsor", key.sponsor.text());
  return out;
}

}  // namespace

Result<void> put_api_key(store::Tx& tx, const ApiKey& key, const Deed& deed) {
  WRIT_TRY(const auto others, list_api_keys(tx, key.principal));
  if (others.size() >= kMaxApiKeys) {
    return fail(Code::conflict, "there are as many API keys as one principal may have",
                "Revoke one that is not used");
  }
  WRIT_CHECK(tx.put(kKeys, key_of(key.id), to_row(key)));
  WRIT_CHECK(tx.put(kKeysOf, key_of(key), ""));
  return deed.tell(tx, "writ.apikey.created", "api_key/" + key.id, payload_of(key));
}

Result<std::optional<ApiKey>> find_api_key(store::Tx& tx, std::string_view text, WallTime now) {
  const auto parts = parse_api_key(text);
  if (!parts) return std::nullopt;
  WRIT_TRY(auto key, read(tx, parts->id));
  if (!key || key->environment != parts->environment || !is_api_key(text, key->stored)) {
    return std::nullopt;
  }
  if (key->expires_at && now >= *key->expires_at) return std::nullopt;
  return key;
}

Result<std::optional<ApiKey>> find_api_key_by_id(store::Tx& tx, std::string_view id, WallTime now) {
  WRIT_TRY(auto key, read(tx, id));
  if (!key || (key->expires_at && now >= *key->expires_at)) return std::nullopt;
  return key;
}

Result<std::vector<ApiKey>> list_api_keys(store::Tx& tx, PrincipalId principal) {
  WRIT_TRY(const auto rows, tx.scan(kKeysOf, store::Key().id(principal).under(), kMaxApiKeys));
  std::vector<ApiKey> out;
  for (const store::Row& row : rows) {
    store::KeyReader reader(row.key);
    WRIT_CHECK(reader.uuid());
    WRIT_CHECK(reader.number());
    WRIT_TRY(const std::string id, reader.text());
    WRIT_TRY(auto key, read(tx, id));
    if (key) out.push_back(*std::move(key));
  }
  return out;
}

Result<bool> revoke_api_key(store::Tx& tx, PrincipalId principal, const std::string& id,
                            const Deed& deed) {
  WRIT_TRY(const auto key, read(tx, id));
  if (!key || key->principal != principal) return false;
  WRIT_CHECK(tx.erase(kKeys, key_of(id)));
  WRIT_CHECK(tx.erase(kKeysOf, key_of(*key)));
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_CHECK(tx.put(kRevoked, key_of(id), std::to_string(now.micros)));
  WRIT_CHECK(deed.tell(tx, "writ.apikey.revoked", "api_key/" + id, payload_of(*key)));
  return true;
}

Result<void> revoke_api_keys_of(store::Tx& tx, PrincipalId principal, const Deed& deed) {
  WRIT_TRY(const auto keys, list_api_keys(tx, principal));
  for (const ApiKey& key : keys) WRIT_CHECK(revoke_api_key(tx, principal, key.id, deed));
  return {};
}

bool is_use_due(const ApiKey& key, WallTime now) {
  return !key.last_used_at ||
         now.micros - key.last_used_at->micros >= std::chrono::microseconds(kUseStep).count();
}

Result<void> note_use(store::Tx& tx, const std::string& id, WallTime now) {
  WRIT_TRY(auto key, read(tx, id));
  if (!key) return {};
  key->last_used_at = now;
  return tx.put(kKeys, key_of(id), to_row(*key));
}

std::vector<store::Migration> api_key_migrations() {
  std::vector<store::Migration> out =
      store::make_tables("identity_api_keys", "API keys by their ids", {kKeys, kKeysOf});
  out.push_back({.module = "identity_api_keys",
                 .version = 2,
                 .summary = "ids of keys that were revoked",
                 .creates = {kRevoked},
                 .up = {},
                 .down = [](store::Tx&) -> Result<void> { return {}; }});
  return out;
}

}  // namespace writ::identity
