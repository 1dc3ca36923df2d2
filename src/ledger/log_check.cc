#include "ledger/log_check.h"

#include "ledger/checkpoint.h"
#include "ledger/event_signature.h"
#include "ledger/event_types.h"
#include "ledger/leaf.h"

namespace writ::ledger {
namespace {

std::unexpected<Error> broken_event(std::uint64_t index, std::string_view why) {
  return fail(Code::tampered, "event " + std::to_string(index) + ": " + std::string(why));
}

// Whether `head` can have come after `seen`, as far as the two of them tell.
Result<void> expect_later(const Checkpoint& head, const Checkpoint& seen) {
  if (head.origin != seen.origin) {
    return fail(Code::tampered,
                "this is log " + head.origin + "; the one seen before is " + seen.origin);
  }
  if (head.size < seen.size) {
    return fail(Code::tampered, "the head is of " + std::to_string(head.size) +
                                    " events, and one of " + std::to_string(seen.size) +
                                    " was seen before");
  }
  return {};
}

}  // namespace

Result<LogCheck> LogCheck::begin(Checkpoint head, std::vector<crypto::PublicKey> log_keys,
                                 std::optional<Checkpoint> seen) {
  WRIT_CHECK(verify_checkpoint(head, log_keys));
  if (seen) WRIT_CHECK(expect_later(head, *seen));
  return LogCheck(std::move(head), std::move(log_keys), std::move(seen));
}

Result<void> LogCheck::take(const Event& event) {
  const std::uint64_t index = tree_.size;
  if (event.index != index) return broken_event(index, "another one stands in its place");
  const Entry& entry = event.entry;
  if (event.payload_state == Event::Payload::intact) {
    if (payload_digest(event.salt, entry.payload) != event.payload_digest) {
      return broken_event(index, "its payload is not the one that was logged");
    }
    if (!check_signatures(entry, log_keys_)) {
      return broken_event(index, "one of its signatures does not hold");
    }
  } else if (event.payload_state == Event::Payload::erased) {
    erased_.push_back({index, entry.id, event.erased_by});
  } else {
    return broken_event(index, "its payload is missing");
  }
  if (entry.type == kPayloadErased) erasures_.emplace(entry.id, entry.subject);
  tree_.append(leaf_hash(leaf_bytes(event)));
  if (seen_ && seen_->size == tree_.size && seen_->root != tree_.root()) {
    return fail(Code::tampered, "the first " + std::to_string(seen_->size) +
                                    " events are not those under the head that was seen before");
  }
  return {};
}

Result<LedgerReport> LogCheck::finish() const {
  if (!is_complete()) {
    return fail(Code::tampered, "the head is of " + std::to_string(head_.size) +
                                    " events, and there are " + std::to_string(tree_.size));
  }
  if (tree_.root() != head_.root) {
    return fail(Code::tampered, "the first " + std::to_string(head_.size) +
                                    " events are not those that were signed");
  }
  for (const Erased& one : erased_) {
    const auto why = erasures_.find(one.by);
    if (why == erasures_.end() || why->second != erased_subject(one.event)) {
      return broken_event(one.index, "its payload is missing, and no event says it was erased");
    }
  }
  return LedgerReport{
      .events = head_.size, .pending = 0, .erased = erased_.size(), .newest = head_};
}

}  // namespace writ::ledger
