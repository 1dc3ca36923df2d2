#pragma once
// SipHash-1-3 (Aumasson, Bernstein) under a key of this process: names come from outside, and
// nobody outside shall be able to choose names that collide. Private to identity/rbac.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace writ::identity {

class KeyedHash {
 public:
  KeyedHash(std::uint64_t k0, std::uint64_t k1) : k0_(k0), k1_(k1) {}

  std::uint64_t operator()(std::string_view text) const {
    State state{k0_ ^ 0x736f6d6570736575, k1_ ^ 0x646f72616e646f6d, k0_ ^ 0x6c7967656e657261,
                k1_ ^ 0x7465646279746573};
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) state.take(load(text.data() + at, 8));
    state.take(load(text.data() + at, text.size() - at) | text.size() << 56);
    return state.finish();
  }

  // Of two hashes, in that order.
  std::uint64_t pair(std::uint64_t first, std::uint64_t second) const {
    State state{k0_ ^ 0x736f6d6570736575, k1_ ^ 0x646f72616e646f6d, k0_ ^ 0x6c7967656e657261,
                k1_ ^ 0x7465646279746573};
    state.take(first);
    state.take(second);
    return state.finish();
  }

 private:
  struct State {
    std::uint64_t v0, v1, v2, v3;

    void round() {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
    void take(std::uint64_t word) {
      v3 ^= word;
      round();
      v0 ^= word;
    }
    std::uint64_t finish() {
      v2 ^= 0xff;
      round();
      round();
      round();
      return v0 ^ v1 ^ v2 ^ v3;
    }
  };

  static std::uint64_t load(const char* bytes, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, size);
    return word;
  }

  std::uint64_t k0_;
  std::uint64_t k1_;
};

}  // namespace writ::identity
