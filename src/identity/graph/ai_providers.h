#pragma once
// Those who run models: where they are asked, and with which credential, which is kept sealed and
// is never shown again.
//
// All functions belong to the thread of their transaction.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "crypto/secret_bytes.h"
#include "identity/accounts/deed.h"
#include "store/store.h"

namespace writ::identity {

inline constexpr store::Table kProviders{"identity_ai_providers"};
inline constexpr store::Table kMachines{"identity_machines"};  // machines.h

using ProviderId = Id<struct ProviderTag>;

struct AiProvider {
  ProviderId id;
  std::string name;
  std::string kind;      // "openai": which API it speaks
  std::string base_url;  // https
  bool is_active = true;
  std::string credential = {};               // sealed; empty: none is kept
  std::uint64_t credential_version = 0;      // rises with each new one
  std::optional<WallTime> credential_since;  // when that was
  WallTime created_at = {};
};

struct NewProvider {
  ProviderId id;
  std::string name;
  std::string kind;
  std::string base_url;
};

// Errors: invalid_input (name, kind, address).
Result<AiProvider> create_provider(store::Tx& tx, const NewProvider& provider, const Deed& deed);
Result<std::optional<AiProvider>> find_provider(store::Tx& tx, ProviderId id);
Result<std::vector<AiProvider>> list_providers(store::Tx& tx, std::optional<ProviderId> after,
                                               std::size_t limit);

// Replaces the credential. Errors: not_found, those of seal.
Result<AiProvider> set_provider_credential(store::Tx& tx, ProviderId id,
                                           const crypto::KeyEncryptionKey& kek,
                                           std::string_view credential, const Deed& deed);
// Errors: not_found (no provider, or it has none), those of open_sealed.
Result<crypto::SecretBytes> open_provider_credential(
    store::Tx& tx, ProviderId id, std::span<const crypto::KeyEncryptionKey> keks);

// Switched off, its agents act no more, and what was given out to them is void; switched on, those
// that it stopped act again. Errors: not_found.
Result<AiProvider> set_provider_active(store::Tx& tx, ProviderId id, bool is_active,
                                       const Deed& deed);

}  // namespace writ::identity
