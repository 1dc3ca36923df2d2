#include "crypto/random_bytes.h"

#include <sodium.h>

namespace writ::crypto {

std::string random_bytes(std::size_t size) {
  require_sodium();
  std::string bytes(size, '\0');
  randombytes_buf(bytes.data(), size);
  return bytes;
}

SecretBytes random_secret(std::size_t size) {
  SecretBytes bytes(size);
  randombytes_buf(bytes.data(), size);
  return bytes;
}

}  // namespace writ::crypto
