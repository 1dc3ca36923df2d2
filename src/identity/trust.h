#pragma once
// Which public keys a repository trusts, and for what: `.writ/trust.yaml`, taken from the base
// revision of a run, so that a change cannot bring its own approvers. Contract:
// contracts/trust.schema.json. Who may do what in one run is identity/authority.h.
//
// A value. Concurrent reads are fine.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/result.h"
#include "base/value.h"
#include "crypto/digest.h"
#include "crypto/key.h"

namespace writ::identity {

// The two roles that Writ itself asks for; all others are named by specs and protocols.
inline constexpr std::string_view kRunnerRole = "runner";
inline constexpr std::string_view kAttesterRole = "attester";

struct Revocation {
  WallTime at;  // what the key did from then on does not count
  std::string reason;
  friend bool operator==(const Revocation&, const Revocation&) = default;
};

struct TrustedKey {
  crypto::PublicKey key;
  std::string name;                // of the person or machine that holds it
  std::vector<std::string> roles;  // sorted, each once, at least one
  std::optional<WallTime> expires;
  std::optional<Revocation> revoked;

  crypto::KeyId id() const { return key.id(); }
  bool has_role(std::string_view role) const;
  // Neither revoked nor expired at `at`.
  bool is_good(WallTime at) const;
  friend bool operator==(const TrustedKey&, const TrustedKey&) = default;
};

// Whether `role` is a role name: [a-z0-9-]+, at most 64 characters.
bool is_role_name(std::string_view role);

class Trust {
 public:
  Trust() = default;

  // Errors: invalid_input with every diagnostic.
  static Result<Trust> parse(const Document& document);
  // What a run rests on when its base revision has no trust file: this key may run and attest;
  // nobody may approve or resolve anything.
  static Trust self_signed(const crypto::PublicKey& runner);

  bool is_self_signed() const { return is_self_signed_; }
  const std::vector<TrustedKey>& keys() const { return keys_; }  // by id
  std::vector<crypto::PublicKey> public_keys() const;

  // nullptr when the key is not trusted at all.
  const TrustedKey* find(const crypto::KeyId& id) const;
  // Whether the key has the role and is neither revoked nor expired at `at`.
  bool may(const crypto::KeyId& id, std::string_view role, WallTime at) const;
  // The key that a person means: an id, its first 8 or more digits, or a name.
  // Errors: not_found, invalid_input (several fit).
  Result<crypto::KeyId> resolve(std::string_view id_or_name) const;

  // Adds a key, or adds roles (and an expiry, if given) to one that is there.
  // Errors: invalid_input (name, roles), conflict (revoked before, or there under another name).
  Result<void> add(TrustedKey key);
  // Whether the key was there.
  bool remove(const crypto::KeyId& id);
  // The first revocation stands. Errors: not_found, invalid_input (reason).
  Result<void> revoke(const crypto::KeyId& id, WallTime at, std::string_view reason);

  // The trust file, sorted by key id; parse reads it back equal.
  std::string to_yaml() const;
  // Of the canonical content: comments, order and spacing of the file do not count. A self-signed
  // trust never has the digest of a file.
  crypto::Digest digest() const;

  friend bool operator==(const Trust&, const Trust&) = default;

 private:
  Value to_value() const;

  std::vector<TrustedKey> keys_;
  bool is_self_signed_ = false;
};

}  // namespace writ::identity
