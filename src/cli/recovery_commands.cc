// writ identity backup, restore, rollback: what whoever has the machine may do alone.
#include <memory>
#include <string>

#include "base/random.h"
#include "cli/handlers.h"
#include "cli/identity_room.h"
#include "cli/report.h"
#include "cli/wiring.h"
#include "identity/rbac/access_control.h"
#include "identity/rbac/access_subject.h"
#include "identity/recovery/restore.h"
#include "identity/recovery/rollback.h"

namespace writ::cli {
namespace {

using identity::BackupId;
using identity::RecoveryParts;
using store::DryRun;

// What recovery works with, on this machine.
struct Desk {
  IdentityRoom room;
  identity::ServerSecrets secrets;
  SystemRandom random;
  std::unique_ptr<identity::Journal> journal;
  std::filesystem::path directory;
  const Clock* clock = nullptr;

  RecoveryParts parts() { return {room.store(), *journal, *clock, random, secrets, directory}; }
  identity::Deed deed() { return {.journal = *journal, .actor = "system"}; }
};

Result<std::unique_ptr<Desk>> open_desk(const CommandContext& context) {
  auto out = std::make_unique<Desk>();
  WRIT_TRY(out->room, open_identity_room(context));
  WRIT_TRY(out->secrets, load_secrets(context, out->room));
  out->directory = out->room.place.directory / "backups";
  out->clock = &context.wiring.clock;
  out->journal = std::make_unique<identity::Journal>(out->room.ledger(), out->room.source(),
                                                     *out->clock, out->random);
  return out;
}

Result<BackupId> backup_of(const CommandContext& context) {
  const std::string text = context.arguments.positional("BACKUP");
  const auto id = BackupId::parse(text);
  if (id) return *id;
  return fail(Code::usage, "`" + text + "` is no backup's id",
              "It is the name of a directory below `backups`, and `writ identity backup` says it");
}

DryRun dry_run_of(const CommandContext& context) {
  return context.arguments.has("--apply") ? DryRun::no : DryRun::yes;
}

std::string_view how_it_ended(bool is_applied) {
  return is_applied ? "done\n" : "nothing was changed; --apply does it\n";
}

std::string describe(const identity::RestoreReport& report) {
  std::string out;
  for (const identity::TableDifference& one : report.tables) {
    out += one.table + ": " + std::to_string(one.added) + " added, " + std::to_string(one.changed) +
           " changed, " + std::to_string(one.removed) + " removed\n";
  }
  for (const identity::UserDifference& one : report.users) {
    out.append(one.email).append(" ").append(identity::kUserFates.name(one.fate));
    for (const std::string& field : one.fields) out.append(" ").append(field);
    out += '\n';
  }
  if (report.is_cut) out += "and more\n";
  out += std::to_string(report.sessions) + " sessions end\n";
  if (report.snapshot) out += "what was there: backup " + report.snapshot->text() + '\n';
  return out.append(how_it_ended(report.is_applied));
}

std::string describe(const identity::RollbackReport& report) {
  std::string out;
  for (const std::string& field : report.fields) out += field + " changes\n";
  if (report.added + report.removed != 0) {
    out +=
        std::to_string(report.added) + " added, " + std::to_string(report.removed) + " removed\n";
  }
  return out.append(how_it_ended(report.is_applied));
}

}  // namespace

Result<int> identity_backup(const CommandContext& context) {
  WRIT_TRY(const auto desk, open_desk(context));
  WRIT_TRY(const auto made,
           identity::make_backup(desk->parts(), identity::BackupReason::asked, desk->deed()));
  WRIT_CHECK(desk->room.ledger().sequence());
  report(context, identity::to_value(made),
         made.id.text() + "\n" + std::to_string(made.rows_of("identity_users")) + " users, " +
             std::to_string(made.rows()) + " rows, read back\n");
  return 0;
}

Result<int> identity_restore(const CommandContext& context) {
  WRIT_TRY(const BackupId id, backup_of(context));
  WRIT_TRY(const auto desk, open_desk(context));
  WRIT_TRY(const auto done,
           identity::restore(desk->parts(), id, dry_run_of(context), desk->deed()));
  WRIT_CHECK(desk->room.ledger().sequence());
  report(context, identity::to_value(done), describe(done));
  return 0;
}

Result<int> identity_rollback(const CommandContext& context) {
  identity::RollbackAsked asked;
  WRIT_TRY(asked.backup, backup_of(context));
  const std::string word = context.arguments.positional("ITEM");
  const auto item = identity::kRollbackItems.parse(word);
  if (!item) return fail(Code::usage, "`" + word + "` is neither `user` nor `access`");
  asked.item = *item;
  asked.id = context.arguments.positional("ID");
  WRIT_TRY(const auto desk, open_desk(context));
  WRIT_TRY(const auto access, identity::AccessControl::open(
                                  {desk->room.store(), *desk->journal, desk->random, {}, {}}));
  WRIT_TRY(const auto done, identity::roll_back(desk->parts(), access.get(), asked,
                                                dry_run_of(context), desk->deed()));
  WRIT_CHECK(desk->room.ledger().sequence());
  report(context, identity::to_value(done), describe(done));
  return 0;
}

}  // namespace writ::cli
