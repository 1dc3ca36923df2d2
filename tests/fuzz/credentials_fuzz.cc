// What people and services hand in, as arbitrary text: API keys, password hashes as they are
// stored, base32 and base64url, sealed secrets. What is read is written back as it was, and costs
// no more than its bound.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "crypto/base32.h"
#include "crypto/base64url.h"
#include "crypto/password_hash.h"
#include "crypto/seal.h"
#include "identity/api_key.h"
#include "identity/password_rules.h"

namespace {

std::string upper(std::string_view text) {
  std::string out(text.substr(0, text.find('=')));
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

void check_encodings(std::string_view text) {
  if (const auto bytes = writ::crypto::parse_base64url(text)) {
    WRIT_ASSERT(writ::crypto::to_base64url(*bytes) == text);
  }
  if (text.size() <= 256) {
    if (const auto bytes = writ::crypto::parse_base32(text)) {
      WRIT_ASSERT(writ::crypto::to_base32(bytes->view()) == upper(text));
    }
  }
}

void check_api_key(std::string_view text) {
  const auto parts = writ::identity::parse_api_key(text);
  if (!parts) return;
  WRIT_ASSERT(text.starts_with(writ::identity::api_key_prefix(parts->environment, parts->id)));
  WRIT_ASSERT(writ::identity::is_api_key(text, writ::crypto::sha256(text)));
}

void check_hash(std::string_view text) {
  const auto form = writ::crypto::read_hash_form(text);
  if (!form) return;
  WRIT_ASSERT(form->work.passes <= writ::crypto::kMostHashWork.passes &&
              form->work.memory_kib <= writ::crypto::kMostHashWork.memory_kib);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = writ::as_text({data, size});
  check_encodings(text);
  check_api_key(text);
  check_hash(text);
  static_cast<void>(writ::crypto::kek_id_of(text));
  static_cast<void>(writ::identity::check_password(text, {}));
  return 0;
}
