// writ identity: what has to be done on the machine itself, because nobody could be asked yet.
#include <istream>
#include <string>

#include "base/random.h"
#include "cli/handlers.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/wiring.h"
#include "crypto/secret_bytes.h"
#include "identity/accounts/account_migrations.h"
#include "identity/accounts/pooled_passwords.h"
#include "identity/accounts/registration.h"
#include "identity/principals.h"
#include "identity/server_secrets.h"

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

Result<identity::User> bootstrap(const CommandContext& context, Project& project,
                                 std::string_view password) {
  store::Store& store = project.store();
  std::vector<store::Migration> migrations = identity::principal_migrations();
  for (store::Migration& one : identity::account_migrations()) {
    migrations.push_back(std::move(one));
  }
  WRIT_CHECK(store.migrate(migrations, store::DryRun::no));
  WRIT_TRY(auto secrets,
           identity::load_server_secrets(project.paths().writ() / "identity" / "secrets.json"));
  WRIT_TRY(const auto hasher, crypto::PasswordHasher::create({}, std::move(secrets.peppers)));
  identity::PasswordPool pool(hasher, {.threads = 1});
  identity::PooledPasswords passwords(pool);
  SystemRandom random;
  identity::Journal journal(project.ledger(), project.source(), context.wiring.clock, random);
  return identity::bootstrap_administrator(
      {store, journal, context.wiring.clock, random, passwords, secrets.keks},
      context.arguments.positional("EMAIL"), password);
}

}  // namespace

Result<int> identity_bootstrap_admin(const CommandContext& context) {
  WRIT_TRY(const auto project, open_project(context));
  WRIT_TRY(std::string password, read_password(context));
  const crypto::WipeOnExit wiped(password);
  WRIT_TRY(const identity::User user, bootstrap(context, *project, password));
  WRIT_CHECK(project->ledger().sequence());
  report(context, Object{{"id", user.id.text()}, {"email", user.email}, {"is_superuser", true}},
         user.email + " administers this server\n");
  return 0;
}

}  // namespace writ::cli
