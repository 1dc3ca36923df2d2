#pragma once
// What failed sign-ins cost. Counted per address of the asker, per account from one address, and
// per account from everywhere; each count lets a few mistakes pass and then makes the next try
// wait, twice as long each time up to a bound. Addresses that nobody has are counted like those
// that have an account, so waiting says nothing.
//
// Nobody can lock the owner out: what strangers do from elsewhere delays a sign-in by a minute at
// most, and links by mail are not delayed. Counts live in the store: a restart forgives nothing.
// A try that has to wait is not made, and is not counted. A success clears what that address did
// to that account. A quiet day clears everything.
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

struct SignInTry {
  std::string account =
      {};  // a normalised address, or "factor/<user id>" for codes of a second factor
  std::string network =
      {};  // what counts as one asker: an IPv4 address, the /64 of an IPv6 address
};

// When the next try may be made; nullopt: now.
Result<std::optional<WallTime>> must_wait_until(store::Tx& tx, const SignInTry& made, WallTime now);
// Whether a success has something to clear.
Result<bool> has_failures(store::Tx& tx, const SignInTry& made, WallTime now);
Result<void> note_failure(store::Tx& tx, const SignInTry& made, WallTime now);
Result<void> note_success(store::Tx& tx, const SignInTry& made);
// Rows that no longer count, at most `limit` looked at from behind `after`; where to go on, empty
// at the end.
Result<std::string> sweep_failures(store::Tx& tx, std::string after, std::size_t limit,
                                   WallTime now);

std::vector<store::Migration> lockout_migrations();

}  // namespace writ::identity
