#pragma once
// How accounts work on this server, as its administrators set it while it runs. Kept as one row;
// what is not set has its default.
#include <cstdint>
#include <vector>

#include "base/enum_names.h"
#include "base/result.h"
#include "base/value.h"
#include "identity/accounts/deed.h"
#include "store/store.h"

namespace writ::identity {

enum class Registration : std::uint8_t {
  open,    // answers at once, and says when an address is taken
  closed,  // administrators make users
  strict,  // answers alike for every address; the rest comes by mail
};
inline constexpr EnumNames<Registration, 3> kRegistrations{{"open", "closed", "strict"}};

struct AccountSettings {
  Registration registration = Registration::open;
  bool is_verification_required = false;  // to sign in
  bool has_magic_links = true;
  std::int64_t password_minimum = 8;  // characters; ASVS recommends 15
  std::int64_t access_token_seconds = 600;
  std::int64_t session_idle_seconds = 43'200;         // 12 hours
  std::int64_t session_absolute_seconds = 2'592'000;  // 30 days

  bool operator==(const AccountSettings&) const = default;
};

Object to_object(const AccountSettings& settings);
// `settings` with the members of `patch` in place of its own.
// Errors: invalid_input, a diagnostic for each member that is unknown, of another kind or out of
// bounds.
Result<AccountSettings> with_changes(const AccountSettings& settings, const Value& patch);

Result<AccountSettings> read_settings(store::Tx& tx);
// Errors: those of with_changes.
Result<AccountSettings> change_settings(store::Tx& tx, const Value& patch, const Deed& deed);

std::vector<store::Migration> settings_migrations();

}  // namespace writ::identity
