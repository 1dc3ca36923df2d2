#pragma once
// Wishes for letters. A request that may lead to a letter writes one row and answers, whether the
// address has an account or not: neither text nor time tells. The postman (postman.h) looks later
// who lives there. Tokens are made by the postman, so the queue holds none.
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
#include "base/id.h"
#include "base/result.h"
#include "identity/accounts/sessions.h"
#include "identity/caller.h"
#include "store/store.h"

namespace writ::identity {

using WishId = Id<struct WishTag>;

enum class LetterKind : std::uint8_t {
  verify,
  reset,
  magic_link,
  registration,      // strict: a link that makes the account, or says that there is one
  password_changed,  // notices to the owner
  email_changed,
  second_factor_changed,
  new_address,       // strict: a link that makes it the address of `user`, or says that it is taken
  api_key_made,      // a notice
  delegation_asked,  // a program waits for an approval; leads to the page, and carries nothing
};
inline constexpr EnumNames<LetterKind, 10> kLetterKinds{
    {"verify", "reset", "magic_link", "registration", "password_changed", "email_changed",
     "second_factor_changed", "new_address", "api_key_made", "delegation_asked"}};

struct Wish {
  WishId id = {};
  LetterKind kind = LetterKind::verify;
  std::string email = {};                 // normalised
  std::string password = {};              // registration: the PHC string
  PrincipalId user = {};                  // new_address: whose it is to be
  std::optional<SessionId> session = {};  // new_address: that asked
  std::uint32_t tries = 0;
  WallTime due_at = {};  // not to be looked at before; of one that was taken, its lease's end

  bool operator==(const Wish&) const = default;
};

// How long a wish is its postman's alone: longer than a mailer may take.
inline constexpr std::chrono::seconds kLetterLease{720};

Result<void> put_wish(store::Tx& tx, const Wish& wish);
// The oldest that is due, for kLetterLease; nullopt: none. It counts as tried from now on: whoever
// dies over it would die over it again.
Result<std::optional<Wish>> take_wish(store::Tx& tx, WallTime now);
// What take_wish gave, until `due_at`; nothing happens where another has it meanwhile.
Result<void> put_off_wish(store::Tx& tx, const Wish& taken, WallTime due_at);
Result<void> erase_wish(store::Tx& tx, WishId id);
// How many there are, at most kMostCounted.
inline constexpr std::size_t kMostCounted = 1000;
Result<std::size_t> count_wishes(store::Tx& tx);

// Whoever asks again so soon gets no second letter of the kind: nobody's mailbox is to be filled.
// No longer, or strangers would keep somebody from a link by asking for it.
inline constexpr std::chrono::seconds kLetterStep{60};

// Whether an address may be sent one more of the kind; then it counts as sent now.
Result<bool> take_turn(store::Tx& tx, LetterKind kind, std::string_view email, WallTime now);
// Erases what no longer counts, at most `limit` looked at from behind `after`; where to go on,
// empty at the end.
Result<std::string> sweep_turns(store::Tx& tx, std::string after, std::size_t limit, WallTime now);

std::vector<store::Migration> mail_migrations();

}  // namespace writ::identity
