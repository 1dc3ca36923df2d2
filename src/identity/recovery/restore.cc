#include "identity/recovery/restore.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "identity/accounts/users.h"
#include "identity/kv/entries.h"
#include "identity/rbac/access_rows.h"
#include "identity/recovery/recovered_tables.h"
#include "identity/recovery/recovery_rows.h"
#include "identity/recovery/user_difference.h"

namespace writ::identity {
namespace {

constexpr std::size_t kPage = 512;
constexpr std::string_view kPrincipals = "identity_principals";
constexpr std::string_view kSessions = "identity_sessions";

// Rows of a table in order, fetched by the page; rows before the current one may be changed.
class Cursor {
 public:
  Cursor(store::Tx& tx, store::Table table) : tx_(tx), table_(table) {}

  // nullptr: there are no more.
  Result<const store::Row*> row() {
    if (at_ == rows_.size() && !is_last_) {
      WRIT_TRY(rows_, tx_.scan(table_, {from_, {}}, kPage));
      at_ = 0;
      is_last_ = rows_.size() < kPage;
      if (!rows_.empty()) from_ = rows_.back().key + '\0';
    }
    return at_ == rows_.size() ? nullptr : &rows_[at_];
  }
  void next() { ++at_; }

 private:
  store::Tx& tx_;
  const store::Table table_;
  std::vector<store::Row> rows_;
  std::size_t at_ = 0;
  std::string from_;
  bool is_last_ = false;
};

// One restore, inside its transaction.
class Settling {
 public:
  Settling(store::Tx& live, store::Tx& saved, RestoreReport& report)
      : live_(live), saved_(saved), report_(report) {}

  Result<void> run(const Manifest& manifest) {
    WRIT_TRY(now_, live_.now());
    WRIT_TRY(epoch_floor_, epoch_floor(live_));
    highest_epoch_ = epoch_floor_;
    WRIT_CHECK(compare_users(live_, saved_, report_));
    for (const RecoveredTable& table : recovered_tables()) WRIT_CHECK(settle(table));
    WRIT_CHECK(raise_epoch_floor(live_, highest_epoch_));
    WRIT_CHECK(raise_storage_revision(live_, manifest.storage_revision));
    WRIT_TRY(report_.access_revision, raise_revision_over_all(live_, manifest.access_revision));
    if (report_.rows == 0) {
      return fail(Code::conflict, "the backup has nothing that could be restored here",
                  "Look at its counts: GET /iam/recovery/backups");
    }
    WRIT_CHECK(check_whole(live_));
    return check_links(live_);
  }

 private:
  Result<void> settle(const RecoveredTable& table) {
    TableDifference difference{.table = std::string(table.name)};
    Cursor here(live_, store::Table{table.name});
    Cursor saved(saved_, store::Table{table.name});
    for (;;) {
      WRIT_TRY(const store::Row* a, here.row());
      WRIT_TRY(const store::Row* b, saved.row());
      if (a == nullptr && b == nullptr) break;
      if (a != nullptr && b != nullptr && a->key != b->key) (a->key < b->key ? b : a) = nullptr;
      WRIT_CHECK(settle_row(table, a, b, difference));
      if (a != nullptr) here.next();
      if (b != nullptr) saved.next();
    }
    if (table.name == kSessions) report_.sessions = difference.removed;
    const auto changes = difference.added + difference.changed + difference.removed;
    if (changes != 0 && table.in_backup != InBackup::left_out) {
      report_.tables.push_back(std::move(difference));
    }
    return {};
  }

  Result<void> settle_row(const RecoveredTable& table, const store::Row* here,
                          const store::Row* saved, TableDifference& difference) {
    const std::string& key = (here != nullptr ? here : saved)->key;
    const RowPair pair{.live = live_,
                       .key = key,
                       .here = here == nullptr ? nullptr : &here->value,
                       .saved = saved == nullptr ? nullptr : &saved->value,
                       .now = now_,
                       .epoch_floor = epoch_floor_};
    WRIT_TRY(const Settled settled, table.settle(pair));
    if (table.name == kPrincipals && here != nullptr) WRIT_CHECK(note_epoch(here->value));
    difference.before += here != nullptr ? 1u : 0u;
    difference.after += settled.row ? 1u : 0u;
    report_.rows += settled.row && saved != nullptr ? 1u : 0u;
    const store::Table place{table.name};
    if (!settled.row) {
      if (here == nullptr) return {};
      ++difference.removed;
      WRIT_CHECK(live_.erase(place, key));
      return {};
    }
    if (here != nullptr && here->value == *settled.row) return {};
    difference.added += here == nullptr ? 1u : 0u;
    difference.changed += here != nullptr && settled.is_told ? 1u : 0u;
    return live_.put(place, key, *settled.row);
  }

  Result<void> note_epoch(const std::string& row) {
    WRIT_TRY(const Value value, parse_json(row));
    const auto epoch = static_cast<std::uint64_t>(value.integer_or("epoch", 0));
    highest_epoch_ = std::max(highest_epoch_, epoch);
    return {};
  }

  store::Tx& live_;
  store::Tx& saved_;
  RestoreReport& report_;
  WallTime now_;
  std::uint64_t epoch_floor_ = 0;
  std::uint64_t highest_epoch_ = 0;
};

Result<void> tell(store::Tx& tx, const RestoreReport& report, const Deed& deed) {
  Object payload{{"rows", report.rows},
                 {"sessions", report.sessions},
                 {"access_revision", report.access_revision}};
  if (report.snapshot) payload.append("snapshot", report.snapshot->text());
  Array tables;
  for (const TableDifference& one : report.tables) {
    tables.push_back(Object{{"table", one.table},
                            {"added", one.added},
                            {"changed", one.changed},
                            {"removed", one.removed}});
  }
  payload.append("tables", std::move(tables));
  return deed.tell(tx, "writ.recovery.restored", "backup/" + report.backup.text(),
                   std::move(payload));
}

// In one transaction, which a dry run takes back.
Result<RestoreReport> settle_all(store::Store& live, const Scratch& scratch,
                                 const RestoreReport& begun, store::DryRun dry_run,
                                 const Deed& deed) {
  std::optional<RestoreReport> tried;
  auto done = live.write([&](store::Tx& tx) -> Result<RestoreReport> {
    tried.reset();
    RestoreReport report = begun;
    WRIT_CHECK(scratch.store->read(
        [&](store::Tx& saved) { return Settling(tx, saved, report).run(scratch.manifest); }));
    if (dry_run == store::DryRun::yes) {
      tried = std::move(report);
      return fail(Code::cancelled, "a dry run");
    }
    report.is_applied = true;
    WRIT_CHECK(tell(tx, report, deed));
    return report;
  });
  if (tried) return *std::move(tried);
  return done;
}

}  // namespace

Result<RestoreReport> restore(const RecoveryParts& parts, BackupId backup, store::DryRun dry_run,
                              const Deed& deed) {
  WRIT_TRY(const Scratch scratch, open_backup(parts, backup));
  RestoreReport begun;
  begun.backup = backup;
  // Into a fresh store: what nobody can administer is nothing to go back to.
  WRIT_TRY(const bool is_worth_keeping,
           parts.store.read([](store::Tx& tx) { return has_administrator(tx); }));
  if (dry_run == store::DryRun::no && is_worth_keeping) {
    WRIT_TRY(const Manifest snapshot, make_backup(parts, BackupReason::before_restore, deed));
    begun.snapshot = snapshot.id;
  }
  return settle_all(parts.store, scratch, begun, dry_run, deed);
}

Value to_value(const RestoreReport& report) {
  Array tables;
  for (const TableDifference& one : report.tables) {
    tables.push_back(Object{{"table", one.table},
                            {"before", one.before},
                            {"after", one.after},
                            {"added", one.added},
                            {"changed", one.changed},
                            {"removed", one.removed}});
  }
  Array users;
  for (const UserDifference& one : report.users) {
    Array fields;
    for (const std::string& field : one.fields) fields.emplace_back(field);
    users.push_back(Object{{"id", one.id},
                           {"email", one.email},
                           {"fate", kUserFates.name(one.fate)},
                           {"fields", std::move(fields)}});
  }
  Object out{{"backup", report.backup.text()},
             {"is_applied", report.is_applied},
             {"rows", report.rows},
             {"sessions", report.sessions},
             {"tables", std::move(tables)},
             {"users", std::move(users)},
             {"is_cut", report.is_cut}};
  if (report.snapshot) out.append("snapshot", report.snapshot->text());
  if (report.is_applied) out.append("access_revision", report.access_revision);
  return out;
}

}  // namespace writ::identity
