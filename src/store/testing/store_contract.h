#pragma once
// What every store adapter must do, as tests: store_contract.cc, migration_contract.cc,
// watch_contract.cc and, with random histories against std::map, store_model.cc. An adapter's test
// file derives a StoreFixture that opens a fresh store and says
//   INSTANTIATE_STORE_CONTRACT(Sqlite, SqliteFixture);
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/open.h"
#include "store/store.h"
#include "store/testing/fake_clock.h"

namespace writ::store {

inline constexpr Table kFruit{"contract_fruit"};
inline constexpr Table kTools{"contract_tools"};

// One module with two tables, made by one migration.
std::vector<Migration> contract_migrations();

class StoreFixture {
 public:
  virtual ~StoreFixture() = default;
  // Why there is nothing to test; empty: there is.
  virtual std::string missing() { return {}; }
  virtual Result<std::unique_ptr<Store>> open(const Clock& clock) = 0;
  // The store that `open` opened last, once more, as another process would.
  virtual Result<std::unique_ptr<Store>> open_again(const Clock& /*clock*/) {
    return fail(Code::unsupported, "skipped: nobody else reaches this store");
  }
};

using MakeFixture = std::unique_ptr<StoreFixture> (*)();

class StoreContract : public ::testing::TestWithParam<MakeFixture> {
 protected:
  void SetUp() override;

  // Each runs in a transaction of its own and fails the test when the store refuses.
  void put(const Table& table, const std::string& key, const std::string& value);
  std::string get(const Table& table, const std::string& key);  // "(none)" when absent
  // "key=value" in the order of the scan.
  std::vector<std::string> scan(const Table& table, const KeyRange& range, std::size_t limit,
                                Order order = Order::ascending);

  FakeClock clock_;
  std::unique_ptr<StoreFixture> fixture_;
  std::unique_ptr<Store> store_;
};

}  // namespace writ::store

#define INSTANTIATE_STORE_CONTRACT(Name, Fixture)                                     \
  INSTANTIATE_TEST_SUITE_P(Name, StoreContract,                                       \
                           ::testing::Values(+[]() -> std::unique_ptr<StoreFixture> { \
                             return std::make_unique<Fixture>();                      \
                           }))
