#pragma once
// SHA-256 digests and HMAC-SHA-256 (OpenSSL inside). Values; thread-safe.
#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::crypto {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  std::string hex() const;        // 64 lower-case digits
  std::string_view view() const;  // the 32 raw bytes
  static Result<Digest> parse_hex(std::string_view hex);
  static Result<Digest> from_bytes(std::string_view raw);
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);

// Equality in time that depends on the length alone.
bool equal_constant_time(std::string_view a, std::string_view b);

// Incremental SHA-256. One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256& update(std::string_view bytes);
  Digest finish();  // resets

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace writ::crypto
