// Manifests of backups: the input as a whole manifest, and as what a good signature stands under.
// What is accepted reads back the same, and names no file outside the backup's directory.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/dsse.h"
#include "crypto/key.h"
#include "identity/recovery/manifest.h"

namespace {

using namespace writ;

struct Keys {
  Keys() {
    keks.push_back(
        crypto::make_kek("fuzz", crypto::SecretBytes::copy_of(std::string(32, 'k'))).value());
    const auto seed = crypto::hmac_sha256(keks[0].key.view(), "writ backup signing key 1");
    signer.emplace(crypto::SecretKey::from_seed(seed.view()).value());
  }
  std::vector<crypto::KeyEncryptionKey> keks;
  std::optional<crypto::SecretKey> signer;
};

void look(const Keys& keys, std::string_view text) {
  const auto opened = identity::open_manifest(text, keys.keks);
  if (!opened) return;
  for (const identity::BackupTable& table : opened->tables) {
    for (const identity::BackupPart& part : table.parts) {
      WRIT_ASSERT(part.file.find_first_of("/.") == std::string::npos);
    }
  }
  const auto again = identity::sign_manifest(*opened, keys.keks[0]);
  WRIT_ASSERT(again.has_value());
  const auto reopened = identity::open_manifest(*again, keys.keks);
  WRIT_ASSERT(reopened.has_value());
  WRIT_ASSERT(identity::to_value(*reopened) == identity::to_value(*opened));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keys keys;
  const std::string text(as_text({data, size}));
  look(keys, text);
  const auto envelope = crypto::dsse_sign("application/vnd.writ.backup+json", text, *keys.signer);
  if (envelope) look(keys, to_json(crypto::dsse_to_value(*envelope)));
  return 0;
}
