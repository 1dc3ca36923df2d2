#pragma once
// Keys of a few people and machines, the same in every test.
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.h"
#include "identity/trust.h"

namespace writ::identity {

// A key made of the name; names that differ in their first 32 bytes have different keys.
inline crypto::SecretKey key_named(std::string_view name) {
  std::string seed(name.substr(0, 32));
  seed.resize(32, '.');
  return crypto::SecretKey::from_seed(seed).value();
}

inline TrustedKey trusted(std::string_view name, std::vector<std::string> roles) {
  return {.key = key_named(name).public_key(),
          .name = std::string(name),
          .roles = std::move(roles),
          .expires = {},
          .revoked = {}};
}

// Runner "runner" (runner, attester); people "alice" (maintainer) and "bob" (reviewer); agent
// "agent" (agent); a second runner "runner-2" that has no other role.
inline Trust sample_trust() {
  Trust trust;
  for (const TrustedKey& key : {trusted("runner", {"runner", "attester"}),
                                trusted("alice", {"maintainer"}), trusted("bob", {"reviewer"}),
                                trusted("agent", {"agent"}), trusted("runner-2", {"runner"})}) {
    WRIT_ASSERT(trust.add(key).has_value());
  }
  return trust;
}

}  // namespace writ::identity
