#pragma once
// Tokens that work once and soon expire: for a new address, a lost password, a sign-in by mail, the
// second half of a sign-in. One kind is never taken for another. Those that were given before stay
// good to their end, the last kMostOneTimeTokens of a kind: whoever asks for more takes nothing
// from who has one. The use of one voids the others of its kind, a change of password or address
// all.
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
#include "identity/accounts/sessions.h"
#include "identity/accounts/users.h"
#include "identity/caller.h"
#include "identity/federation/linked_identities.h"
#include "store/store.h"

namespace writ::identity {

enum class OneTimeUse : std::uint8_t { verify, reset, magic_link, second_factor };
inline constexpr EnumNames<OneTimeUse, 4> kOneTimeUses{
    {"verify", "reset", "magic_link", "second_factor"}};

// An hour for what confirms or resets, less for what signs in (RFC: ASVS 6.5.5, at most 10
// minutes).
std::chrono::seconds lifetime_of(OneTimeUse use);

inline constexpr std::size_t kMostOneTimeTokens = 16;

// What a token stands for besides its user.
struct OneTimeNote {
  std::string email = {};                 // verify: becomes the address; empty: the one they have
  std::optional<SessionId> session = {};  // verify: that asked for the new address, and stays
  SignInMethod method = SignInMethod::password;  // second_factor: of the first half
  // second_factor: an identity that is to be linked once the code was shown, and not before.
  std::optional<LinkedIdentity> link = {};
};
struct OneTimeToken {
  User user = {};
  OneTimeNote note = {};
};

SecretToken make_one_time_token(OneTimeUse use);

Result<void> put_one_time_token(store::Tx& tx, OneTimeUse use, const SecretToken& token,
                                const User& user, WallTime now, const OneTimeNote& note = {});

// A token of this use, and the active user it belongs to; nullopt: it is not good, for whatever
// reason. It stays good.
Result<std::optional<OneTimeToken>> find_one_time_token(store::Tx& tx, OneTimeUse use,
                                                        std::string_view token, WallTime now);
// The same, and neither it nor the others of the user's for this use work any more.
Result<std::optional<OneTimeToken>> spend_one_time_token(store::Tx& tx, OneTimeUse use,
                                                         std::string_view token, WallTime now);
Result<void> erase_one_time_tokens(store::Tx& tx, PrincipalId user);

// A registration of an address that is not proved yet: the account is made when the link is opened,
// with the password that was given for that link. Tokens as of OneTimeUse::verify.
struct PendingRegistration {
  std::string email = {};     // normalised
  std::string password = {};  // a PHC string
};
Result<void> put_pending_registration(store::Tx& tx, const SecretToken& token,
                                      const PendingRegistration& pending, WallTime now);
// Voids all others of the address.
Result<std::optional<PendingRegistration>> spend_pending_registration(store::Tx& tx,
                                                                      std::string_view token,
                                                                      WallTime now);

// Tokens that have expired, at most `limit` looked at from behind `after`; where to go on, empty at
// the end.
Result<std::string> sweep_one_time_tokens(store::Tx& tx, std::string after, std::size_t limit,
                                          WallTime now);

std::vector<store::Migration> one_time_migrations();

}  // namespace writ::identity
