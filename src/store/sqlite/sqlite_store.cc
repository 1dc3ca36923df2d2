#include "store/sqlite/sqlite_store.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/group_commit.h"
#include "store/migrate.h"
#include "store/sqlite/file_watch.h"
#include "store/sqlite/format.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/sqlite_tx.h"
#include "store/sqlite/writer.h"
#include "store/watch_hub.h"

namespace writ::store {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<Connection> writing, const Clock& clock,
              const ConnectionOptions& options)
      : clock_(clock),
        readers_(writing->path(), options),
        others_(writing->path(), options, hub_),
        writer_(std::move(writing), clock_, hub_, options.fence),
        commits_(writer_, clock) {}

  Result<void> write_async(Body body, Done done) override {
    return commits_.write_async(std::move(body), std::move(done));
  }
  Result<std::unique_ptr<Watch>> watch(const std::vector<Table>& tables, Waker wake,
                                       Reach reach) override {
    if (reach == Reach::all_processes) others_.begin();
    return hub_.add(tables, std::move(wake));
  }
  Result<void> check() override;
  StoreStats stats() const override { return writer_.stats(); }

 protected:
  Result<void> write_erased(const Body& body) override { return commits_.write(body); }
  Result<void> read_erased(const Body& body) override;

 private:
  StoreClock clock_;
  ReaderPool readers_;
  WatchHub hub_;
  FileWatch others_;
  Writer writer_;
  GroupCommit commits_;  // last: its thread ends before the rest goes
};

Result<void> SqliteStore::read_erased(const Body& body) {
  WRIT_CHECK(writer_.readable());
  WRIT_TRY(auto connection, readers_.take());
  if (const int code = connection->control(Control::begin_read); code != SQLITE_OK) {
    return std::unexpected(connection->error(code, "beginning a read"));
  }
  SqliteTx tx(*connection, clock_, Access::read);
  auto result = body(tx);
  if (const auto& failure = tx.failure(); failure) result = std::unexpected(*failure);
  // A connection that cannot end its transaction is dropped, which ends it.
  if (connection->control(Control::commit) == SQLITE_OK) readers_.give_back(std::move(connection));
  return result;
}

Result<void> SqliteStore::check() {
  WRIT_CHECK(writer_.usable());
  WRIT_CHECK(writer_.last_checkpoint());
  WRIT_TRY(auto connection, readers_.take());
  WRIT_TRY(const auto findings, connection->query("PRAGMA integrity_check(10)"));
  if (findings.size() != 1 || findings.front() != "ok") {
    std::string message = "the store " + connection->path() + " is damaged";
    for (const auto& finding : findings) message += "; " + finding;
    return fail(Code::tampered, std::move(message), "Restore the store from a backup");
  }
  readers_.give_back(std::move(connection));
  return {};
}

// After a crash the log may hold bytes that the kernel has but the disk has not. Moving them into
// the database writes and syncs them anew. Cheap when the last process closed the store.
Result<void> absorb_log(Connection& connection) {
  std::error_code absent;
  if (std::filesystem::file_size(connection.path() + "-wal", absent) == 0 || absent) return {};
  const int code = sqlite3_wal_checkpoint_v2(connection.handle(), nullptr,
                                             SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK || code == SQLITE_BUSY) return {};
  return std::unexpected(connection.error(code, "moving its log into the database"));
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const Clock& clock,
                                                 const OpenOptions& options) {
  const ConnectionOptions connection_options{options.busy_timeout, options.sqlite_vfs,
                                             options.fence};
  WRIT_CHECK(create_file(path, options.if_missing));
  WRIT_TRY(auto connection, open_checked(path, connection_options));
  WRIT_CHECK(prepare_format(*connection));
  WRIT_CHECK(absorb_log(*connection));
  return std::make_unique<SqliteStore>(std::move(connection), clock, connection_options);
}

}  // namespace writ::store
