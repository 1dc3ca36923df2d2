#pragma once
// The first stage: entries become pending events of the caller's transaction.
#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "ledger/entry.h"
#include "ledger/ledger.h"
#include "ledger/prepared_entry.h"
#include "store/store.h"

namespace writ::ledger {

// Salts, drawn many at a time: asking the kernel for each would cost as much as the hashing.
// Thread-safe. `random` is borrowed.
class SaltSource {
 public:
  explicit SaltSource(Random& random) : random_(random) {}
  std::string next();

 private:
  Random& random_;
  std::mutex mutex_;
  std::vector<std::uint8_t> bytes_;
};

// Thread-safe, as far as the transactions are.
class Appender {
 public:
  Appender(Random& random, const LedgerOptions& options)
      : salts_(random),
        pending_limit_(options.pending_limit),
        payload_limit_(options.payload_limit) {}

  // See Ledger::prepare and Ledger::append_prepared.
  Result<std::vector<PreparedEntry>> prepare(std::span<const Entry> entries);
  Result<void> append(store::Tx& tx, std::span<PreparedEntry> entries);

 private:
  Result<std::uint64_t> next_place(store::Tx& tx, std::size_t count);

  SaltSource salts_;
  std::size_t pending_limit_;
  std::size_t payload_limit_;
  // A size that the tree is known to have reached; it never shrinks.
  std::atomic<std::uint64_t> known_size_ = 0;
};

}  // namespace writ::ledger
