#include "cli/identity_room.h"

#include "cli/settings.h"
#include "cli/wiring.h"
#include "identity/accounts/account_secrets.h"

namespace writ::cli {

Result<IdentityRoom> open_identity_room(const CommandContext& context) {
  IdentityRoom out;
  WRIT_TRY(out.place, find_server_place(context));
  if (out.place.project != nullptr) return out;
  if (out.place.store_url.empty()) {
    return fail(Code::not_found, context.global.directory.string() + " is not set up for Writ",
                "Run `writ init` there, or name the store of the servers: --store, WRIT_STORE");
  }
  WRIT_TRY(out.bare, project::open_bare_store(means_of(context.wiring), out.place.store_url,
                                              out.place.directory));
  return out;
}

Result<identity::ServerSecrets> load_secrets(const CommandContext& context, IdentityRoom& room) {
  WRIT_TRY(const contract::Settings settings, load_settings(context, {}));
  return identity::load_account_secrets(room.store(), secrets_of(room.place, settings));
}

}  // namespace writ::cli
