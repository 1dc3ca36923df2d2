#pragma once
// What copies are made of: rows of a range, a blob. For what copies alone: copy.cc,
// copy_changes.cc.
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "store/blob_store.h"
#include "store/store.h"

namespace writ::store {

inline Result<void> ask(const GoOn& go_on) { return go_on ? go_on() : Result<void>{}; }

inline bool is_same(const Row& one, const Row& other) {
  return one.key == other.key && one.value == other.value;
}

// A source that lags behind would leave tables out. Errors: unsupported.
Result<void> expect_newest(Store& from, const std::vector<Migration>& migrations);

// Makes a range of the table what `wanted` is. The number of rows it changed.
Result<std::uint64_t> make_equal(Tx& to, const Table& table, const KeyRange& range,
                                 const std::vector<Row>& wanted);

// Unless it is there. Errors: not_found (it has gone from `from`), tampered, those of `go_on`.
Result<void> copy_blob(BlobStore& from, BlobStore& to, const BlobRef& ref, const GoOn& go_on);

}  // namespace writ::store
