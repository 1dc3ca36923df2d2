// Tokens from arbitrary text: the first line as a token, which no key has signed; then lines as
// header and payload of a token that is signed by a key of the set. What is accepted was signed,
// and claims that are read are written and read back alike.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/jose/jws.h"
#include "identity/token/claims.h"

namespace {

using writ::crypto::JwsAlgorithm;

constexpr JwsAlgorithm kAllowed[] = {JwsAlgorithm::eddsa, JwsAlgorithm::es256};

const writ::crypto::JwsKey& signing_key() {
  static const auto key =
      writ::crypto::JwsKey::from_secret(JwsAlgorithm::eddsa, std::string(32, 's')).value();
  return key;
}

const writ::crypto::JwkSet& keys() {
  static const writ::crypto::JwkSet set({signing_key().public_key()});
  return set;
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

void check_claims(std::string_view payload) {
  const auto value = writ::parse_json(payload);
  if (!value) return;
  const auto claims = writ::identity::claims_from_value(*value);
  if (!claims) return;
  const auto again = writ::identity::claims_from_value(writ::identity::claims_to_value(*claims));
  WRIT_ASSERT(again.has_value() && *again == *claims);
}

void check_signed(std::string_view header, std::string_view payload) {
  const std::string text =
      writ::crypto::to_base64url(header) + "." + writ::crypto::to_base64url(payload);
  const std::string token =
      text + "." + writ::crypto::to_base64url(signing_key().sign(text).value());
  const auto jws = writ::crypto::jws_verify(keys(), token, kAllowed);
  if (!jws) return;
  WRIT_ASSERT(jws->payload == payload && jws->key_id == signing_key().public_key().key_id());
  const auto json = writ::parse_json(header);
  WRIT_ASSERT(json.has_value() && json->string_or("alg", "") == "EdDSA");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = writ::as_text({data, size});
  const std::string_view token = take_line(rest);
  const auto refused = writ::crypto::jws_verify(keys(), token, kAllowed);
  WRIT_ASSERT(!refused && refused.error().code == writ::Code::signature_bad);
  const std::string_view header = take_line(rest);
  check_signed(header, rest);
  const std::string good =
      R"({"alg":"EdDSA","kid":")" + signing_key().public_key().key_id() + "\"}";
  check_signed(good, rest);
  check_claims(rest);
  static_cast<void>(writ::crypto::JwkSet::parse(rest));
  return 0;
}
