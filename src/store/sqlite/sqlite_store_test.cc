#include "store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>

#include "store/testing/store_contract.h"
#include "store/testing/temporary_directory.h"

namespace writ::store {
namespace {

class SqliteFixture final : public StoreFixture {
 public:
  Result<std::unique_ptr<Store>> open(const Clock& clock) override {
    return store::open("sqlite:" + directory_.file("store.db"), {.clock = &clock});
  }

 private:
  TemporaryDirectory directory_;
};

INSTANTIATE_STORE_CONTRACT(Sqlite, SqliteFixture);

}  // namespace
}  // namespace writ::store
