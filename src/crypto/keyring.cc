#include "crypto/keyring.h"

#include <algorithm>

#include "base/file.h"
#include "crypto/file_lock.h"
#include "crypto/key_file.h"
#include "crypto/keyring_document.h"
#include "crypto/private_file.h"

namespace writ::crypto {
namespace {

std::filesystem::path index_path(const std::filesystem::path& dir) { return dir / "keyring.json"; }

// By the whole id: short ids are for people and may meet.
std::filesystem::path secret_path(const std::filesystem::path& dir, const KeyId& id) {
  return dir / (id.hex + ".key");
}

Result<std::vector<KeyInfo>> load_index(const std::filesystem::path& dir) {
  const auto text = read_private_file(index_path(dir), kMaxKeyringDocument);
  if (!text && text.error().code == Code::not_found) return std::vector<KeyInfo>{};
  if (!text) return std::unexpected(text.error());
  return parse_keyring(*text, index_path(dir).string());
}

Result<void> save_index(const std::filesystem::path& dir, const std::vector<KeyInfo>& keys) {
  return replace_file(index_path(dir), serialize_keyring(keys), 0600);
}

std::unexpected<Error> opening(Error error, const std::filesystem::path& dir) {
  return std::unexpected(std::move(error).context("opening the keyring " + dir.string()));
}

template <typename Keys>
auto find_key(Keys& keys, const KeyId& id) {
  return std::find_if(keys.begin(), keys.end(), [&](const KeyInfo& k) { return k.id == id; });
}

std::unexpected<Error> no_key(const KeyId& id) {
  return fail(Code::not_found, "no key " + id.short_text() + " in the keyring",
              "`writ keys list` shows the keys");
}

}  // namespace

Keyring::Keyring(std::filesystem::path dir, const Clock& clock)
    : dir_(std::move(dir)), clock_(&clock) {}

Result<Keyring> Keyring::open(std::filesystem::path dir, const Clock& clock) {
  if (auto ready = require_private_directory(dir); !ready) {
    return opening(std::move(ready).error(), dir);
  }
  auto keys = load_index(dir);
  if (!keys) return opening(std::move(keys).error(), dir);
  Keyring ring(std::move(dir), clock);
  ring.keys_ = *std::move(keys);
  return ring;
}

const std::vector<KeyInfo>& Keyring::list() const { return keys_; }

const KeyInfo* Keyring::active() const {
  const auto key = std::find_if(keys_.begin(), keys_.end(),
                                [](const KeyInfo& k) { return k.state == KeyState::active; });
  return key == keys_.end() ? nullptr : &*key;
}

Result<SecretKey> Keyring::load_active(std::optional<std::string_view> passphrase) const {
  const KeyInfo* info = active();
  if (info == nullptr) {
    return fail(Code::not_found, "the keyring " + dir_.string() + " has no active key",
                "`writ keys rotate` makes one");
  }
  WRIT_TRY(SecretKey key, load_key_file(secret_path(dir_, info->id), passphrase));
  if (key.public_key() != info->key) {
    return fail(Code::tampered, "the key file of " + info->id.short_text() + " holds another key",
                "Restore it from a copy, or `writ keys revoke` it and rotate");
  }
  return key;
}

Result<KeyInfo> Keyring::rotate(std::string_view name, std::optional<std::string_view> passphrase) {
  WRIT_TRY(const FileLock lock, FileLock::acquire(dir_ / "lock"));
  WRIT_TRY(auto keys, load_index(dir_));
  const WallTime now = clock_->wall();
  const SecretKey key = SecretKey::generate();
  KeyInfo info{.id = key.id(),
               .key = key.public_key(),
               .name = std::string(name),
               .state = KeyState::active,
               .created = now,
               .ended = {},
               .reason = {}};
  // The file before the index: a key that the index names can always be loaded. What a crash in
  // between leaves is a file that nobody uses.
  WRIT_CHECK(write_key_file(secret_path(dir_, info.id), key, name, passphrase, now));
  for (KeyInfo& old : keys) {
    if (old.state != KeyState::active) continue;
    old.state = KeyState::retired;
    old.ended = now;
  }
  keys.push_back(info);
  WRIT_CHECK(save_index(dir_, keys));
  keys_ = std::move(keys);
  return info;
}

Result<void> Keyring::revoke(const KeyId& id, std::string_view reason) {
  WRIT_TRY(const FileLock lock, FileLock::acquire(dir_ / "lock"));
  WRIT_TRY(auto keys, load_index(dir_));
  const auto key = find_key(keys, id);
  if (key == keys.end()) return no_key(id);
  // The first revocation stands: a later one must not move its time forward.
  if (key->state != KeyState::revoked) {
    key->state = KeyState::revoked;
    key->ended = clock_->wall();
    key->reason = reason;
    WRIT_CHECK(save_index(dir_, keys));
  }
  keys_ = std::move(keys);
  return {};
}

Result<PublicKeyFile> Keyring::export_key(const KeyId& id, const std::filesystem::path& path,
                                          std::optional<std::string_view> passphrase,
                                          std::optional<std::string_view> new_passphrase) const {
  const auto info = find_key(keys_, id);
  if (info == keys_.end()) return no_key(id);
  WRIT_TRY(const SecretKey key, load_key_file(secret_path(dir_, id), passphrase));
  return write_key_file(path, key, info->name, new_passphrase, info->created);
}

std::string Keyring::export_public() const { return serialize_keyring(keys_); }

Result<std::vector<KeyInfo>> parse_public_keyring(std::string_view text, std::string_view source) {
  return parse_keyring(text, source);
}

}  // namespace writ::crypto
