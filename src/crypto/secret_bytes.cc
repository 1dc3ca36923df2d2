#include "crypto/secret_bytes.h"

#include <sodium.h>

#include <algorithm>

#include "base/result.h"

namespace writ::crypto {

void require_sodium() {
  // A machine whose generator cannot be opened cannot do anything with keys: no error to handle.
  static const bool kReady = sodium_init() >= 0;
  WRIT_ASSERT(kReady);
}

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  require_sodium();
  bytes_.reset(static_cast<std::uint8_t*>(sodium_malloc(size)));
  WRIT_ASSERT(bytes_ != nullptr);
}

SecretBytes SecretBytes::copy_of(std::string_view bytes) {
  SecretBytes out(bytes.size());
  std::ranges::copy(bytes, out.data());
  return out;
}

void SecretBytes::Free::operator()(std::uint8_t* bytes) const { sodium_free(bytes); }

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace writ::crypto
