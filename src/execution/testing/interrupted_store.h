#pragma once
// A store that another one stands behind until its writes run out: what a process leaves that dies
// at its n-th commit. Reads go on.
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "store/store.h"

namespace writ::execution {

class InterruptedStore final : public store::Store {
 public:
  // `behind` is borrowed. `writes`: how many reach it.
  InterruptedStore(store::Store& behind, std::size_t writes) : behind_(behind), left_(writes) {}
  bool is_interrupted() const { return is_interrupted_; }

  Result<void> write_async(std::function<Result<void>(store::Tx&)> body,
                           std::function<void(Result<void>)> done) override {
    done(write(body));
    return {};
  }
  Result<std::unique_ptr<store::Watch>> watch(const std::vector<store::Table>& tables,
                                              store::Waker wake, store::Reach reach) override {
    return behind_.watch(tables, std::move(wake), reach);
  }
  Result<void> check() override { return behind_.check(); }
  store::StoreStats stats() const override { return behind_.stats(); }

 protected:
  Result<void> write_erased(const std::function<Result<void>(store::Tx&)>& body) override {
    if (left_ == 0) {
      is_interrupted_ = true;
      return fail(Code::storage_failed, "the process died here");
    }
    --left_;
    return behind_.write(body);
  }
  Result<void> read_erased(const std::function<Result<void>(store::Tx&)>& body) override {
    Result<void> out;
    WRIT_CHECK(behind_.read([&](store::Tx& tx) -> Result<int> {
      out = body(tx);
      return 0;
    }));
    return out;
  }

 private:
  store::Store& behind_;
  std::size_t left_;
  bool is_interrupted_ = false;
};

}  // namespace writ::execution
