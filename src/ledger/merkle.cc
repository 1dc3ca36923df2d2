#include "ledger/merkle.h"

#include <array>
#include <bit>
#include <cstring>
#include <string>

namespace writ::ledger {

Digest leaf_hash(std::string_view entry) {
  std::string bytes;
  bytes.reserve(entry.size() + 1);
  bytes.push_back('\0');
  bytes += entry;
  return crypto::sha256(bytes);
}

Digest node_hash(const Digest& left, const Digest& right) {
  std::array<char, 65> bytes;
  bytes[0] = 1;
  std::memcpy(bytes.data() + 1, left.bytes.data(), 32);
  std::memcpy(bytes.data() + 33, right.bytes.data(), 32);
  return crypto::sha256({bytes.data(), bytes.size()});
}

Digest empty_root() { return crypto::sha256({}); }

void Frontier::append(const Digest& leaf, const NodeSink& on_node) {
  if (on_node) on_node(0, size, leaf);
  Digest hash = leaf;
  // Every trailing one bit of the old size is a full subtree that the new leaf completes.
  const auto merges = static_cast<unsigned>(std::countr_one(size));
  for (unsigned level = 0; level < merges; ++level) {
    hash = node_hash(peaks.back(), hash);
    peaks.pop_back();
    if (on_node) on_node(level + 1, size >> (level + 1), hash);
  }
  peaks.push_back(hash);
  ++size;
}

Digest Frontier::root() const {
  if (peaks.empty()) return empty_root();
  Digest hash = peaks.back();
  for (std::size_t i = peaks.size() - 1; i-- > 0;) hash = node_hash(peaks[i], hash);
  return hash;
}

}  // namespace writ::ledger
