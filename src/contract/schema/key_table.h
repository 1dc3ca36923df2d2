#pragma once
// Which of a fixed set of keys a string is: one hash and, nearly always, one comparison.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace writ::contract {

class KeyTable {
 public:
  static constexpr std::uint32_t kNone = ~0u;

  KeyTable() = default;
  // Requires: keys are unique. Ordinals are their indices.
  explicit KeyTable(std::vector<std::string> keys);

  std::uint32_t find(std::string_view key) const {
    if (slots_.empty()) return kNone;
    const Ends ends = ends_of(key);
    for (std::uint64_t at = hash(ends, key.size(), seed_) >> shift_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.ordinal == kNone) return kNone;
      if (slot.ends.head == ends.head && slot.ends.tail == ends.tail && slot.size == key.size() &&
          (key.size() <= 16 || std::memcmp(slot.data, key.data(), key.size()) == 0)) {
        return slot.ordinal;
      }
    }
  }

  std::size_t size() const { return keys_.size(); }
  const std::string& key(std::uint32_t ordinal) const { return keys_[ordinal]; }
  const std::vector<std::string>& keys() const { return keys_; }

  KeyTable(const KeyTable&) = delete;  // slots point into keys
  KeyTable& operator=(const KeyTable&) = delete;
  KeyTable(KeyTable&&) = default;
  KeyTable& operator=(KeyTable&&) = default;

 private:
  // The first and the last eight bytes; of keys of up to sixteen bytes that is all there is.
  struct Ends {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
  };

  struct Slot {
    Ends ends;
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t ordinal = kNone;
  };

  static Ends ends_of(std::string_view key) {
    const char* data = key.data();
    const std::size_t size = key.size();
    Ends ends;
    if (size >= 8) {
      std::memcpy(&ends.head, data, 8);
      std::memcpy(&ends.tail, data + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(&ends.head, data, 4);
      std::memcpy(&ends.tail, data + size - 4, 4);
    } else if (size > 0) {
      ends.head = static_cast<unsigned char>(data[0]);
      ends.tail = static_cast<std::uint64_t>(static_cast<unsigned char>(data[size / 2])) << 8 |
                  static_cast<unsigned char>(data[size - 1]);
    }
    return ends;
  }

  // The seed is chosen so that the keys do not collide.
  static std::uint64_t hash(const Ends& ends, std::size_t size, std::uint64_t seed) {
    return ((ends.head ^ seed) * 0x9e3779b97f4a7c15u) ^
           ((ends.tail + size + seed) * 0xc2b2ae3d27d4eb4fu);
  }

  bool fill(std::uint64_t seed, bool accept_collisions);

  std::vector<std::string> keys_;
  std::vector<Slot> slots_;
  std::uint64_t seed_ = 0;
  std::uint64_t mask_ = 0;
  unsigned shift_ = 0;
};

}  // namespace writ::contract
