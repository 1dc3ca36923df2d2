#pragma once
// Private to identity/token: signing keys as rows of the store.
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/jose/jws.h"
#include "crypto/seal.h"
#include "store/store.h"

namespace writ::identity {

// "Not decided yet": later than every time that is.
inline constexpr WallTime kNever{INT64_MAX};

struct TokenKeyRow {
  std::string id;
  crypto::JwsAlgorithm algorithm = crypto::JwsAlgorithm::es256;
  Value public_key;
  std::string sealed;  // empty: erased
  WallTime signs_from;
  WallTime signs_until = kNever;
  WallTime published_until = kNever;
};

// A new key, sealed for its place. Errors: those of crypto::seal.
Result<TokenKeyRow> make_token_key(crypto::JwsAlgorithm algorithm,
                                   const crypto::KeyEncryptionKey& kek);
// Errors: not_found (the KEK), tampered, invalid_input.
Result<crypto::JwsKey> open_token_key(const TokenKeyRow& row,
                                      const std::vector<crypto::KeyEncryptionKey>& keks);
// The same row sealed under `keks.front()`; false: it was. Errors: those of open_token_key.
Result<bool> reseal_token_key(TokenKeyRow& row, const std::vector<crypto::KeyEncryptionKey>& keks);

// Oldest first, without those that were taken back. Errors: tampered (a row that is none).
Result<std::vector<TokenKeyRow>> list_token_keys(store::Tx& tx);
Result<void> put_token_key(store::Tx& tx, const TokenKeyRow& row);
Result<void> erase_token_key(store::Tx& tx, const std::string& id);
// For good: a row of that id, wherever it comes from, is not listed any more.
Result<void> revoke_token_key(store::Tx& tx, const std::string& id, WallTime now);

}  // namespace writ::identity
