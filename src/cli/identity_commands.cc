// writ identity: what has to be done on the machine itself, because nobody could be asked yet.
#include <istream>
#include <string>

#include "base/random.h"
#include "cli/handlers.h"
#include "cli/report.h"
#include "cli/server_place.h"
#include "cli/settings.h"
#include "cli/wiring.h"
#include "crypto/secret_bytes.h"
#include "identity/accounts/account_secrets.h"
#include "identity/accounts/pooled_passwords.h"
#include "identity/accounts/registration.h"
#include "project/bare_store.h"

namespace writ::cli {
namespace {

constexpr std::size_t kMaxPassword = 4096;

// From standard input, one line: arguments are seen by everybody on the machine.
Result<std::string> read_password(const CommandContext& context) {
  std::string password;
  std::getline(context.wiring.in, password);
  if (password.empty() || password.size() > kMaxPassword) {
    return fail(Code::usage, "the password is expected on standard input, as one line",
                "writ identity bootstrap-admin EMAIL < FILE");
  }
  return password;
}

// Where the first administrator belongs: in a project, or in a store without one.
struct Room {
  ServerPlace place;
  project::BareStore bare;  // used where there is no project

  store::Store& store() { return place.project ? place.project->store() : *bare.store; }
  ledger::Ledger& ledger() { return place.project ? place.project->ledger() : *bare.ledger; }
  std::string source() const { return place.project ? place.project->source() : bare.source; }
};

Result<Room> open_room(const CommandContext& context) {
  Room out;
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

Result<identity::User> bootstrap(const CommandContext& context, Room& room,
                                 std::string_view password) {
  WRIT_TRY(const contract::Settings settings, load_settings(context, {}));
  WRIT_TRY(auto secrets,
           identity::load_account_secrets(room.store(), secrets_of(room.place, settings)));
  WRIT_TRY(const auto hasher, crypto::PasswordHasher::create({}, std::move(secrets.peppers)));
  identity::PasswordPool pool(hasher, {.threads = 1});
  identity::PooledPasswords passwords(pool);
  SystemRandom random;
  identity::Journal journal(room.ledger(), room.source(), context.wiring.clock, random);
  return identity::bootstrap_administrator(
      {room.store(), journal, context.wiring.clock, random, passwords, secrets.keks},
      context.arguments.positional("EMAIL"), password);
}

}  // namespace

Result<int> identity_bootstrap_admin(const CommandContext& context) {
  WRIT_TRY(Room room, open_room(context));
  WRIT_TRY(std::string password, read_password(context));
  const crypto::WipeOnExit wiped(password);
  WRIT_TRY(const identity::User user, bootstrap(context, room, password));
  WRIT_CHECK(room.ledger().sequence());
  report(context, Object{{"id", user.id.text()}, {"email", user.email}, {"is_superuser", true}},
         user.email + " administers this server\n");
  return 0;
}

}  // namespace writ::cli
