#pragma once
// Randomness as a seam. Key material comes from libsodium inside crypto, never from here.
#include <cstdint>
#include <span>

namespace writ {

class Random {
 public:
  virtual ~Random() = default;
  // Fills `out`. Thread-safe.
  virtual void fill(std::span<std::uint8_t> out) = 0;
  std::uint64_t next_u64();
};

// The kernel's generator.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace writ
