#include "identity/trust.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "contract/canonical.h"
#include "identity/trust_document.h"

namespace writ::identity {
namespace {

// Fewer digits than this are as likely a name as an id.
constexpr std::size_t kMinPrefix = 8;

template <typename Keys>
auto position_of(Keys& keys, const crypto::KeyId& id) {
  return std::find_if(keys.begin(), keys.end(),
                      [&](const TrustedKey& key) { return key.id() == id; });
}

void sort_unique(std::vector<std::string>& roles) {
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
}

Result<void> check_key(const TrustedKey& key) {
  if (!is_one_line(key.name)) {
    return fail(Code::invalid_input,
                fmt::format("a key's name is one line of 1 to {} bytes", kMaxLine),
                "Give the name of the person or machine that holds the key");
  }
  if (key.roles.empty()) {
    return fail(Code::invalid_input, "a trusted key without a role may do nothing",
                "Give a role: --role maintainer");
  }
  for (const std::string& role : key.roles) {
    if (!is_role_name(role)) {
      return fail(Code::invalid_input, fmt::format("`{}` is no role name", role),
                  "Use lower-case letters, digits and hyphens");
    }
  }
  return {};
}

// What the new entry says about a key that is trusted already.
Result<void> extend(TrustedKey& known, const TrustedKey& added) {
  if (known.revoked) {
    return fail(Code::conflict,
                fmt::format("the key {} of {} was revoked", known.id().short_text(), known.name),
                "Make a new key with `writ keys new`; a revoked key stays revoked");
  }
  if (known.name != added.name) {
    return fail(
        Code::conflict,
        fmt::format("the key {} is trusted under the name {}", known.id().short_text(), known.name),
        "Remove it first, or use that name");
  }
  known.roles.insert(known.roles.end(), added.roles.begin(), added.roles.end());
  sort_unique(known.roles);
  if (added.expires) known.expires = added.expires;
  known.revoked = added.revoked;
  return {};
}

}  // namespace

bool is_role_name(std::string_view role) {
  constexpr std::size_t kMaxRole = 64;
  return !role.empty() && role.size() <= kMaxRole &&
         std::all_of(role.begin(), role.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool is_one_line(std::string_view text) {
  return !text.empty() && text.size() <= kMaxLine && is_utf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool TrustedKey::has_role(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool TrustedKey::is_good(WallTime at) const {
  return !(revoked && at >= revoked->at) && !(expires && at >= *expires);
}

Trust Trust::self_signed(const crypto::PublicKey& runner) {
  Trust trust;
  trust.keys_.push_back({.key = runner,
                         .name = std::string(kRunnerRole),
                         .roles = {std::string(kAttesterRole), std::string(kRunnerRole)},
                         .expires = {},
                         .revoked = {}});
  trust.is_self_signed_ = true;
  return trust;
}

std::vector<crypto::PublicKey> Trust::public_keys() const {
  std::vector<crypto::PublicKey> keys;
  keys.reserve(keys_.size());
  for (const TrustedKey& key : keys_) keys.push_back(key.key);
  return keys;
}

const TrustedKey* Trust::find(const crypto::KeyId& id) const {
  const auto key = position_of(keys_, id);
  return key == keys_.end() ? nullptr : &*key;
}

bool Trust::may(const crypto::KeyId& id, std::string_view role, WallTime at) const {
  const TrustedKey* key = find(id);
  return key != nullptr && key->has_role(role) && key->is_good(at);
}

Result<crypto::KeyId> Trust::resolve(std::string_view id_or_name) const {
  std::vector<const TrustedKey*> fitting;
  for (const TrustedKey& key : keys_) {
    const bool is_prefix = id_or_name.size() >= kMinPrefix && key.id().hex.starts_with(id_or_name);
    if (is_prefix || key.name == id_or_name) fitting.push_back(&key);
  }
  if (fitting.empty()) {
    return fail(Code::not_found, fmt::format("no trusted key `{}`", id_or_name),
                "`writ trust show` lists the keys");
  }
  if (fitting.size() > 1) {
    return fail(Code::invalid_input,
                fmt::format("{} trusted keys fit `{}`", fitting.size(), id_or_name),
                "Give more digits of the key id");
  }
  return fitting.front()->id();
}

Result<void> Trust::add(TrustedKey key) {
  sort_unique(key.roles);
  WRIT_CHECK(check_key(key));
  const crypto::KeyId id = key.id();
  if (const auto known = position_of(keys_, id); known != keys_.end()) {
    return extend(*known, key);
  }
  const auto after = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const TrustedKey& other) { return other.id() > id; });
  keys_.insert(after, std::move(key));
  return {};
}

bool Trust::remove(const crypto::KeyId& id) {
  const auto key = position_of(keys_, id);
  if (key == keys_.end()) return false;
  keys_.erase(key);
  return true;
}

Result<void> Trust::revoke(const crypto::KeyId& id, WallTime at, std::string_view reason) {
  const auto key = position_of(keys_, id);
  if (key == keys_.end()) {
    return fail(Code::not_found, fmt::format("no trusted key {}", id.short_text()),
                "`writ trust show` lists the keys");
  }
  if (!is_one_line(reason)) {
    return fail(Code::invalid_input,
                fmt::format("a revocation's reason is one line of 1 to {} bytes", kMaxLine),
                "Say in a few words why the key is revoked");
  }
  if (!key->revoked) key->revoked = Revocation{at, std::string(reason)};
  return {};
}

crypto::Digest Trust::digest() const {
  Value value = to_value();
  if (is_self_signed_) value.as_object().set("kind", "SelfSigned");
  const auto canonical = contract::canonical_json(value);
  // Strings were checked on their way in and no number is beyond 2^53.
  WRIT_ASSERT(canonical.has_value());
  return crypto::sha256(*canonical);
}

}  // namespace writ::identity
