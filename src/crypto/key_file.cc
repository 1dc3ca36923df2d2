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

// A public file that lies there already is another key's, or of a key that is there.
Result<void> expect_no_public_half(const std::filesystem::path& path) {
  std::error_code unreadable;
  const bool is_alone = std::filesystem::exists(public_path(path), unreadable) &&
                        !std::filesystem::exists(path, unreadable);
  if (!is_alone) return {};
  return fail(Code::conflict, public_path(path).string() + " exists already, without its secret",
              "Choose another name, or remove it if it is of no use");
}

// A process that ended between the two files left a key that only lacks its public file.
Error mend_public_half(const std::filesystem::path& path, Error error) {
  std::error_code unreadable;
  if (error.code != Code::conflict || std::filesystem::exists(public_path(path), unreadable)) {
    return error;
  }
  auto text = read_private_file(path, kMaxKeyDocument);
  if (!text) return error;
  const WipeOnExit wipe_text(*text);
  const auto info = public_half_of(*text, path.string());
  if (!info || !create_file(public_path(path), public_key_document(*info), 0644)) return error;
  error.message +=
      "; its public half was missing and is there again: " + public_path(path).string();
  return error;
}

}  // namespace

Result<PublicKeyFile> write_key_file(const std::filesystem::path& path, const SecretKey& key,
                                     std::string_view name,
                                     std::optional<std::string_view> passphrase, WallTime created) {
  const PublicKeyFile info{key.public_key(), std::string(name), created};
  WRIT_TRY(std::string text, secret_key_document(key, info, passphrase));
  const WipeOnExit wipe_text(text);
  WRIT_CHECK(expect_no_public_half(path));
  // The secret first: it holds the public half too, while a public key whose secret is nowhere
  // could be trusted and would never sign.
  if (auto written = create_file(path, text, 0600); !written) {
    return std::unexpected(mend_public_half(path, std::move(written).error()));
  }
  if (auto written = create_file(public_path(path), public_key_document(info), 0644); !written) {
    ::unlink(path.c_str());
    return std::unexpected(std::move(written).error());
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
