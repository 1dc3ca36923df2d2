#include "base/id.h"

#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/encoding.h"

namespace writ {
namespace {

constexpr std::size_t kTextSize = 36;

bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// RFC 9562 sections 4.1 and 4.2.
void set_version(Uuid& uuid, unsigned version) {
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0fu) | (version << 4));
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3fu) | 0x80u);
}

}  // namespace

std::string Uuid::text() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(kTextSize, '-');
  std::size_t to = 0;
  for (const std::uint8_t byte : bytes) {
    if (is_hyphen_place(to)) ++to;
    out[to++] = kDigits[byte >> 4];
    out[to++] = kDigits[byte & 0x0fu];
  }
  return out;
}

Result<Uuid> Uuid::parse(std::string_view text) {
  const auto malformed = [&] {
    return fail(Code::invalid_input, "`" + std::string(text.substr(0, 64)) + "` is no UUID",
                "Write it like 01890a5d-ac96-774b-bcce-b302099a8057");
  };
  if (text.size() != kTextSize) return malformed();
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_hyphen_place(i)) {
      digits += text[i];
    } else if (text[i] != '-') {
      return malformed();
    }
  }
  const auto raw = parse_hex(digits);
  if (!raw) return malformed();
  Uuid uuid;
  std::ranges::copy(as_bytes(*raw), uuid.bytes.begin());
  return uuid;
}

Uuid Uuid::v7(const Clock& clock, Random& random) {
  Uuid uuid;
  random.fill(uuid.bytes);
  const std::int64_t millis =
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::microseconds{clock.wall().micros})
          .count();
  for (std::size_t i = 0; i < 6; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(millis) >> (40 - 8 * i));
  }
  set_version(uuid, 7);
  return uuid;
}

Uuid Uuid::v5(const Uuid& name_space, std::string_view name) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::array<std::uint8_t, 20> digest{};
  const bool done =
      context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr) == 1 &&
      EVP_DigestUpdate(context.get(), name_space.bytes.data(), name_space.bytes.size()) == 1 &&
      EVP_DigestUpdate(context.get(), name.data(), name.size()) == 1 &&
      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  WRIT_ASSERT(done);  // SHA-1 of memory fails only when memory is gone
  Uuid uuid;
  std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
  set_version(uuid, 5);
  return uuid;
}

}  // namespace writ
