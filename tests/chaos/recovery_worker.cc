// A server's part in a restore: opens what a directory holds (a store, secrets, backups) and
// restores a backup. Prints "restored", or what went wrong.
//
//   recovery_worker DIRECTORY BACKUP [STORE]
#include <cstdio>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "identity/recovery/restore.h"
#include "ledger/ledger.h"
#include "store/open.h"

namespace {

using namespace writ;

Result<void> run(const std::filesystem::path& directory, const std::string& backup,
                 const std::string& url) {
  const SystemClock clock;
  SystemRandom random;
  WRIT_TRY(const auto id, identity::BackupId::parse(backup));
  WRIT_TRY(const auto store, store::open(url));
  WRIT_TRY(const auto log, ledger::Ledger::open(*store, clock, random, {.origin = "chaos"}));
  identity::Journal journal(*log, "writ:project/chaos", clock, random);
  WRIT_TRY(const auto secrets,
           identity::load_server_secrets(directory / "secrets.json", identity::IfMissing::fail));
  const identity::RecoveryParts parts{*store, journal, clock,
                                      random, secrets, directory / "backups"};
  const identity::Deed deed{.journal = journal, .actor = "system"};
  WRIT_CHECK(identity::restore(parts, id, store::DryRun::no, deed));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) return 2;
  const std::string own = "sqlite:" + std::string(argv[1]) + "/writ.db";
  const auto done = run(argv[1], argv[2], argc == 4 ? argv[3] : own);
  std::printf("%s\n", done ? "restored" : done.error().text().c_str());
  return done ? 0 : 1;
}
