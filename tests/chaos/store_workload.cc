#include "store_workload.h"

#include <utility>

namespace writ::store {
namespace {

constexpr Table kLeft{"chaos_left"};
constexpr Table kRight{"chaos_right"};
constexpr Table kCount{"chaos_count"};

std::string value_of(int i) {
  const std::size_t size = i % 4 == 3 ? 20'000 : 100;
  return std::to_string(i) + std::string(size, static_cast<char>('a' + i % 26));
}

Result<std::set<int>> rows_of(Tx& tx, const Table& table) {
  WRIT_TRY(const auto rows, tx.scan(table, {}, 10'000));
  std::set<int> out;
  for (const Row& row : rows) {
    const int i = std::stoi(row.key);
    if (row.value != value_of(i)) return fail(Code::internal, "row " + row.key + " is mangled");
    out.insert(i);
  }
  return out;
}

Result<std::set<int>> consistent_writes(Tx& tx) {
  WRIT_TRY(auto left, rows_of(tx, kLeft));
  WRIT_TRY(const auto right, rows_of(tx, kRight));
  WRIT_TRY(const auto count, tx.get(kCount, "count"));
  if (left != right || std::to_string(left.size()) != count.value_or("0")) {
    return fail(Code::internal, "a write is there in part");
  }
  return left;
}

}  // namespace

std::vector<Migration> workload_migrations() {
  Migration first;
  first.module = "chaos";
  first.version = 1;
  first.creates = {kLeft, kRight, kCount};
  return {first};
}

Result<std::unique_ptr<Store>> open_workload(const std::string& path, const std::string& vfs) {
  OpenOptions options;
  options.sqlite_vfs = vfs;
  WRIT_TRY(auto store, open("sqlite:" + path, options));
  WRIT_CHECK(store->migrate(workload_migrations(), DryRun::no));
  return store;
}

Result<void> workload_write(Store& store, int i) {
  return store.write([i](Tx& tx) -> Result<void> {
    const std::string key = std::to_string(i);
    WRIT_CHECK(tx.put(kLeft, key, value_of(i)));
    WRIT_TRY(const auto count, tx.get(kCount, "count"));
    WRIT_CHECK(tx.put(kCount, "count", std::to_string(std::stoi(count.value_or("0")) + 1)));
    return tx.put(kRight, key, value_of(i));
  });
}

Result<std::set<int>> surviving_writes(const std::string& path) {
  WRIT_TRY(const auto store, open_workload(path, {}));
  WRIT_CHECK(store->check());
  return store->read([](Tx& tx) { return consistent_writes(tx); });
}

}  // namespace writ::store
