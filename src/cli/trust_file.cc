#include "cli/trust_file.h"

#include "base/document.h"
#include "crypto/key_file.h"

namespace writ::cli {

Result<identity::Trust> load_trust_file(const std::filesystem::path& path) {
  if (path.extension() == ".pub") {
    WRIT_TRY(const crypto::PublicKeyFile key, crypto::load_public_key_file(path));
    return identity::Trust::self_signed(key.key);
  }
  WRIT_TRY(const Document document, load_document(path));
  return identity::Trust::parse(document);
}

}  // namespace writ::cli
