#pragma once
// Where the people of a server are, for what is done on the machine itself: the store of a project,
// or one without.
#include <memory>
#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "cli/server_place.h"
#include "identity/server_secrets.h"
#include "ledger/ledger.h"
#include "project/bare_store.h"
#include "store/store.h"

namespace writ::cli {

struct IdentityRoom {
  ServerPlace place;
  project::BareStore bare;  // used where there is no project

  store::Store& store() { return place.project ? place.project->store() : *bare.store; }
  ledger::Ledger& ledger() { return place.project ? place.project->ledger() : *bare.ledger; }
  std::string source() const { return place.project ? place.project->source() : bare.source; }
};

// Errors: not_found (neither a project nor a store that was named), those of the store.
Result<IdentityRoom> open_identity_room(const CommandContext& context);

// The server's own. Errors: those of load_account_secrets.
Result<identity::ServerSecrets> load_secrets(const CommandContext& context, IdentityRoom& room);

}  // namespace writ::cli
