#pragma once
// What failed sign-ins cost. Counted per account from one network, per account from everywhere,
// and per network over all accounts; each count lets a few mistakes pass and then makes the next
// try wait, twice as long each time up to a bound. Addresses that nobody has are counted like those
// that have an account, so waiting says nothing.
//
// Nobody can lock the owner out. Counts fall with time, by one for each step of theirs. What
// strangers do from elsewhere does not count for a network from which the account was signed in to
// in the last kFamiliarFor, nor for a session that lives, nor for links by mail. Counts live in the
// store: a restart forgives nothing. A try that has to wait is not made, and is not counted. A
// success clears what that network did to that account.
//
// All functions belong to the thread of their transaction.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace writ::identity {

// How long a success makes a network familiar to an account.
inline constexpr std::chrono::hours kFamiliarFor{90 * 24};

enum class CountedFor : std::uint8_t {
  everywhere,  // what can be guessed from anywhere: in all three counts
  here,        // by who is signed in already: for the account from this network alone
  token,  // what nobody guesses (256 random bits): for the network alone, in a count of its own
};

struct SignInTry {
  std::string account = {};  // a normalised address, "factor/<user id>" for codes of a second
                             // factor, "session/<id>" for the password of who is signed in
  std::string network = {};  // what counts as one asker: an IPv4 address, the /64 of an IPv6 one
  CountedFor counted = CountedFor::everywhere;
};

// When the next try may be made; nullopt: now.
Result<std::optional<WallTime>> must_wait_until(store::Tx& tx, const SignInTry& made, WallTime now);
// Whether a success has something to clear.
Result<bool> has_failures(store::Tx& tx, const SignInTry& made, WallTime now);
Result<void> note_failure(store::Tx& tx, const SignInTry& made, WallTime now);
Result<void> note_success(store::Tx& tx, const SignInTry& made);
// Erases rows that no longer count, at most `limit` looked at from behind `after`; where to go on,
// empty at the end.
Result<std::string> sweep_failures(store::Tx& tx, std::string after, std::size_t limit,
                                   WallTime now);

std::vector<store::Migration> lockout_migrations();

}  // namespace writ::identity
