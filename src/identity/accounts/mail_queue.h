#pragma once
// Wishes for letters. A request that may lead to a letter writes one row and answers, whether the
// address has an account or not: neither text nor time tells. The postman (postman.h) looks later
// who lives there. Tokens are made by the postman, so the queue holds none.
//
// All functions belong to the thread of their transaction.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/id.h"
#include "base/result.h"
#include "store/store.h"

namespace writ::identity {

using WishId = Id<struct WishTag>;

enum class LetterKind : std::uint8_t {
  verify,
  reset,
  magic_link,
  registration,      // strict: makes the account, or says that there is one
  password_changed,  // notices to the owner
  email_changed,
  second_factor_changed,
};
inline constexpr EnumNames<LetterKind, 7> kLetterKinds{{"verify", "reset", "magic_link",
                                                        "registration", "password_changed",
                                                        "email_changed", "second_factor_changed"}};

struct Wish {
  WishId id = {};
  LetterKind kind = LetterKind::verify;
  std::string email = {};     // normalised
  std::string password = {};  // registration: the PHC string
  std::uint32_t tries = 0;
  WallTime due_at = {};  // not to be looked at before

  bool operator==(const Wish&) const = default;
};

inline constexpr std::uint32_t kMostTries = 8;

Result<void> put_wish(store::Tx& tx, const Wish& wish);
// The oldest that is due, put off for others by a minute that doubles with each try; nullopt: none.
Result<std::optional<Wish>> take_wish(store::Tx& tx, WallTime now);
Result<void> erase_wish(store::Tx& tx, WishId id);

std::vector<store::Migration> mail_migrations();

}  // namespace writ::identity
