#pragma once
// Compares the stored tiles with the nodes of a tree that is built again, for `verify`.
#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "ledger/merkle.h"
#include "ledger/tree.h"
#include "store/store.h"

namespace writ::ledger {

// The error of `verify` that names the first broken event.
std::unexpected<Error> broken(std::uint64_t index, const std::string& what);

class TileCheck {
 public:
  // `tx` is borrowed; `size` is that of the whole tree.
  TileCheck(store::Tx& tx, std::uint64_t size) : tx_(tx), size_(size) {}

  // Takes what Frontier::append reports.
  void on_node(unsigned level, std::uint64_t index, const Digest& hash);
  // The first difference so far. Errors: tampered.
  const Result<void>& state() const { return state_; }
  // That there are no tiles but those that were compared. Errors: tampered.
  Result<void> finish();

 private:
  Result<void> compare(const TileId& id, std::uint64_t index, const Digest& hash);

  store::Tx& tx_;
  std::uint64_t size_;
  std::uint64_t loaded_ = 0;
  std::map<std::uint64_t, std::string> tiles_;  // by level: the one being compared
  Result<void> state_;
};

}  // namespace writ::ledger
