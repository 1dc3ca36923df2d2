#pragma once
// A room with accounts (identity/testing/account_room.h), every table of the identity side, and a
// place for backups.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "identity/identity_migrations.h"
#include "identity/recovery/backups.h"
#include "identity/recovery/restore.h"
#include "identity/testing/account_room.h"
#include "store/testing/temporary_directory.h"

namespace writ::identity {

class RecoveryRoom : public AccountRoom {
 public:
  explicit RecoveryRoom(const std::string& url = "memory:") : AccountRoom(url) {
    const auto done = store->migrate(identity_migrations(), store::DryRun::no);
    EXPECT_TRUE(done) << done.error().text();
    secrets = secrets_named("test", 'k');
  }

  static ServerSecrets secrets_named(const std::string& id, char fill) {
    ServerSecrets out;
    out.keks.push_back(
        crypto::make_kek(id, crypto::SecretBytes::copy_of(std::string(32, fill))).value());
    return out;
  }
  RecoveryParts parts() { return {*store, *journal, clock, random, secrets, place()}; }
  std::filesystem::path place() const { return directory.path() / "backups"; }

  Manifest back_up() {
    auto made = make_backup(parts(), BackupReason::asked, deed());
    EXPECT_TRUE(made) << made.error().text();
    clock.pass(std::chrono::seconds(1));  // ids of backups go with time
    return made ? *std::move(made) : Manifest{};
  }
  RestoreReport put_back(BackupId id, store::DryRun dry_run = store::DryRun::no) {
    auto done = restore(parts(), id, dry_run, deed());
    EXPECT_TRUE(done) << done.error().text();
    return done ? *std::move(done) : RestoreReport{};
  }
  // "ok", or why not.
  std::string refusal(BackupId id, store::DryRun dry_run = store::DryRun::no) {
    const auto done = restore(parts(), id, dry_run, deed());
    return done ? "ok" : done.error().message;
  }

  ServerSecrets secrets;
  const store::TemporaryDirectory directory;
};

}  // namespace writ::identity
