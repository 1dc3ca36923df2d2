// Keys of service accounts and agents. A key's text is shown once, when it is made.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "crypto/secret_bytes.h"
#include "identity/accounts/api_keys.h"
#include "identity/api_key.h"
#include "identity/graph/key_rotation.h"
#include "identity/graph/machines.h"
#include "server/api/answers.h"
#include "server/iam/iam_parts.h"

namespace writ::server {
namespace {

using identity::ApiKey;
using identity::Machine;
using identity::PrincipalId;
using identity::PrincipalKind;

constexpr std::string_view kEnvironment = "live";

Value to_value(const ApiKey& key) {
  Array scopes;
  for (const std::string& scope : key.scopes) scopes.emplace_back(scope);
  Object out{{"id", key.id},
             {"prefix", identity::api_key_prefix(key.environment, key.id)},
             {"purpose", key.purpose},
             {"scopes", std::move(scopes)},
             {"sponsor", key.sponsor.text()},
             {"created_at", to_rfc3339(key.created_at)}};
  if (key.expires_at) out.append("expires_at", to_rfc3339(*key.expires_at));
  if (key.last_used_at) out.append("last_used_at", to_rfc3339(*key.last_used_at));
  return out;
}

Result<Machine> need(store::Tx& tx, PrincipalId id, PrincipalKind kind) {
  WRIT_TRY(auto found, identity::find_machine(tx, id, kind));
  if (found) return *std::move(found);
  const bool is_agent = kind == PrincipalKind::ai_agent;
  return fail(Code::not_found,
              std::string("there is no ") + (is_agent ? "agent " : "service account ") + id.text(),
              "Check the id");
}

// Nobody gives away more than it has.
Result<void> expect_scope(const Call& call, const std::string& scope) {
  if (call.who().has_scope(scope)) return {};
  return fail(Code::not_permitted, "you do not have the scope " + scope,
              "Ask for scopes that you have");
}

Result<std::vector<std::string>> scopes_of(const Call& call) {
  std::vector<std::string> out;
  for (const Value& scope : call.body.find("scopes")->as_array()) {
    WRIT_CHECK(expect_scope(call, scope.as_string()));
    out.push_back(scope.as_string());
  }
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
  return out;
}

Result<net::Answer> create(const IamServices& services, const Call& call, PrincipalKind kind) {
  WRIT_TRY(const PrincipalId id, id_in<PrincipalId>(call));
  identity::NewApiKey fresh = identity::make_api_key(kEnvironment);
  const crypto::WipeOnExit wiped(fresh.text);
  ApiKey key;
  key.id = fresh.id;
  key.environment = kEnvironment;
  key.principal = id;
  key.purpose = call.body.string_or("purpose", "");
  key.stored = fresh.stored;
  WRIT_TRY(key.scopes, scopes_of(call));
  if (const std::string_view expires = call.body.string_or("expires_at", ""); !expires.empty()) {
    WRIT_TRY(key.expires_at, parse_rfc3339(expires));
  }
  WRIT_TRY(const ApiKey made, services.store.write([&](store::Tx& tx) -> Result<ApiKey> {
    ApiKey row = key;
    WRIT_TRY(const Machine account, need(tx, id, kind));
    row.sponsor = account.sponsor;
    WRIT_TRY(row.created_at, tx.now());
    WRIT_CHECK(identity::put_api_key(tx, row, deed_of(services, call)));
    return row;
  }));
  Value out = to_value(made);
  out.as_object().append("key", fresh.text);
  return json(201, out);
}

Result<net::Answer> list(const IamServices& services, const Call& call, PrincipalKind kind) {
  WRIT_TRY(const PrincipalId id, id_in<PrincipalId>(call));
  WRIT_TRY(const auto keys, services.store.read([&](store::Tx& tx) -> Result<std::vector<ApiKey>> {
    WRIT_CHECK(need(tx, id, kind));
    return identity::list_api_keys(tx, id);
  }));
  Array items;
  for (const ApiKey& key : keys) items.push_back(to_value(key));
  return json(200, Object{{"items", std::move(items)}});
}

Result<net::Answer> revoke(const IamServices& services, const Call& call, PrincipalKind kind) {
  WRIT_TRY(const PrincipalId id, id_in<PrincipalId>(call));
  const std::string& key = call.text("key_id");
  WRIT_TRY(const bool was_there, services.store.write([&](store::Tx& tx) -> Result<bool> {
    WRIT_CHECK(need(tx, id, kind));
    return identity::revoke_api_key(tx, id, key, deed_of(services, call));
  }));
  if (!was_there) return fail(Code::not_found, "there is no key " + key, "List the keys");
  return no_content();
}

Result<net::Answer> rotate(const IamServices& services, const Call& call, PrincipalKind kind) {
  WRIT_TRY(const PrincipalId id, id_in<PrincipalId>(call));
  identity::NewApiKey fresh = identity::make_api_key(kEnvironment);
  const crypto::WipeOnExit wiped(fresh.text);
  identity::KeyRotation rotation;
  rotation.old_key = call.text("credential_id");
  rotation.principal = id;
  rotation.disuse = std::chrono::seconds(call.body.integer_or("disuse_seconds", 3600));
  WRIT_TRY(const ApiKey made, services.store.write([&](store::Tx& tx) -> Result<ApiKey> {
    WRIT_TRY(const Machine account, need(tx, id, kind));
    ApiKey successor;
    successor.id = fresh.id;
    successor.environment = kEnvironment;
    successor.sponsor = account.sponsor;
    successor.stored = fresh.stored;
    WRIT_TRY(ApiKey row,
             identity::rotate_key(tx, rotation, std::move(successor), deed_of(services, call)));
    // It has what the old one had, and its text is in the answer.
    for (const std::string& scope : row.scopes) WRIT_CHECK(expect_scope(call, scope));
    return row;
  }));
  Value out = to_value(made);
  out.as_object().append("key", fresh.text);
  out.as_object().append("replaces", rotation.old_key);
  out.as_object().append("disuse_seconds", rotation.disuse.count());
  return json(201, out);
}

}  // namespace

Result<std::size_t> retire_keys(const IamServices& services) {
  // Most of the time there is nothing to write.
  WRIT_TRY(const auto open,
           services.store.read([](store::Tx& tx) { return identity::list_rotations(tx, 1); }));
  if (open.empty()) return 0;
  return services.store.write([&](store::Tx& tx) -> Result<std::size_t> {
    WRIT_TRY(const WallTime now, tx.now());
    return identity::retire_unused_keys(tx, now, {services.journal, "system"});
  });
}

std::vector<Binding> key_operations(const IamServices& services) {
  using Function = Result<net::Answer> (*)(const IamServices&, const Call&, PrincipalKind);
  const auto bound = [&](Function function, PrincipalKind kind) {
    return for_administrators(services,
                              [function, kind](const IamServices& with, const Call& call) {
                                return function(with, call, kind);
                              });
  };
  constexpr PrincipalKind kAccount = PrincipalKind::service_account;
  constexpr PrincipalKind kAgent = PrincipalKind::ai_agent;
  return {{"createServiceAccountKey", bound(create, kAccount)},
          {"listServiceAccountKeys", bound(list, kAccount)},
          {"revokeServiceAccountKey", bound(revoke, kAccount)},
          {"rotateServiceAccountKey", bound(rotate, kAccount)},
          {"createAiAgentKey", bound(create, kAgent)},
          {"listAiAgentKeys", bound(list, kAgent)},
          {"revokeAiAgentKey", bound(revoke, kAgent)},
          {"rotateAiAgentKey", bound(rotate, kAgent)}};
}

}  // namespace writ::server
