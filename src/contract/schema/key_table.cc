#include "contract/schema/key_table.h"

#include <bit>
#include <utility>

namespace writ::contract {

KeyTable::KeyTable(std::vector<std::string> keys) : keys_(std::move(keys)) {
  if (keys_.empty()) return;
  const std::size_t size = std::bit_ceil(keys_.size() * 2 + 1);
  slots_.resize(size);
  mask_ = size - 1;
  shift_ = static_cast<unsigned>(64 - std::countr_zero(size));
  constexpr std::uint64_t kTries = 64;
  for (std::uint64_t seed = 0; seed < kTries; ++seed) {
    if (fill(seed * 0xd6e8feb86659fd93u, false)) return;
  }
  fill(0, true);
}

bool KeyTable::fill(std::uint64_t seed, bool accept_collisions) {
  seed_ = seed;
  slots_.assign(slots_.size(), Slot());
  for (std::uint32_t ordinal = 0; ordinal < keys_.size(); ++ordinal) {
    const std::string& key = keys_[ordinal];
    const Ends ends = ends_of(key);
    std::uint64_t at = hash(ends, key.size(), seed) >> shift_;
    while (slots_[at].ordinal != kNone) {
      if (!accept_collisions) return false;
      at = (at + 1) & mask_;
    }
    slots_[at] = {ends, key.data(), static_cast<std::uint32_t>(key.size()), ordinal};
  }
  return true;
}

}  // namespace writ::contract
