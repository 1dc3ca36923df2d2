#include "store/postgres/pg_store.h"

#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/group_commit.h"
#include "store/migrate.h"
#include "store/postgres/pg_bell.h"
#include "store/postgres/pg_pool.h"
#include "store/postgres/pg_writer.h"
#include "store/store_clock.h"
#include "store/watch_hub.h"

namespace writ::store {
namespace {

constexpr std::string_view kFormat = "1";
constexpr std::array<std::string_view, 5> kSchema = {
    "CREATE SCHEMA IF NOT EXISTS writ",
    "CREATE TABLE writ.t_writ_format (k bytea PRIMARY KEY, v bytea NOT NULL)",
    "CREATE TABLE writ.t_writ_migrations (k bytea PRIMARY KEY, v bytea NOT NULL)",
    "CREATE TABLE writ.sessions (id bytea PRIMARY KEY, n bigint NOT NULL, fence bigint NOT NULL, "
    "at timestamptz NOT NULL)",
    "INSERT INTO writ.t_writ_format VALUES ('format', '1')",
};

// Wall time comes from the database; only the pace is this machine's.
class PaceOnly final : public Clock {
 public:
  WallTime wall() const override { return {}; }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::now();
  }
};

class PgStore final : public Store {
 public:
  PgStore(PgSettings settings, const OpenOptions& options)
      : pool_(std::move(settings), options.connections),
        monotonic_(options.clock != nullptr ? *options.clock : pace_),
        bell_(pool_.settings(), hub_),
        writer_(pool_, monotonic_, options.clock, options.busy_timeout, hub_, bell_),
        lane_(writer_, options.clock != nullptr ? *options.clock : pace_) {}

  // Makes the schema, or finds out whose it is.
  Result<void> prepare(IfMissing if_missing);

  Result<void> write_async(Body body, Done done) override {
    return lane_.write_async(std::move(body), std::move(done));
  }
  Result<std::unique_ptr<Watch>> watch(const std::vector<Table>& tables, Waker wake,
                                       Reach reach) override {
    if (reach == Reach::all_processes) bell_.listen();
    return hub_.add(tables, std::move(wake));
  }
  Result<void> check() override;
  StoreStats stats() const override { return writer_.stats(); }

 protected:
  Result<void> write_erased(const Body& body) override { return writer_.write(body); }
  Result<void> read_erased(const Body& body) override { return writer_.read(body); }
  Result<void> read_unless_moved_erased(const Body& body) override {
    return writer_.read(body, PgWriter::Marked::is_refused);
  }

 private:
  Result<PgRows> query(std::string sql, std::string doing);
  Result<std::size_t> tables_of_others();
  Result<std::optional<std::string>> stored_format();
  Result<void> make_schema();
  Result<void> forget_old_sessions();

  const PaceOnly pace_;
  PgPool pool_;
  StoreClock monotonic_;
  WatchHub hub_;
  PgBell bell_;
  PgWriter writer_;
  GroupCommit lane_;  // last: its thread ends before the rest goes
};

// Questions that may be asked twice: a connection may have ended since it was used.
Result<PgRows> PgStore::query(std::string sql, std::string doing) {
  const auto deadline = std::chrono::steady_clock::now() + pool_.settings().lock_timeout;
  const PgStatement statement{{}, std::move(sql), std::move(doing), Wire::text};
  for (;;) {
    WRIT_TRY(const auto connection, pool_.take(deadline));
    connection->queue(statement);
    auto rows = connection->answer();
    const auto& failure = connection->failure();
    const bool is_worth_another = failure && failure->hope == Hope::new_server;
    if (!is_worth_another || std::chrono::steady_clock::now() >= deadline) return rows;
  }
}

// One pipeline is one transaction.
Result<void> PgStore::make_schema() {
  const auto deadline = std::chrono::steady_clock::now() + pool_.settings().lock_timeout;
  WRIT_TRY(const auto connection, pool_.take(deadline));
  for (const std::string_view sql : kSchema) {
    connection->queue({{}, std::string(sql), "making the schema", Wire::text});
  }
  WRIT_CHECK(connection->answer());
  return {};
}

Result<void> PgStore::prepare(IfMissing if_missing) {
  const std::string place = place_of(pool_.settings().url);
  WRIT_TRY(const std::size_t tables, tables_of_others());
  if (tables != 0) {
    return fail(Code::unsupported, "the schema `writ` of " + place + " is not Writ's",
                "Name a database whose schema `writ` is free");
  }
  WRIT_TRY(auto format, stored_format());
  if (!format) {
    if (if_missing == IfMissing::fail) {
      return fail(Code::not_found, "there is no store in " + place);
    }
    // Another server may be doing the same; then its schema is as good.
    if (const auto made = make_schema(); !made && made.error().code != Code::unavailable)
      return made;
    WRIT_TRY(format, stored_format());
  }
  if (format == kFormat) return forget_old_sessions();
  return fail(Code::unsupported,
              "the store in " + place + " has format " + format.value_or("(none)") +
                  ", this binary knows " + std::string(kFormat),
              "Use the newer Writ that made this store");
}

// Nobody asks about a session that has written nothing for so long.
Result<void> PgStore::forget_old_sessions() {
  WRIT_CHECK(query("DELETE FROM writ.sessions WHERE at < now() - interval '7 days'",
                   "forgetting old sessions"));
  return {};
}

// Tables in the schema, where Writ's own are not.
Result<std::size_t> PgStore::tables_of_others() {
  WRIT_TRY(const PgRows found,
           query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'writ' "
                 "AND NOT EXISTS (SELECT 1 FROM information_schema.tables WHERE "
                 "table_schema = 'writ' AND table_name = 't_writ_format')",
                 "looking for the store"));
  return found.size();
}

Result<std::optional<std::string>> PgStore::stored_format() {
  WRIT_TRY(const PgRows there, query("SELECT 1 FROM information_schema.tables WHERE table_schema = "
                                     "'writ' AND table_name = 't_writ_format'",
                                     "looking for the store"));
  if (there.size() == 0) return std::nullopt;
  WRIT_TRY(const PgRows rows, query("SELECT convert_from(v, 'UTF8') FROM writ.t_writ_format",
                                    "reading the store's format"));
  if (rows.size() != 1) return fail(Code::tampered, "the store's format is not recorded");
  return std::string(rows.at(0, 0));
}

// Damage of pages shows when they are read: every row of every table is.
Result<void> PgStore::check() {
  WRIT_TRY(const PgRows durable, query("SELECT current_setting('fsync', true), "
                                       "current_setting('full_page_writes', true)",
                                       "asking whether commits are durable"));
  if (durable.at(0, 0) == "off" || durable.at(0, 1) == "off") {
    return fail(Code::storage_failed, "the database runs with fsync or full_page_writes off",
                "Turn both on: without them a power failure loses acknowledged writes");
  }
  WRIT_TRY(const PgRows tables, query("SELECT table_name FROM information_schema.tables WHERE "
                                      "table_schema = 'writ' AND table_name LIKE 't%' "
                                      "ORDER BY table_name",
                                      "listing tables"));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const std::string table(tables.at(i, 0));
    WRIT_TRY(const PgRows bad,
             query("SELECT count(*) FROM writ.\"" + table + "\" WHERE octet_length(k) > " +
                       std::to_string(kMaxKeyBytes) + " OR octet_length(v) > " +
                       std::to_string(kMaxValueBytes),
                   "reading table " + table));
    if (bad.at(0, 0) == "0") continue;
    return fail(Code::tampered, "the table " + table + " holds rows that no Writ writes",
                "Restore the database from a backup");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open_pg_store(const std::string& url, const OpenOptions& options) {
  PgSettings settings;
  settings.url = url;
  settings.lock_timeout = options.busy_timeout;
  settings.passes_fence = options.fence == Fence::passes;
  auto store = std::make_unique<PgStore>(std::move(settings), options);
  WRIT_CHECK(store->prepare(options.if_missing));
  return store;
}

}  // namespace writ::store
