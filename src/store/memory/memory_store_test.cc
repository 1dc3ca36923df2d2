#include "store/memory/memory_store.h"

#include "store/testing/store_contract.h"

namespace writ::store {
namespace {

class MemoryFixture final : public StoreFixture {
 public:
  Result<std::unique_ptr<Store>> open(const Clock& clock) override {
    return store::open("memory:", {.clock = &clock});
  }
};

INSTANTIATE_STORE_CONTRACT(Memory, MemoryFixture);

}  // namespace
}  // namespace writ::store
