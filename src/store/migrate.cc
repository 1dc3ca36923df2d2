#include "store/migrate.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <ranges>
#include <set>
#include <string>
#include <utility>

namespace writ::store {
namespace {

using Steps = std::vector<MigrationStep>;

std::string name_of(const Migration& migration) {
  return std::string(migration.module) + " " + std::to_string(migration.version);
}

Result<std::uint32_t> stored_version(Tx& tx, std::string_view module) {
  WRIT_TRY(const auto text, tx.get(kMigrationsTable, module));
  if (!text) return 0;
  std::uint32_t version = 0;
  const char* end = text->data() + text->size();
  if (const auto [at, error] = std::from_chars(text->data(), end, version);
      error != std::errc{} || at != end) {
    return fail(Code::tampered,
                "the recorded version of module \"" + std::string(module) + "\" is no number");
  }
  return version;
}

Result<void> record_version(Tx& tx, std::string_view module, std::uint32_t version) {
  if (version != 0) return tx.put(kMigrationsTable, module, std::to_string(version));
  WRIT_CHECK(tx.erase(kMigrationsTable, module));
  return {};
}

// The migrations that `tx` has still to run, in the order given.
Result<std::vector<const Migration*>> missing(Tx& tx, const std::vector<Migration>& migrations) {
  std::map<std::string_view, std::uint32_t> newest;
  for (const Migration& m : migrations) newest[m.module] = std::max(newest[m.module], m.version);
  std::map<std::string_view, std::uint32_t> stored;
  for (const auto& [module, version] : newest) {
    WRIT_TRY(stored[module], stored_version(tx, module));
    if (stored[module] <= version) continue;
    return fail(Code::unsupported,
                "the store holds version " + std::to_string(stored[module]) + " of module \"" +
                    std::string(module) + "\", this binary knows versions up to " +
                    std::to_string(version),
                "Use the newer Writ that made this store");
  }
  std::vector<const Migration*> out;
  for (const Migration& m : migrations) {
    if (m.version > stored[m.module]) out.push_back(&m);
  }
  return out;
}

MigrationStep step_of(const Migration& m, std::uint32_t from, std::uint32_t to) {
  return {std::string(m.module), from, to, std::string(m.summary)};
}

Result<void> run_up(SchemaTx& tx, const Migration& migration) {
  for (const Table& table : migration.creates) WRIT_CHECK(tx.create_table(table));
  if (migration.up) WRIT_CHECK(migration.up(tx));
  return record_version(tx, migration.module, migration.version);
}

Result<void> run_down(SchemaTx& tx, const Migration& migration) {
  WRIT_CHECK(migration.down(tx));
  for (const Table& table : migration.creates) WRIT_CHECK(tx.drop_table(table));
  return record_version(tx, migration.module, migration.version - 1);
}

using Run = Result<void> (*)(SchemaTx&, const Migration&);

Result<void> run_each(SchemaTx& tx, const std::vector<const Migration*>& plan, Run run) {
  for (const Migration* migration : plan) {
    if (auto done = run(tx, *migration); !done) {
      return std::unexpected(std::move(done).error().context("migrating " + name_of(*migration)));
    }
  }
  return {};
}

// Runs `body` in a write transaction that is rolled back when this is a dry run.
Result<Steps> in_transaction(Store& store, DryRun dry_run,
                             const std::function<Result<Steps>(SchemaTx&)>& body) {
  Result<Steps> out = Steps{};
  bool is_rehearsed = false;
  auto done = store.write([&](Tx& tx) -> Result<void> {
    is_rehearsed = false;
    auto* const schema = dynamic_cast<SchemaTx*>(&tx);
    if (schema == nullptr) return fail(Code::internal, "this store cannot change its tables");
    out = body(*schema);
    if (!out) return std::unexpected(out.error());
    if (dry_run == DryRun::no) return {};
    is_rehearsed = true;
    return fail(Code::cancelled, "dry run");
  });
  if (done || (is_rehearsed && done.error().code == Code::cancelled)) return out;
  return std::unexpected(std::move(done).error());
}

// The steps from the newest known version of `module` that is stored down to `version`.
Result<std::vector<const Migration*>> steps_down(Tx& tx, const std::vector<Migration>& migrations,
                                                 std::string_view module, std::uint32_t version) {
  WRIT_CHECK(missing(tx, migrations));
  WRIT_TRY(const auto stored, stored_version(tx, module));
  const auto is_known = [&](const Migration& m) {
    return m.module == module && (version == 0 || m.version == version);
  };
  if (version > stored || std::ranges::none_of(migrations, is_known)) {
    return fail(Code::not_found, "module \"" + std::string(module) + "\" is at version " +
                                     std::to_string(stored) + " and cannot go down to " +
                                     std::to_string(version));
  }
  std::vector<const Migration*> plan;
  for (const Migration& m : std::views::reverse(migrations)) {
    if (m.module != module || m.version > stored || m.version <= version) continue;
    if (!m.down) {
      return fail(Code::unsupported, "migration " + name_of(m) + " cannot be undone",
                  "Restore a backup from before this migration");
    }
    plan.push_back(&m);
  }
  return plan;
}

}  // namespace

bool is_table_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::vector<Table> tables_of(const std::vector<Migration>& migrations) {
  std::vector<Table> out;
  for (const Migration& migration : migrations) {
    out.insert(out.end(), migration.creates.begin(), migration.creates.end());
  }
  return out;
}

Result<void> SchemaTx::load(const Table& table, std::span<const Row> rows) {
  for (const Row& row : rows) WRIT_CHECK(put(table, row.key, row.value));
  return {};
}

namespace {

std::unexpected<Error> no_notes() {
  return fail(Code::unsupported, "a store in memory makes no notes of its changes",
              "Stop the servers, and copy while nobody writes");
}

}  // namespace

Result<void> SchemaTx::begin_notes() { return no_notes(); }
Result<void> SchemaTx::note_changes_of(const Table&) { return no_notes(); }
Result<void> SchemaTx::ignore_changes_of(const Table&) { return no_notes(); }

Result<void> check_migrations(const std::vector<Migration>& migrations) {
  std::map<std::string_view, std::uint32_t> last;
  std::set<std::string_view> tables{kMigrationsTable.name};
  for (const Migration& m : migrations) {
    if (m.version != ++last[m.module]) {
      return fail(Code::internal, "migration " + name_of(m) + " is out of order");
    }
    for (const Table& table : m.creates) {
      if (is_table_name(table.name) && tables.insert(table.name).second) continue;
      return fail(Code::internal, "migration " + name_of(m) + " creates the table \"" +
                                      std::string(table.name) + "\", a bad or repeated name");
    }
  }
  return {};
}

Result<Steps> migrate(SchemaTx& tx, const std::vector<Migration>& migrations) {
  WRIT_CHECK(check_migrations(migrations));
  WRIT_TRY(const auto plan, missing(tx, migrations));
  WRIT_CHECK(run_each(tx, plan, &run_up));
  Steps steps;
  for (const Migration* m : plan) steps.push_back(step_of(*m, m->version - 1, m->version));
  return steps;
}

Result<Steps> Store::migrate(const std::vector<Migration>& migrations, DryRun dry_run) {
  WRIT_CHECK(check_migrations(migrations));
  // The usual case takes no write lock.
  WRIT_TRY(const auto waiting, read([&](Tx& tx) { return missing(tx, migrations); }));
  if (waiting.empty()) return Steps{};
  return in_transaction(*this, dry_run,
                        [&](SchemaTx& tx) { return store::migrate(tx, migrations); });
}

Result<Steps> Store::migrate_down(const std::vector<Migration>& migrations, std::string_view module,
                                  std::uint32_t version, DryRun dry_run) {
  WRIT_CHECK(check_migrations(migrations));
  return in_transaction(*this, dry_run, [&](SchemaTx& tx) -> Result<Steps> {
    WRIT_TRY(const auto plan, steps_down(tx, migrations, module, version));
    WRIT_CHECK(run_each(tx, plan, &run_down));
    Steps steps;
    for (const Migration* m : plan) steps.push_back(step_of(*m, m->version, m->version - 1));
    return steps;
  });
}

}  // namespace writ::store
