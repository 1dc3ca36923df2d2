// writ identity: what has to be done on the machine itself, because nobody could be asked yet.
#include <istream>
#include <string>

#include "base/random.h"
#include "cli/handlers.h"
#include "cli/identity_room.h"
#include "cli/report.h"
#include "cli/wiring.h"
#include "crypto/secret_bytes.h"
#include "identity/accounts/pooled_passwords.h"
#include "identity/accounts/registration.h"

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

Result<identity::User> bootstrap(const CommandContext& context, IdentityRoom& room,
                                 std::string_view password) {
  WRIT_TRY(auto secrets, load_secrets(context, room));
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
  WRIT_TRY(IdentityRoom room, open_identity_room(context));
  WRIT_TRY(std::string password, read_password(context));
  const crypto::WipeOnExit wiped(password);
  WRIT_TRY(const identity::User user, bootstrap(context, room, password));
  WRIT_CHECK(room.ledger().sequence());
  report(context, Object{{"id", user.id.text()}, {"email", user.email}, {"is_superuser", true}},
         user.email + " administers this server\n");
  return 0;
}

}  // namespace writ::cli
