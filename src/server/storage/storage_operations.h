#pragma once
// The family `storage`: values by namespace and key. A scope says what a credential is good for;
// which namespaces its holder may read and write is access control's to say: permissions `read` and
// `write` on the object "storage/<namespace>".
#include <memory>
#include <vector>

#include "identity/journal.h"
#include "identity/rbac/access_control.h"
#include "server/api/operation.h"
#include "store/store.h"

namespace writ::server {

struct StorageServices {
  // Shared with the family `rbac`; the last of them ends it.
  std::shared_ptr<identity::AccessControl> access;
  // Borrowed, and outlive the bindings.
  store::Store& store;
  identity::Journal& journal;
};

std::vector<Binding> storage_operations(const StorageServices& services);

}  // namespace writ::server
