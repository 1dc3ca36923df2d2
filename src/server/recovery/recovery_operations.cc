#include "server/recovery/recovery_operations.h"

#include <string>
#include <utility>

#include "identity/recovery/recovery_rows.h"
#include "identity/recovery/restore.h"
#include "identity/recovery/rollback.h"
#include "server/api/answers.h"
#include "server/rbac/administrators.h"

namespace writ::server {
namespace {

using identity::BackupId;
using identity::Manifest;
using store::DryRun;

identity::Deed deed_of(const RecoveryServices& services, const Call& call) {
  return {.journal = services.journal,
          .actor = call.who().event_actor(),
          .correlation = std::string(call.trace)};
}

Result<void> step_up(const RecoveryServices& services, const Call& call, std::string_view what) {
  return require_step_up(call.who(), services.clock.wall(), services.step_up, what);
}

// Without the names of files, which are nobody's business.
Value backup_value(const Manifest& manifest) {
  Value out = identity::to_value(manifest);
  out.as_object().erase("format");
  for (Value& table : out.as_object().find("tables")->as_array()) {
    table.as_object().erase("parts");
  }
  return out;
}

Result<net::Answer> back_up(const RecoveryServices& services, const Call& call) {
  WRIT_CHECK(require_administrator(call.who()));
  WRIT_TRY(const Manifest made,
           identity::make_backup(services.parts(), identity::BackupReason::asked,
                                 deed_of(services, call)));
  return json(201, backup_value(made));
}

Result<net::Answer> list(const RecoveryServices& services, const Call&) {
  WRIT_TRY(const auto all, identity::list_backups(services.parts()));
  Array items;
  for (const Manifest& one : all) items.push_back(backup_value(one));
  return json(200, Object{{"items", std::move(items)}});
}

Result<net::Answer> get_config(const RecoveryServices& services, const Call&) {
  WRIT_TRY(const auto config,
           services.store.read([](store::Tx& tx) { return identity::read_recovery_config(tx); }));
  return json(200, identity::to_object(config));
}

Result<net::Answer> change_config(const RecoveryServices& services, const Call& call) {
  WRIT_CHECK(step_up(services, call, "how backups are kept is changed"));
  WRIT_TRY(const auto config, services.store.write([&](store::Tx& tx) {
    return identity::change_recovery_config(tx, call.body, deed_of(services, call));
  }));
  return json(200, identity::to_object(config));
}

Result<net::Answer> restore(const RecoveryServices& services, const Call& call) {
  const std::string& text = call.text("backup_id");
  WRIT_TRY(const BackupId backup, BackupId::parse(text));
  const DryRun dry_run = call.flag("apply") ? DryRun::no : DryRun::yes;
  if (dry_run == DryRun::no) {
    WRIT_CHECK(step_up(services, call, "a backup is restored"));
    WRIT_TRY(auto waits, services.second(call, {.act = "restore",
                                                .says = "restores the backup " + text,
                                                .bound = Object{{"backup", text}}}));
    if (waits) return *std::move(waits);
  }
  WRIT_TRY(const auto report,
           identity::restore(services.parts(), backup, dry_run, deed_of(services, call)));
  if (report.is_applied) WRIT_CHECK(services.access->refresh());
  return json(200, identity::to_value(report));
}

Result<net::Answer> roll_back(const RecoveryServices& services, const Call& call) {
  identity::RollbackAsked asked;
  const std::string& text = call.text("id");
  WRIT_TRY(asked.backup, BackupId::parse(text));
  const auto item = identity::kRollbackItems.parse(call.body.string_or("item", ""));
  if (!item) return fail(Code::invalid_input, "`item` is neither `user` nor `access`");
  asked.item = *item;
  asked.id = call.body.string_or("id", "");
  const DryRun dry_run = call.flag("apply") ? DryRun::no : DryRun::yes;
  if (dry_run == DryRun::no) {
    WRIT_CHECK(step_up(services, call, "a backup is gone back to"));
    std::string says = "goes back to the backup " + text + " for ";
    says.append(call.body.string_or("item", "")).append(" ").append(asked.id);
    WRIT_TRY(auto waits,
             services.second(call, {.act = "rollback",
                                    .says = std::move(says),
                                    .bound = Object{{"backup", text}, {"body", call.body}}}));
    if (waits) return *std::move(waits);
  }
  WRIT_TRY(const auto report, identity::roll_back(services.parts(), services.access.get(), asked,
                                                  dry_run, deed_of(services, call)));
  return json(200, identity::to_value(report));
}

Result<net::Answer> list_approvals(const RecoveryServices& services, const Call&) {
  WRIT_TRY(const auto all,
           services.store.read([](store::Tx& tx) { return identity::list_approvals(tx); }));
  Array items;
  for (const identity::Approval& one : all) items.push_back(to_value(one));
  return json(200, Object{{"items", std::move(items)}});
}

Result<net::Answer> approve(const RecoveryServices& services, const Call& call) {
  WRIT_CHECK(step_up(services, call, "what another one asks for is approved"));
  WRIT_TRY(const auto id, identity::ApprovalId::parse(call.text("id")));
  WRIT_TRY(const auto given, services.store.write([&](store::Tx& tx) {
    return identity::approve(tx, id, call.who().id, deed_of(services, call));
  }));
  return json(200, to_value(given));
}

}  // namespace

std::vector<Binding> recovery_operations(const RecoveryServices& services) {
  const auto bound = [&services](auto function) {
    return [services, function](const Call& call) -> Result<net::Answer> {
      return function(services, call);
    };
  };
  return {{"makeBackup", bound(back_up)},
          {"listBackups", bound(list)},
          {"getRecoveryConfig", bound(get_config)},
          {"changeRecoveryConfig", bound(change_config)},
          {"restoreBackup", bound(restore)},
          {"rollBack", bound(roll_back)},
          {"listAdminApprovals", bound(list_approvals)},
          {"giveAdminApproval", bound(approve)}};
}

}  // namespace writ::server
