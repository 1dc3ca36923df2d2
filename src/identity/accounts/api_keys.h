#pragma once
// API keys of principals: rows beside the texts of identity/api_key.h. A key says whose it is, who
// answers for it, what it is for and what it may be used for; none of that is ever hidden from who
// reads the events of what was done with it.
//
// All functions belong to the thread of their transaction.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/value.h"
#include "crypto/digest.h"
#include "identity/accounts/deed.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

inline constexpr std::size_t kMaxApiKeys = 100;  // of one principal
// `last_used_at` is written no more often.
inline constexpr std::chrono::seconds kUseStep{60};

struct ApiKey {
  std::string id = {};  // 16 characters; no secret
  std::string environment = {};
  PrincipalId principal = {};  // who acts with it
  PrincipalId sponsor = {};    // the person who made it and answers for it
  std::string purpose = {};
  std::vector<std::string> scopes = {};  // sorted; empty: all that the principal may
  WallTime created_at = {};
  std::optional<WallTime> expires_at = {};
  std::optional<WallTime> last_used_at = {};
  crypto::Digest stored = {};

  bool operator==(const ApiKey&) const = default;
};

// Errors: conflict (the principal has kMaxApiKeys).
Result<void> put_api_key(store::Tx& tx, const ApiKey& key, const Deed& deed);
// The key of that text, unless it has expired; nullopt: not good, for whatever reason. Whether its
// principal may act is check_alive's to say.
Result<std::optional<ApiKey>> find_api_key(store::Tx& tx, std::string_view text, WallTime now);
// The key of that id, unless it has expired; nullopt: it does not count.
Result<std::optional<ApiKey>> find_api_key_by_id(store::Tx& tx, std::string_view id, WallTime now);
// Oldest first, expired ones too.
Result<std::vector<ApiKey>> list_api_keys(store::Tx& tx, PrincipalId principal);
// False: the principal has no such key.
Result<bool> revoke_api_key(store::Tx& tx, PrincipalId principal, const std::string& id,
                            const Deed& deed);
Result<void> revoke_api_keys_of(store::Tx& tx, PrincipalId principal, const Deed& deed);

bool is_use_due(const ApiKey& key, WallTime now);
Result<void> note_use(store::Tx& tx, const std::string& id, WallTime now);

std::vector<store::Migration> api_key_migrations();

}  // namespace writ::identity
