#pragma once
// Tokens that work once and soon expire: for a new address, a lost password, a sign-in by mail, the
// second half of a sign-in. One kind is never taken for another; the newest of a kind is the only
// one; a change of password or address voids them all.
//
// All functions belong to the thread of their transaction.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/result.h"
#include "identity/accounts/secret_token.h"
#include "identity/accounts/users.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

enum class OneTimeUse : std::uint8_t { verify, reset, magic_link, second_factor };
inline constexpr EnumNames<OneTimeUse, 4> kOneTimeUses{
    {"verify", "reset", "magic_link", "second_factor"}};

// An hour for what confirms or resets, less for what signs in (RFC: ASVS 6.5.5, at most 10
// minutes).
std::chrono::seconds lifetime_of(OneTimeUse use);

SecretToken make_one_time_token(OneTimeUse use);

// Voids the one of this use that the user had before.
Result<void> put_one_time_token(store::Tx& tx, OneTimeUse use, const SecretToken& token,
                                const User& user, WallTime now);
// When the user was last given one of this use that is still good.
Result<std::optional<WallTime>> one_time_token_since(store::Tx& tx, OneTimeUse use,
                                                     PrincipalId user, WallTime now);

// The active user that a token of this use belongs to; nullopt: it is not good, for whatever
// reason. It stays good.
Result<std::optional<User>> find_one_time_token(store::Tx& tx, OneTimeUse use,
                                                std::string_view token, WallTime now);
// The same, and it works no more.
Result<std::optional<User>> spend_one_time_token(store::Tx& tx, OneTimeUse use,
                                                 std::string_view token, WallTime now);
Result<void> erase_one_time_tokens(store::Tx& tx, PrincipalId user);

// Tokens that have expired, at most `limit` looked at from behind `after`; where to go on, empty at
// the end.
Result<std::string> sweep_one_time_tokens(store::Tx& tx, std::string after, std::size_t limit,
                                          WallTime now);

std::vector<store::Migration> one_time_migrations();

}  // namespace writ::identity
