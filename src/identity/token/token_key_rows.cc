#include "identity/token/token_key_rows.h"

#include <algorithm>

#include "base/json.h"
#include "identity/token/token_keys.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kKeys{"identity_token_keys"};
// Ids that were taken back, and when: what a restored backup must not bring to life again.
constexpr store::Table kRevoked{"identity_token_keys_revoked"};
// More are never there: rotation erases.
constexpr std::size_t kMaxRows = 1000;

crypto::SealedPlace place_of(const std::string& id) { return {id, "token_signing_key", 1}; }

std::string to_row(const TokenKeyRow& row) {
  return to_json(Object{{"algorithm", crypto::kJwsAlgorithms.name(row.algorithm)},
                        {"public", row.public_key},
                        {"secret", row.sealed},
                        {"signs_from", row.signs_from.micros},
                        {"signs_until", row.signs_until.micros},
                        {"published_until", row.published_until.micros}});
}

Result<TokenKeyRow> from_row(const store::Row& stored) {
  WRIT_TRY(const Value value, parse_json(stored.value));
  const auto algorithm = crypto::kJwsAlgorithms.parse(value.string_or("algorithm", ""));
  const Value* const public_key = value.find("public");
  if (!algorithm || public_key == nullptr) {
    return fail(Code::tampered, "the token key " + stored.key + " cannot be read",
                "Restore the store from a backup, or take the key back");
  }
  return TokenKeyRow{stored.key,
                     *algorithm,
                     *public_key,
                     std::string(value.string_or("secret", "")),
                     {value.integer_or("signs_from", 0)},
                     {value.integer_or("signs_until", 0)},
                     {value.integer_or("published_until", 0)}};
}

}  // namespace

Result<TokenKeyRow> make_token_key(crypto::JwsAlgorithm algorithm,
                                   const crypto::KeyEncryptionKey& kek) {
  const crypto::JwsKey key = crypto::JwsKey::generate(algorithm);
  TokenKeyRow row;
  row.id = key.public_key().key_id();
  row.algorithm = algorithm;
  row.public_key = key.public_key().to_value();
  WRIT_TRY(row.sealed, crypto::seal(kek, key.secret(), place_of(row.id)));
  return row;
}

Result<crypto::JwsKey> open_token_key(const TokenKeyRow& row,
                                      const std::vector<crypto::KeyEncryptionKey>& keks) {
  WRIT_TRY(const crypto::SecretBytes secret,
           crypto::open_sealed(keks, row.sealed, place_of(row.id)));
  WRIT_TRY(crypto::JwsKey key, crypto::JwsKey::from_secret(row.algorithm, secret.view()));
  if (key.public_key().key_id() != row.id) {
    return fail(Code::tampered, "the token key " + row.id + " is another than its id says",
                "Restore the store from a backup, or take the key back");
  }
  return key;
}

Result<bool> reseal_token_key(TokenKeyRow& row, const std::vector<crypto::KeyEncryptionKey>& keks) {
  if (row.sealed.empty()) return false;
  WRIT_TRY(const std::string id, crypto::kek_id_of(row.sealed));
  if (id == keks.front().id) return false;
  WRIT_TRY(row.sealed, crypto::reseal(keks, keks.front(), row.sealed, place_of(row.id)));
  return true;
}

Result<std::vector<TokenKeyRow>> list_token_keys(store::Tx& tx) {
  WRIT_TRY(const std::vector<store::Row> rows, tx.scan(kKeys, {}, kMaxRows));
  std::vector<TokenKeyRow> out;
  for (const store::Row& stored : rows) {
    WRIT_TRY(const auto revoked, tx.get(kRevoked, stored.key));
    if (revoked) continue;
    WRIT_TRY(TokenKeyRow row, from_row(stored));
    out.push_back(std::move(row));
  }
  std::ranges::stable_sort(out, {}, &TokenKeyRow::signs_from);
  return out;
}

Result<void> put_token_key(store::Tx& tx, const TokenKeyRow& row) {
  return tx.put(kKeys, row.id, to_row(row));
}

Result<void> erase_token_key(store::Tx& tx, const std::string& id) {
  WRIT_CHECK(tx.erase(kKeys, id));
  return {};
}

Result<void> revoke_token_key(store::Tx& tx, const std::string& id, WallTime now) {
  WRIT_CHECK(erase_token_key(tx, id));
  return tx.put(kRevoked, id, to_rfc3339(now));
}

std::vector<store::Migration> token_key_migrations() {
  return store::make_tables("identity_token_keys", "keys that tokens are signed with",
                            {kKeys, kRevoked});
}

}  // namespace writ::identity
