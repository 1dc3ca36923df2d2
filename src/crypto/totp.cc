#include "crypto/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/encoding.h"
#include "base/result.h"
#include "crypto/base32.h"
#include "crypto/digest.h"
#include "crypto/secret_bytes.h"

namespace writ::crypto {
namespace {

const EVP_MD* digest_of(TotpHash hash) {
  switch (hash) {
    case TotpHash::sha256:
      return EVP_sha256();
    case TotpHash::sha512:
      return EVP_sha512();
    case TotpHash::sha1:
      break;
  }
  return EVP_sha1();
}

// RFC 4226 section 5.3.
std::uint32_t truncated(std::string_view secret, std::int64_t step, TotpHash hash) {
  std::array<unsigned char, 8> counter;
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (56 - 8 * i));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  const bool made = HMAC(digest_of(hash), secret.data(), static_cast<int>(secret.size()),
                         counter.data(), counter.size(), mac.data(), &size) != nullptr;
  WRIT_ASSERT(made);
  const std::size_t at = mac[size - 1] & 15u;
  return (mac[at] & 127u) << 24 | static_cast<std::uint32_t>(mac[at + 1] << 16) |
         static_cast<std::uint32_t>(mac[at + 2] << 8) | mac[at + 3];
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (const char c : text) {
    if (kUnreserved.find(c) != kUnreserved.npos) {
      out += c;
    } else {
      out += '%' + to_hex(as_bytes({&c, 1}));
    }
  }
}

}  // namespace

std::int64_t totp_step(WallTime now, const TotpRules& rules) {
  WRIT_ASSERT(now.micros >= 0 && rules.period.count() > 0);
  return now.micros / 1'000'000 / rules.period.count();
}

std::string totp_code(std::string_view secret, std::int64_t step, const TotpRules& rules) {
  WRIT_ASSERT(rules.digits == 6 || rules.digits == 8);
  std::uint32_t number = truncated(secret, step, rules.hash);
  std::string out(rules.digits, '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit, number /= 10) {
    *digit = static_cast<char>('0' + number % 10);
  }
  return out;
}

std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, WallTime now,
                                       const TotpRules& rules, const TotpWindow& window) {
  const std::int64_t current = totp_step(now, rules);
  std::optional<std::int64_t> found;
  for (std::int64_t step = current - window.drift; step <= current + window.drift; ++step) {
    std::string expected = totp_code(secret, step, rules);
    const WipeOnExit wiped(expected);
    const bool is_same = equal_constant_time(expected, code);
    if (is_same && step > window.last_used) found = step;
  }
  return found;
}

std::string totp_uri(std::string_view issuer, std::string_view account, std::string_view secret,
                     const TotpRules& rules) {
  std::string out = "otpauth://totp/";
  append_encoded(out, issuer);
  out += ':';
  append_encoded(out, account);
  std::string encoded = to_base32(secret);
  const WipeOnExit wiped(encoded);
  out += "?secret=" + encoded + "&issuer=";
  append_encoded(out, issuer);
  out += "&algorithm=" + std::string(kTotpHashes.name(rules.hash));
  out += "&digits=" + std::to_string(rules.digits);
  out += "&period=" + std::to_string(rules.period.count());
  return out;
}

}  // namespace writ::crypto
