#pragma once
// The family `iam`: service accounts, AI agents, AI providers, and what depends on what among them.
#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "identity/journal.h"
#include "identity/rbac/access_control.h"
#include "server/api/operation.h"
#include "store/store.h"

namespace writ::server {

// The first seals credentials of providers; shared with whoever has them. Null, or none:
// credentials are refused.
using SealingKeys = std::shared_ptr<const std::vector<crypto::KeyEncryptionKey>>;

struct IamServices {
  // Shared with the family `rbac`; the last of them ends it.
  std::shared_ptr<identity::AccessControl> access;
  // Borrowed, and outlive the bindings.
  store::Store& store;
  identity::Journal& journal;
  const Clock& clock;
  Random& random;
  SealingKeys keks = {};
};

std::vector<Binding> iam_operations(const IamServices& services);

// Parts of them.
std::vector<Binding> machine_operations(const IamServices& services);
std::vector<Binding> provider_operations(const IamServices& services);
std::vector<Binding> graph_operations(const IamServices& services);
std::vector<Binding> key_operations(const IamServices& services);

// Retires keys that have a successor and are not used any more; how many. Blocking; to be called
// once a minute or so, by any number of servers.
Result<std::size_t> retire_keys(const IamServices& services);

}  // namespace writ::server
