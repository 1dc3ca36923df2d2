#include "identity/graph/key_rotation.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "store/key.h"

namespace writ::identity {
namespace {

constexpr std::size_t kMostRotations = 100'000;

std::string key_of(const std::string& old_key) { return store::Key().text(old_key).take(); }

std::string to_row(const KeyRotation& rotation) {
  return to_json(Value(Object{{"new", rotation.new_key},
                              {"principal", rotation.principal.text()},
                              {"started", rotation.started_at.micros},
                              {"disuse", rotation.disuse.count()}}));
}

Result<KeyRotation> from_row(const store::Row& row) {
  KeyRotation out;
  WRIT_TRY(out.old_key, store::KeyReader(row.key).text());
  WRIT_TRY(const Value value, parse_json(row.value));
  out.new_key = value.string_or("new", "");
  WRIT_TRY(out.principal, PrincipalId::parse(value.string_or("principal", "")));
  out.started_at.micros = value.integer_or("started", 0);
  out.disuse = std::chrono::seconds(value.integer_or("disuse", 0));
  return out;
}

// When the old key was last of use; nullopt: it must not retire, since nobody uses the new one.
std::optional<WallTime> unused_since(const KeyRotation& rotation, const ApiKey& old_key,
                                     const ApiKey& successor) {
  if (!successor.last_used_at) return std::nullopt;
  return std::max(old_key.last_used_at.value_or(rotation.started_at), rotation.started_at);
}

Result<void> retire(store::Tx& tx, const KeyRotation& rotation, WallTime since, const Deed& deed) {
  WRIT_CHECK(revoke_api_key(tx, rotation.principal, rotation.old_key, deed));
  return deed.tell(tx, "writ.apikey.retired", "api_key/" + rotation.old_key,
                   Object{{"successor", rotation.new_key}, {"unused_since", to_rfc3339(since)}});
}

// Whether the rotation is over; `retired` counts.
Result<bool> settle(store::Tx& tx, const KeyRotation& rotation, WallTime now, const Deed& deed,
                    std::size_t& retired) {
  WRIT_TRY(const auto old_key, find_key_of(tx, rotation.principal, rotation.old_key));
  WRIT_TRY(const auto successor, find_key_of(tx, rotation.principal, rotation.new_key));
  // One of them was revoked meanwhile: the other one stands.
  if (!old_key || !successor) return true;
  const auto since = unused_since(rotation, *old_key, *successor);
  if (!since) return false;
  const auto disused = std::chrono::microseconds(now.micros - since->micros);
  if (disused < rotation.disuse) return false;
  WRIT_CHECK(retire(tx, rotation, *since, deed));
  ++retired;
  return true;
}

}  // namespace

Result<std::optional<ApiKey>> find_key_of(store::Tx& tx, PrincipalId principal,
                                          const std::string& id) {
  WRIT_TRY(auto keys, list_api_keys(tx, principal));
  for (ApiKey& key : keys) {
    if (key.id == id) return std::optional(std::move(key));
  }
  return std::nullopt;
}

Result<ApiKey> rotate_key(store::Tx& tx, const KeyRotation& rotation, ApiKey successor,
                          const Deed& deed) {
  if (rotation.disuse < kShortestDisuse) {
    return fail(Code::invalid_input, "a key retires after two minutes of disuse at the soonest",
                "Give a longer time");
  }
  WRIT_TRY(const auto old_key, find_key_of(tx, rotation.principal, rotation.old_key));
  if (!old_key) {
    return fail(Code::not_found, "there is no key " + rotation.old_key, "List the keys");
  }
  WRIT_TRY(const auto under_way, tx.get(kRotations, key_of(rotation.old_key)));
  if (under_way) {
    return fail(Code::conflict, "the key " + rotation.old_key + " has a successor already",
                "Use that one, or revoke one of the two");
  }
  WRIT_TRY(const auto rotations, list_rotations(tx, kMostRotations));
  for (const KeyRotation& one : rotations) {
    if (one.new_key != rotation.old_key) continue;
    return fail(
        Code::conflict,
        "the key " + rotation.old_key + " succeeds " + one.old_key + ", which is still used",
        "Wait until that has retired, or revoke it");
  }
  KeyRotation made = rotation;
  WRIT_TRY(made.started_at, tx.now());
  made.new_key = successor.id;
  successor.principal = old_key->principal;
  successor.purpose = old_key->purpose;
  successor.scopes = old_key->scopes;
  successor.created_at = made.started_at;
  // As long a life as the old one was given.
  if (old_key->expires_at) {
    successor.expires_at =
        WallTime{made.started_at.micros + old_key->expires_at->micros - old_key->created_at.micros};
  }
  WRIT_CHECK(put_api_key(tx, successor, deed));
  WRIT_CHECK(tx.put(kRotations, key_of(made.old_key), to_row(made)));
  WRIT_CHECK(deed.tell(tx, "writ.apikey.rotated", "api_key/" + made.old_key,
                       Object{{"successor", made.new_key}, {"disuse_s", made.disuse.count()}}));
  return successor;
}

Result<std::vector<KeyRotation>> list_rotations(store::Tx& tx, std::size_t limit) {
  WRIT_TRY(const auto rows, tx.scan(kRotations, {}, limit));
  std::vector<KeyRotation> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(KeyRotation one, from_row(row));
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::size_t> retire_unused_keys(store::Tx& tx, WallTime now, const Deed& deed) {
  WRIT_TRY(const auto rotations, list_rotations(tx, kMostRotations));
  std::size_t retired = 0;
  for (const KeyRotation& rotation : rotations) {
    WRIT_TRY(const bool is_over, settle(tx, rotation, now, deed, retired));
    if (is_over) WRIT_CHECK(tx.erase(kRotations, key_of(rotation.old_key)));
  }
  return retired;
}

}  // namespace writ::identity
