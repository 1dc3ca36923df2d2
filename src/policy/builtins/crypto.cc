#include "base/encoding.h"
#include "crypto/digest.h"
#include "policy/builtins/families.h"
#include "policy/builtins/pkey.h"

namespace writ::rego {
namespace {

template <unsigned kBits>
Outcome hash(Call& call) {
  return call.string(to_hex(as_bytes(hash_digest(kBits, call.arg(0).text()))));
}

template <unsigned kBits>
Outcome hmac(Call& call) {
  const std::string mac = hmac_digest(kBits, call.arg(1).text(), call.arg(0).text());
  return call.string(to_hex(as_bytes(mac)));
}

Outcome hmac_equal(Call& call) {
  return Term::boolean(crypto::equal_constant_time(call.arg(0).text(), call.arg(1).text()));
}

constexpr std::string_view kHash = "(x: string) => (y: string)";
constexpr std::string_view kHmac = "(x: string, key: string) => (y: string)";

constexpr Builtin kCrypto[] = {
    {"crypto.hmac.equal", "(mac1: string, mac2: string) => (result: boolean)", &hmac_equal},
    {"crypto.hmac.md5", kHmac, &hmac<128>},
    {"crypto.hmac.sha1", kHmac, &hmac<160>},
    {"crypto.hmac.sha256", kHmac, &hmac<256>},
    {"crypto.hmac.sha512", kHmac, &hmac<512>},
    {"crypto.md5", kHash, &hash<128>},
    {"crypto.sha1", kHash, &hash<160>},
    {"crypto.sha256", kHash, &hash<256>},
};

}  // namespace

std::span<const Builtin> crypto_builtins() { return kCrypto; }

}  // namespace writ::rego
