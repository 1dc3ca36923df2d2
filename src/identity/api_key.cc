#include "identity/api_key.h"

#include <array>
#include <cstdint>

#include "crypto/random_bytes.h"
#include "crypto/secret_bytes.h"
#include "identity/base62.h"

namespace writ::identity {
namespace {

constexpr std::string_view kScheme = "writ_";
constexpr std::size_t kIdDigits = 16;       // of 11 bytes, 88 bits
constexpr std::size_t kSecretDigits = 43;   // of 32 bytes
constexpr std::size_t kChecksumDigits = 6;  // of 4 bytes
constexpr std::size_t kMaxEnvironment = 16;
constexpr std::string_view kEnvironmentDigits = "abcdefghijklmnopqrstuvwxyz0123456789";

// CRC-32 as zlib and PNG have it: found by anybody's tools, and meant against slips of the hand,
// not against forgery.
std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
  }
  return ~crc;
}

std::string checksum(std::string_view text) {
  const std::uint32_t crc = crc32(text);
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(crc >> shift);
  return to_base62(bytes, kChecksumDigits);
}

std::unexpected<Error> no_key(std::string_view why) {
  return fail(Code::invalid_input, "this is no API key: " + std::string(why),
              "Copy it whole, as it was shown when it was made");
}

}  // namespace

bool is_api_key_environment(std::string_view text) {
  return !text.empty() && text.size() <= kMaxEnvironment &&
         text.find_first_not_of(kEnvironmentDigits) == text.npos;
}

std::string api_key_prefix(std::string_view environment, std::string_view id) {
  return std::string(kScheme) + std::string(environment) + "_" + std::string(id);
}

NewApiKey make_api_key(std::string_view environment) {
  WRIT_ASSERT(is_api_key_environment(environment));
  NewApiKey out;
  out.id = to_base62(crypto::random_bytes(11), kIdDigits);
  std::string secret = to_base62(crypto::random_secret(32).view(), kSecretDigits);
  const crypto::WipeOnExit wiped(secret);
  out.text = api_key_prefix(environment, out.id) + "_" + secret;
  out.text += checksum(out.text);
  out.stored = crypto::sha256(out.text);
  return out;
}

bool looks_like_api_key(std::string_view text) { return text.starts_with(kScheme); }

Result<ApiKeyParts> parse_api_key(std::string_view text) {
  if (!looks_like_api_key(text)) return no_key("it does not begin with `writ_`");
  constexpr std::size_t kLongest =
      kScheme.size() + kMaxEnvironment + 1 + kIdDigits + 1 + kSecretDigits + kChecksumDigits;
  if (text.size() > kLongest) return no_key("it is too long");
  const std::string_view body = text.substr(kScheme.size());
  const std::size_t first = body.find('_');
  const std::size_t second = first == body.npos ? first : body.find('_', first + 1);
  if (second == body.npos) return no_key("it does not have four parts");
  const ApiKeyParts out{body.substr(0, first), body.substr(first + 1, second - first - 1)};
  const std::string_view tail = body.substr(second + 1);
  if (!is_api_key_environment(out.environment)) return no_key("its environment is malformed");
  if (out.id.size() != kIdDigits || !is_base62(out.id)) return no_key("its id is malformed");
  if (tail.size() != kSecretDigits + kChecksumDigits || !is_base62(tail)) {
    return no_key("its secret is cut or malformed");
  }
  const std::string_view covered = text.substr(0, text.size() - kChecksumDigits);
  if (checksum(covered) != text.substr(covered.size())) return no_key("its checksum is wrong");
  return out;
}

bool is_api_key(std::string_view text, const crypto::Digest& stored) {
  return crypto::equal_constant_time(crypto::sha256(text).view(), stored.view());
}

}  // namespace writ::identity
