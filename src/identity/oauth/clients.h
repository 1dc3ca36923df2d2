#pragma once
// Programs that ask for tokens: service accounts and agents, by their id and one of their API keys
// (the `client_id` and `client_secret` of OAuth). Whoever fails waits, as at a sign-in; strangers
// elsewhere never make a client wait.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/api_keys.h"
#include "identity/caller.h"
#include "identity/oauth/standing.h"

namespace writ::identity {

struct ClientProof {
  std::string id = {};      // of a service account or an agent
  std::string secret = {};  // the text of one of its keys
};

struct Client {
  PrincipalId id = {};
  std::uint64_t epoch = 0;
  ApiKey key = {};
  std::vector<std::string> scopes = {};  // of the key, sorted
};

struct ClientCheck {
  std::optional<Client> client = {};        // nothing: refused, and nobody is told why
  std::optional<WallTime> wait_until = {};  // the try was not made
};

// Errors: those of the store.
Result<ClientCheck> check_client(const AccountParts& parts, const ClientProof& proof,
                                 const Asker& asker, const ScopeRules& rules);

}  // namespace writ::identity
