#include "identity/recovery/backups.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/json.h"
#include "crypto/seal.h"
#include "identity/identity_migrations.h"
#include "identity/kv/entries.h"
#include "identity/rbac/access_rows.h"
#include "identity/recovery/recovered_tables.h"
#include "identity/recovery/recovery_rows.h"
#include "identity/recovery/row_stream.h"
#include "ledger/tree.h"
#include "store/open.h"

namespace writ::identity {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kUnfinished = ".unfinished-";
constexpr std::size_t kMaxManifest = 16u << 20;
constexpr std::size_t kPage = 1024;

// Ids of keys that rows were sealed or hashed with, found where their texts say so.
class KeysNeeded {
 public:
  void look(std::string_view row) {
    collect(row, "writ-seal-v1.", keks_);
    collect(row, ",keyid=", peppers_);
  }
  const std::set<std::string>& keks() const { return keks_; }
  const std::set<std::string>& peppers() const { return peppers_; }

 private:
  static bool is_id(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  }
  static void collect(std::string_view row, std::string_view mark, std::set<std::string>& out) {
    for (std::size_t at = row.find(mark); at != std::string_view::npos; at = row.find(mark, at)) {
      at += mark.size();
      std::size_t end = at;
      while (end < row.size() && is_id(row[end])) ++end;
      out.emplace(row.substr(at, end - at));
    }
  }

  std::set<std::string> keks_;
  std::set<std::string> peppers_;
};

std::vector<store::Table> tables_of(const std::vector<store::Migration>& migrations) {
  std::vector<store::Table> out;
  for (const store::Migration& one : migrations) {
    out.insert(out.end(), one.creates.begin(), one.creates.end());
  }
  return out;
}

std::map<std::string, std::uint32_t> schema_of(const std::vector<store::Migration>& migrations) {
  std::map<std::string, std::uint32_t> out;
  for (const store::Migration& one : migrations) {
    auto& version = out[std::string(one.module)];
    version = std::max(version, one.version);
  }
  return out;
}

// A row as a backup has it.
Result<std::string> saved_value(const RecoveredTable& table, std::string value) {
  if (table.in_backup != InBackup::public_half) return value;
  WRIT_TRY(Value row, parse_json(value));
  if (!row.is_object()) return fail(Code::tampered, "the row of a key is no object");
  row.as_object().set("secret", "");
  return to_json(row);
}

Result<BackupTable> save_table(store::Tx& tx, const RecoveredTable& table, RowWriter& writer,
                               KeysNeeded& keys) {
  std::string from;
  for (;;) {
    WRIT_TRY(auto rows, tx.scan(store::Table{table.name}, {from, {}}, kPage));
    const bool is_last = rows.size() < kPage;
    if (!is_last) from = rows.back().key + '\0';
    for (store::Row& row : rows) {
      WRIT_TRY(row.value, saved_value(table, std::move(row.value)));
      keys.look(row.value);
      WRIT_CHECK(writer.add(row));
    }
    if (is_last) return writer.finish();
  }
}

Result<void> save_tables(store::Tx& tx, const fs::path& directory,
                         const crypto::KeyEncryptionKey& kek, Manifest& manifest,
                         KeysNeeded& keys) {
  for (const store::Table& named : tables_of(identity_migrations())) {
    const RecoveredTable* const table = find_recovered_table(named.name);
    if (table == nullptr) {
      return fail(Code::internal,
                  "nobody has said what a restore does with the table " + std::string(named.name));
    }
    if (table->in_backup == InBackup::left_out) continue;
    RowWriter writer(directory, kek, manifest.id, std::string(named.name));
    WRIT_TRY(manifest.tables.emplace_back(), save_table(tx, *table, writer, keys));
  }
  return {};
}

Result<void> note_heights(store::Tx& tx, Manifest& manifest) {
  WRIT_TRY(manifest.access_revision, access_revision(tx));
  WRIT_TRY(manifest.storage_revision, storage_revision(tx));
  WRIT_TRY(const ledger::Frontier head, ledger::load_head(tx));
  manifest.ledger_size = head.size;
  WRIT_TRY(const auto keys, tx.scan(store::Table{"identity_token_keys"}, {}, kPage));
  for (const store::Row& row : keys) manifest.token_keys.push_back(row.key);
  return {};
}

// Everything of one snapshot; the manifest is not written yet.
Result<Manifest> save(const RecoveryParts& parts, const fs::path& directory,
                      const Manifest& empty) {
  return parts.store.read([&](store::Tx& tx) -> Result<Manifest> {
    Manifest manifest = empty;
    KeysNeeded keys;
    const crypto::KeyEncryptionKey& kek = parts.secrets.keks.front();
    WRIT_CHECK(save_tables(tx, directory, kek, manifest, keys));
    WRIT_CHECK(note_heights(tx, manifest));
    manifest.keks = {kek.id};
    for (const std::string& id : keys.keks()) {
      if (id != kek.id) manifest.keks.push_back(id);
    }
    manifest.peppers.assign(keys.peppers().begin(), keys.peppers().end());
    return manifest;
  });
}

Result<void> check_schema(const Manifest& manifest, const std::vector<store::Migration>& known) {
  const auto newest = schema_of(known);
  for (const auto& [module, version] : manifest.schema) {
    const auto at = newest.find(module);
    if (at != newest.end() && version <= at->second) continue;
    return fail(Code::unsupported,
                "the backup holds version " + std::to_string(version) + " of module \"" + module +
                    "\", which this Writ does not know",
                "Restore it with the newer Writ that made it");
  }
  return {};
}

Result<void> check_keys(const RecoveryParts& parts, const Manifest& manifest) {
  const auto lacks = [](const std::vector<std::string>& wanted, const auto& there) {
    for (const std::string& id : wanted) {
      if (std::ranges::find(there, id, [](const auto& one) { return one.id; }) == there.end()) {
        return id;
      }
    }
    return std::string();
  };
  std::string missing = lacks(manifest.keks, parts.secrets.keks);
  if (missing.empty()) missing = lacks(manifest.peppers, parts.secrets.peppers);
  if (missing.empty()) return {};
  return fail(Code::not_found, "the backup needs the key " + missing + ", which is not here",
              "Put it back into the server's secrets file; a backup never holds it");
}

// Migrations up to the versions of a backup.
std::vector<store::Migration> up_to(const std::vector<store::Migration>& all,
                                    const std::map<std::string, std::uint32_t>& schema) {
  std::vector<store::Migration> out;
  for (const store::Migration& one : all) {
    const auto at = schema.find(std::string(one.module));
    if (at != schema.end() && one.version <= at->second) out.push_back(one);
  }
  return out;
}

Result<void> load_table(const RecoveryParts& parts, const fs::path& directory,
                        const Manifest& manifest, const BackupTable& table, store::Store& to) {
  std::vector<store::Row> waiting;
  const auto flush = [&]() -> Result<void> {
    WRIT_CHECK(to.write([&](store::Tx& tx) -> Result<void> {
      for (const store::Row& row : waiting) {
        WRIT_CHECK(tx.put(store::Table{table.name}, row.key, row.value));
      }
      return {};
    }));
    waiting.clear();
    return {};
  };
  WRIT_CHECK(read_rows(directory, parts.secrets.keks, manifest.id, table,
                       [&](store::Row row) -> Result<void> {
                         waiting.push_back(std::move(row));
                         return waiting.size() < kPage ? Result<void>{} : flush();
                       }));
  return flush();
}

Result<Scratch> load(const RecoveryParts& parts, const fs::path& directory, BackupId id) {
  const auto text = read_file(directory / kManifest, kMaxManifest);
  if (!text) {
    return fail(Code::not_found, "there is no backup " + id.text(),
                "List them: GET /iam/recovery/backups");
  }
  Scratch out;
  WRIT_TRY(out.manifest, open_manifest(*text, parts.secrets.keks));
  if (out.manifest.id != id) {
    return fail(Code::tampered, "the backup " + id.text() + " is the backup " +
                                    out.manifest.id.text() + " under another name");
  }
  const std::vector<store::Migration> all = identity_migrations();
  WRIT_CHECK(check_schema(out.manifest, all));
  WRIT_CHECK(check_keys(parts, out.manifest));
  WRIT_TRY(out.store, store::open("memory:", {.clock = &parts.clock}));
  WRIT_CHECK(out.store->migrate(up_to(all, out.manifest.schema), store::DryRun::no));
  for (const BackupTable& table : out.manifest.tables) {
    WRIT_CHECK(load_table(parts, directory, out.manifest, table, *out.store));
  }
  WRIT_CHECK(out.store->migrate(all, store::DryRun::no));
  WRIT_CHECK(out.store->read([](store::Tx& tx) { return check_whole(tx); }));
  return out;
}

Result<fs::path> place_of(const RecoveryParts& parts) {
  WRIT_TRY(const RecoveryConfig config,
           parts.store.read([](store::Tx& tx) { return read_recovery_config(tx); }));
  fs::path place = config.place.empty() ? parts.directory : fs::path(config.place);
  if (config.place.empty()) WRIT_CHECK(make_directory(place, 0700));
  return place;
}

std::vector<fs::path> directories_in(const fs::path& place) {
  std::vector<fs::path> out;
  std::error_code error;
  for (auto at = fs::directory_iterator(place, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    out.push_back(at->path());
  }
  return out;
}

// What a death has left behind, unless another server is at it: an hour is enough for any.
void sweep_unfinished(const fs::path& place) {
  for (const fs::path& one : directories_in(place)) {
    std::error_code error;
    const auto changed = fs::last_write_time(one, error);
    const auto age = fs::file_time_type::clock::now() - changed;
    const bool is_old = !error && age > std::chrono::hours(1);
    if (is_old && one.filename().string().starts_with(kUnfinished)) fs::remove_all(one, error);
  }
}

// Removes the oldest beyond those to be kept; how many.
Result<std::size_t> sweep_old(const RecoveryParts& parts, const fs::path& place) {
  WRIT_TRY(const RecoveryConfig config,
           parts.store.read([](store::Tx& tx) { return read_recovery_config(tx); }));
  WRIT_TRY(const auto all, list_backups(parts));
  std::size_t removed = 0;
  for (auto i = static_cast<std::size_t>(config.keep); i < all.size(); ++i) {
    std::error_code error;
    fs::remove_all(place / all[i].id.text(), error);
    if (error) {
      return fail(Code::storage_failed, "an old backup cannot be removed: " + error.message(),
                  "Remove " + (place / all[i].id.text()).string());
    }
    ++removed;
  }
  return removed;
}

Result<void> tell(const RecoveryParts& parts, const Manifest& manifest, std::size_t removed,
                  const Deed& deed) {
  return parts.store.write([&](store::Tx& tx) {
    return deed.tell(tx, "writ.recovery.backed_up", "backup/" + manifest.id.text(),
                     Object{{"reason", kBackupReasons.name(manifest.reason)},
                            {"rows", manifest.rows()},
                            {"users", manifest.rows_of("identity_users")},
                            {"ledger_size", manifest.ledger_size},
                            {"removed", removed}});
  });
}

}  // namespace

Result<Manifest> make_backup(const RecoveryParts& parts, BackupReason reason, const Deed& deed) {
  WRIT_TRY(const fs::path place, place_of(parts));
  sweep_unfinished(place);
  Manifest empty;
  empty.id = BackupId{Uuid::v7(parts.clock, parts.random)};
  empty.made_at = parts.clock.wall();
  empty.reason = reason;
  empty.schema = schema_of(identity_migrations());
  const fs::path directory = place / (std::string(kUnfinished) + empty.id.text());
  WRIT_CHECK(make_directory(directory, 0700));
  const auto write = [&]() -> Result<Manifest> {
    WRIT_TRY(Manifest manifest, save(parts, directory, empty));
    WRIT_TRY(const std::string text, sign_manifest(manifest, parts.secrets.keks.front()));
    WRIT_CHECK(replace_file(directory / kManifest, text, 0600));
    WRIT_CHECK(load(parts, directory, manifest.id));  // what cannot be restored is no backup
    WRIT_CHECK(move_file(directory, place / manifest.id.text()));
    return manifest;
  };
  auto made = write();
  if (!made) {
    std::error_code ignored;  // what is left is swept an hour later
    fs::remove_all(directory, ignored);
    return made;
  }
  // What is made on the way to something else removes nothing: least of all what is gone back to.
  std::size_t removed = 0;
  if (reason == BackupReason::asked) {
    WRIT_TRY(removed, sweep_old(parts, place));
  }
  WRIT_CHECK(tell(parts, *made, removed, deed));
  return made;
}

Result<std::vector<Manifest>> list_backups(const RecoveryParts& parts) {
  WRIT_TRY(const fs::path place, place_of(parts));
  std::vector<Manifest> out;
  for (const fs::path& one : directories_in(place)) {
    const auto id = BackupId::parse(one.filename().string());
    if (!id) continue;
    const auto text = read_file(one / kManifest, kMaxManifest);
    if (!text) continue;
    auto manifest = open_manifest(*text, parts.secrets.keks);
    if (manifest && manifest->id == *id) out.push_back(*std::move(manifest));
  }
  std::ranges::sort(out, std::ranges::greater{}, &Manifest::id);
  return out;
}

Result<Scratch> open_backup(const RecoveryParts& parts, BackupId id) {
  WRIT_TRY(const fs::path place, place_of(parts));
  return load(parts, place / id.text(), id);
}

}  // namespace writ::identity
