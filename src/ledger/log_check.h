#pragma once
// A log that somebody else keeps, recomputed from the events that they hand over and held to a head
// that they signed: nothing is believed but the key; with a head that was seen before, a log that
// was set back or written anew is noticed, too. One thread at a time.
//
//   WRIT_TRY(LogCheck check, LogCheck::begin(head, log_keys));
//   while (!check.is_complete()) WRIT_CHECK(check.take(next event));
//   WRIT_TRY(const LedgerReport report, check.finish());
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "crypto/key.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"

namespace writ::ledger {

class LogCheck {
 public:
  // `seen`: a head of the same log that was shown before, which this one must go on from.
  // Errors: signature_bad (no key of `log_keys` signed the head), tampered.
  static Result<LogCheck> begin(Checkpoint head, std::vector<crypto::PublicKey> log_keys,
                                std::optional<Checkpoint> seen = std::nullopt);

  // Whether all events under the head have been taken.
  bool is_complete() const { return tree_.size == head_.size; }
  std::uint64_t next() const { return tree_.size; }  // index of the event to take
  // Errors: tampered (another event than that, a payload or a signature that does not hold).
  Result<void> take(const Event& event);
  // Errors: tampered (events are missing, or are not those that were signed; a payload is gone and
  // no event under the head says why).
  Result<LedgerReport> finish() const;

 private:
  LogCheck(Checkpoint head, std::vector<crypto::PublicKey> log_keys, std::optional<Checkpoint> seen)
      : head_(std::move(head)), log_keys_(std::move(log_keys)), seen_(std::move(seen)) {}

  struct Erased {
    std::uint64_t index = 0;
    EventId event;
    EventId by;
  };

  Checkpoint head_;
  std::vector<crypto::PublicKey> log_keys_;
  std::optional<Checkpoint> seen_;
  Frontier tree_;
  std::vector<Erased> erased_;
  std::map<EventId, std::string> erasures_;  // events that erase, and what
};

}  // namespace writ::ledger
