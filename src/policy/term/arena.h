#pragma once
// Memory of terms: bump allocation, freed all at once. A term points into the arena it was made
// in and into arenas that this one outlives; nothing is counted, so that threads which read one
// document share no written cache line.
//
// One writer at a time. Once nobody writes, any number of threads may read what is in it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace writ::rego {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Always succeeds, aligned to 8. Whoever allocates in a loop asks `exhausted` now and then.
  void* allocate(std::size_t bytes) {
    bytes = (bytes + 7) & ~std::size_t{7};
    if (bytes > left_) return allocate_slow(bytes);
    void* const out = at_;
    at_ += bytes;
    left_ -= bytes;
    return out;
  }

  // Bytes beyond which `exhausted` is true. Unlimited at first.
  void set_limit(std::size_t bytes) { limit_ = bytes; }
  bool exhausted() const { return refused_ || reserved_ > limit_; }
  // Bytes that a result may have.
  std::size_t room() const {
    return reserved_ > limit_ ? 0 : std::min(limit_ - reserved_, kLargestValue);
  }
  // Whether a result of `bytes` still fits. If not, the arena is exhausted from now on, and
  // whoever runs the program stops it. For results whose size a policy chooses.
  bool admit(std::size_t bytes) {
    if (bytes > room()) refused_ = true;
    return !refused_;
  }
  // Bytes taken from the system.
  std::size_t reserved() const { return reserved_; }
  // The same without what the last chunk has left.
  std::size_t used() const { return reserved_ - left_; }

  // Forgets everything that was allocated and keeps the first chunk for the next use.
  void reset();

  // A term deeper than kDeepest was built: whoever runs a program must stop it.
  void note_too_deep() { too_deep_ = true; }
  bool too_deep() const { return too_deep_; }

 private:
  // Sizes of terms have 32 bits.
  static constexpr std::size_t kLargestValue = std::size_t{1} << 30;

  void* allocate_slow(std::size_t bytes);

  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t reserved_ = 0;
  std::size_t limit_ = SIZE_MAX;
  bool too_deep_ = false;
  bool refused_ = false;
  std::vector<Chunk> chunks_;
};

// Terms are walked by recursion, so nothing may be nested deeper than this.
inline constexpr std::uint32_t kDeepest = 2000;

}  // namespace writ::rego
