#pragma once
// A second factor: codes from time (TOTP), and recovery codes for the day the device is lost. The
// seed is sealed; a code's step is used once; a recovery code has 120 random bits, so that a plain
// digest keeps it, and works once.
//
// All functions belong to the thread of their transaction.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "identity/accounts/deed.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

inline constexpr std::size_t kRecoveryCodes = 10;

enum class FactorState : std::uint8_t { none, pending, on };

struct Factor {
  FactorState state = FactorState::none;
  std::size_t recovery_codes = 0;  // that are left
};

Result<Factor> find_factor(store::Tx& tx, PrincipalId user);

// What a device needs to know; shown once.
struct FactorSeed {
  std::string secret = {};  // base32
  std::string uri = {};     // otpauth://…
  std::string sealed = {};  // what is kept
};
// Errors: invalid_input (the KEK).
Result<FactorSeed> make_factor_seed(const crypto::KeyEncryptionKey& kek, PrincipalId user,
                                    const std::string& email);
// Replaces a pending one. Errors: conflict (one is on: it has to be removed first).
Result<void> put_pending_factor(store::Tx& tx, PrincipalId user, const FactorSeed& seed);

// "ABCD-EFGH-…", shown once.
std::vector<std::string> make_recovery_codes();

using Keks = std::span<const crypto::KeyEncryptionKey>;
// Codes of the store's time count, and of the time `phones`, where that is another (AccountParts::
// time_of_phones): of neither when a later one was used.
//
// Switches the pending one on when `code` is right. Errors: conflict (none is pending).
Result<bool> confirm_factor(store::Tx& tx, Keks keks, PrincipalId user, std::string_view code,
                            const std::vector<std::string>& recovery_codes, const Deed& deed,
                            std::optional<WallTime> phones = {});
// Whether `code` is one of the device's or a recovery code; it is used up.
Result<bool> use_factor(store::Tx& tx, Keks keks, PrincipalId user, std::string_view code,
                        const Deed& deed, std::optional<WallTime> phones = {});
// False: there was none.
Result<bool> remove_factor(store::Tx& tx, PrincipalId user, const Deed& deed);

std::vector<store::Migration> factor_migrations();

}  // namespace writ::identity
