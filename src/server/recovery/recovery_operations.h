#pragma once
// The family `recovery`: backups of the identity side, going back to one as a whole or for one
// item, and the approvals of second administrators that this takes.
#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "identity/journal.h"
#include "identity/rbac/access_control.h"
#include "identity/recovery/backups.h"
#include "identity/server_secrets.h"
#include "server/api/operation.h"
#include "server/recovery/second_person.h"
#include "store/store.h"

namespace writ::server {

struct RecoveryServices {
  // Shared with whoever else works with them; the last of them ends them.
  std::shared_ptr<identity::AccessControl> access;
  std::shared_ptr<const identity::ServerSecrets> secrets;
  // Borrowed, and outlive the bindings.
  store::Store& store;
  identity::Journal& journal;
  const Clock& clock;
  Random& random;
  std::filesystem::path directory;  // of backups, while no other place is set
  SecondPerson second;
  // How long ago a person may have proved who it is, to change anything here.
  std::chrono::seconds step_up{300};

  identity::RecoveryParts parts() const {
    return {store, journal, clock, random, *secrets, directory};
  }
};

std::vector<Binding> recovery_operations(const RecoveryServices& services);

}  // namespace writ::server
