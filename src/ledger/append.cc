#include "ledger/append.h"

#include "ledger/append_batch.h"
#include "ledger/leaf.h"
#include "ledger/record.h"
#include "ledger/tables.h"
#include "ledger/tree.h"

namespace writ::ledger {
namespace {

constexpr std::size_t kSaltsAtOnce = 256;

Result<PreparedEntry> prepare_one(const Entry& entry, std::string salt, std::size_t payload_limit) {
  WRIT_CHECK(check_entry(entry));
  if (entry.payload.size() > payload_limit) {
    return fail(Code::invalid_input,
                "a payload has at most " + std::to_string(payload_limit) + " bytes",
                "Put large content into the blob store and its digest into the payload");
  }
  PreparedEntry prepared{
      .entry = &entry, .salt = std::move(salt), .payload_digest = {}, .leaf = {}};
  prepared.payload_digest = payload_digest(prepared.salt, entry.payload);
  const std::string leaf = hashed_leaf(entry, prepared.payload_digest);
  if (leaf.size() - 1 > kLeafLimit) {
    return fail(
        Code::invalid_input,
        "an event's record has at most 65535 bytes, this one " + std::to_string(leaf.size() - 1),
        "Shorten subject, actor or correlation; large content belongs in the payload");
  }
  prepared.leaf = crypto::sha256(leaf);
  return prepared;
}

}  // namespace

std::string SaltSource::next() {
  const std::lock_guard lock(mutex_);
  if (bytes_.empty()) {
    bytes_.resize(kSaltsAtOnce * kSaltSize);
    random_.fill(bytes_);
  }
  std::string salt(bytes_.end() - static_cast<std::ptrdiff_t>(kSaltSize), bytes_.end());
  bytes_.resize(bytes_.size() - kSaltSize);
  return salt;
}

// Behind everything that is there. Most calls need one look-up: how many events are pending is
// asked only when too many may have come since it was last known.
Result<std::uint64_t> Appender::next_place(store::Tx& tx, std::size_t count) {
  std::uint64_t place = 0;
  WRIT_TRY(const auto last, tx.scan(kEvents, everything(), 1, store::Order::descending));
  if (!last.empty()) {
    WRIT_TRY(const ChunkKey key, ChunkKey::parse(last.front().key));
    WRIT_TRY(const auto records, split_chunk(last.front().value));
    place = key.place + records.size();
  }
  if (place + count <= known_size_ + pending_limit_) return place;
  WRIT_TRY(const Frontier head, load_head(tx));
  known_size_ = head.size;
  if (place + count <= head.size + pending_limit_) return place;
  return fail(Code::overloaded,
              std::to_string(place - head.size) + " events wait to be taken into the log");
}

Result<std::vector<PreparedEntry>> Appender::prepare(std::span<const Entry> entries) {
  std::vector<PreparedEntry> prepared;
  prepared.reserve(entries.size());
  for (const Entry& entry : entries) {
    WRIT_TRY(prepared.emplace_back(), prepare_one(entry, salts_.next(), payload_limit_));
  }
  return prepared;
}

Result<void> Appender::append(store::Tx& tx, std::span<PreparedEntry> entries) {
  WRIT_TRY(const std::uint64_t first, next_place(tx, entries.size()));
  return AppendBatch(tx, first, entries).write();
}

}  // namespace writ::ledger
