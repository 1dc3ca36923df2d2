#pragma once
// Transactions over maps. Tables are shared with the snapshots of readers and copied when a
// write meets a table that a reader still holds; each closure keeps an undo log.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/migrate.h"
#include "store/store_clock.h"

namespace writ::store {

using Rows = std::map<std::string, std::string, std::less<>>;
using Tables = std::map<std::string, std::shared_ptr<Rows>, std::less<>>;

class MemoryTx final : public SchemaTx {
 public:
  MemoryTx(Tables& tables, StoreClock& clock, Access access)
      : tables_(tables), clock_(clock), access_(access) {}

  Result<std::optional<std::string>> get(const Table& table, std::string_view key) override;
  Result<void> put(const Table& table, std::string_view key, std::string_view value) override;
  Result<bool> insert(const Table& table, std::string_view key, std::string_view value) override;
  Result<bool> erase(const Table& table, std::string_view key) override;
  Result<std::vector<Row>> scan(const Table& table, const KeyRange& range, std::size_t limit,
                                Order order) override;
  Result<WallTime> now() override { return clock_.now({}); }
  Result<void> create_table(const Table& table) override;
  Result<void> drop_table(const Table& table) override;

  // Takes back everything this transaction did.
  void undo();
  bool has_written() const { return !undo_.empty(); }

 private:
  struct Undo {
    std::string table;
    // Of a row: its key and what stood there.
    std::optional<std::string> key;
    std::optional<std::string> value;
    // Of a table that was created (null) or dropped.
    std::shared_ptr<Rows> rows;
  };

  Result<const Rows*> rows(const Table& table) const;
  // The rows, safe to change. Refuses in a read.
  Result<Rows*> own_rows(const Table& table);
  void undo_one(Undo& undo);

  Tables& tables_;
  StoreClock& clock_;
  const Access access_;
  std::vector<Undo> undo_;
};

}  // namespace writ::store
