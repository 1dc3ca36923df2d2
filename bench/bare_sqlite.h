#pragma once
// The floor of what writes to a store: the very rows that Writ wrote, replayed into bare SQLite by
// its C API with prepared statements, the same tables and the same pragmas, and nothing else done.
#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench.h"
#include "store/store.h"

namespace writ::bench {

struct RowWrite {
  enum class Verb : std::uint8_t { put, insert } verb = Verb::put;
  std::string table;
  std::string key;
  std::string value;
};
using Transaction = std::vector<RowWrite>;

// Passes on what a closure does and keeps what it wrote.
class RecordingTx final : public store::Tx {
 public:
  RecordingTx(store::Tx& inner, Transaction& out) : inner_(inner), out_(out) {}

  Result<std::optional<std::string>> get(const store::Table& table, std::string_view key) override {
    return inner_.get(table, key);
  }
  Result<void> put(const store::Table& table, std::string_view key,
                   std::string_view value) override {
    note(RowWrite::Verb::put, table, key, value);
    return inner_.put(table, key, value);
  }
  Result<bool> insert(const store::Table& table, std::string_view key,
                      std::string_view value) override {
    note(RowWrite::Verb::insert, table, key, value);
    return inner_.insert(table, key, value);
  }
  Result<bool> erase(const store::Table& table, std::string_view key) override {
    return inner_.erase(table, key);
  }
  Result<std::vector<store::Row>> scan(const store::Table& table, const store::KeyRange& range,
                                       std::size_t limit, store::Order order) override {
    return inner_.scan(table, range, limit, order);
  }
  Result<WallTime> now() override { return inner_.now(); }

 private:
  void note(RowWrite::Verb verb, const store::Table& table, std::string_view key,
            std::string_view value) {
    out_.push_back({verb, std::string(table.name), std::string(key), std::string(value)});
  }

  store::Tx& inner_;
  Transaction& out_;
};

// A store that keeps every transaction it committed, for one caller at a time.
class RecordingStore final : public store::Store {
 public:
  explicit RecordingStore(store::Store& inner) : inner_(inner) {}

  const std::vector<Transaction>& transactions() const { return transactions_; }
  void forget() { transactions_.clear(); }

  Result<void> write_async(std::function<Result<void>(store::Tx&)> body,
                           std::function<void(Result<void>)> done) override {
    return inner_.write_async(std::move(body), std::move(done));
  }
  Result<std::unique_ptr<store::Watch>> watch(const std::vector<store::Table>& tables,
                                              store::Waker wake, store::Reach reach) override {
    return inner_.watch(tables, std::move(wake), reach);
  }
  Result<void> check() override { return inner_.check(); }
  store::StoreStats stats() const override { return inner_.stats(); }

 protected:
  Result<void> write_erased(const std::function<Result<void>(store::Tx&)>& body) override {
    Transaction rows;
    auto done = inner_.write([&](store::Tx& tx) {
      rows.clear();
      RecordingTx recording(tx, rows);
      return body(recording);
    });
    if (done && !rows.empty()) transactions_.push_back(std::move(rows));
    return done;
  }
  Result<void> read_erased(const std::function<Result<void>(store::Tx&)>& body) override {
    return inner_.read(body);
  }

 private:
  store::Store& inner_;
  std::vector<Transaction> transactions_;
};

class BareSqlite {
 public:
  // Makes the tables that `all` write to.
  BareSqlite(const std::filesystem::path& file, const std::vector<Transaction>& all) {
    if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) give_up("cannot open " + file.string());
    // As src/store/sqlite has them, but for the checkpoints, which are left to SQLite.
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
        "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;");
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    for (const Transaction& rows : all) {
      for (const RowWrite& row : rows) prepare_for(row);
    }
  }
  ~BareSqlite() {
    for (auto& [of, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_finalize(begin_);
    sqlite3_finalize(commit_);
    sqlite3_close(db_);
  }
  BareSqlite(const BareSqlite&) = delete;
  BareSqlite& operator=(const BareSqlite&) = delete;

  // Each of [begin, end) in a transaction of its own, or `at_once` of them in one.
  void replay(const std::vector<Transaction>& all, std::size_t begin, std::size_t end,
              std::size_t at_once = 1) {
    for (std::size_t i = begin; i < end; i += at_once) {
      step(begin_);
      for (std::size_t j = i; j < std::min(i + at_once, end); ++j) {
        for (const RowWrite& row : all[j]) write(row);
      }
      step(commit_);
    }
  }

 private:
  using Of = std::pair<std::string, RowWrite::Verb>;

  void run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail_here();
  }
  sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* out = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &out, nullptr) != SQLITE_OK) fail_here();
    return out;
  }
  void prepare_for(const RowWrite& row) {
    sqlite3_stmt*& statement = statements_[{row.table, row.verb}];
    if (statement != nullptr) return;
    run("CREATE TABLE IF NOT EXISTS t_" + row.table +
        " (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID");
    statement =
        prepare("INSERT INTO t_" + row.table + " (k, v) VALUES (?1, ?2) ON CONFLICT (k) " +
                (row.verb == RowWrite::Verb::put ? "DO UPDATE SET v = excluded.v" : "DO NOTHING"));
  }
  void write(const RowWrite& row) {
    sqlite3_stmt* statement = statements_.at({row.table, row.verb});
    sqlite3_bind_blob64(statement, 1, row.key.data(), row.key.size(), SQLITE_STATIC);
    sqlite3_bind_blob64(statement, 2, row.value.data(), row.value.size(), SQLITE_STATIC);
    step(statement);
  }
  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) fail_here();
    sqlite3_reset(statement);
  }
  [[noreturn]] void fail_here() { give_up(sqlite3_errmsg(db_)); }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  std::map<Of, sqlite3_stmt*> statements_;
};

}  // namespace writ::bench
