#include "crypto/key_file.h"

#include <unistd.h>

#include "base/file.h"
#include "crypto/key_document.h"
#include "crypto/private_file.h"
#include "crypto/secret_bytes.h"

namespace writ::crypto {
namespace {

std::filesystem::path public_path(const std::filesystem::path& path) {
  return path.string() + ".pub";
}

std::unexpected<Error> reading(Error error, const std::filesystem::path& path) {
  return std::unexpected(std::move(error).context("reading the key " + path.string()));
}

}  // namespace

Result<PublicKeyFile> write_key_file(const std::filesystem::path& path, const SecretKey& key,
                                     std::string_view name,
                                     std::optional<std::string_view> passphrase, WallTime created) {
  const PublicKeyFile info{key.public_key(), std::string(name), created};
  WRIT_TRY(std::string text, secret_key_document(key, info, passphrase));
  const WipeOnExit wipe_text(text);
  // The public half first: a secret key never lies about without the half that names it.
  WRIT_CHECK(create_file(public_path(path), public_key_document(info), 0644));
  if (auto created_file = create_file(path, text, 0600); !created_file) {
    ::unlink(public_path(path).c_str());
    return std::unexpected(std::move(created_file).error());
  }
  return info;
}

Result<PublicKeyFile> create_key_file(const std::filesystem::path& path, std::string_view name,
                                      std::optional<std::string_view> passphrase,
                                      const Clock& clock) {
  return write_key_file(path, SecretKey::generate(), name, passphrase, clock.wall());
}

Result<SecretKey> load_key_file(const std::filesystem::path& path,
                                std::optional<std::string_view> passphrase) {
  auto text = read_private_file(path, kMaxKeyDocument);
  if (!text) return reading(std::move(text).error(), path);
  const WipeOnExit wipe_text(*text);
  return parse_secret_key_document(*text, path.string(), passphrase);
}

Result<void> save_public_key_file(const std::filesystem::path& path, const PublicKeyFile& file) {
  return replace_file(path, public_key_document(file), 0644);
}

Result<PublicKeyFile> load_public_key_file(const std::filesystem::path& path) {
  auto text = read_file(path, kMaxKeyDocument);
  if (!text) return reading(std::move(text).error(), path);
  return parse_public_key_document(*text, path.string());
}

}  // namespace writ::crypto
