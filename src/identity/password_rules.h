#pragma once
// Which passwords may be set (ASVS 5.0 6.2.1, 6.2.4, 6.2.5, 6.2.8, 6.2.9, 6.2.11): long enough, not
// a common one, not the user's own name. No rule asks for classes of characters, none for a change
// from time to time. Whether a password is right is not decided here.
//
// "Common" is decided by what common passwords are made of, not by a list of them: one of some 600
// words with small changes (capitals, 0 for o, up to four digits or signs around it, the same word
// twice), keyboard walks, sequences, repetitions, dates. That covers what is longer than seven
// characters in the published lists of the most used passwords to a large part, but not each entry;
// it knows English and a few European words alone. What was leaked elsewhere is not looked up.
#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"

namespace writ::identity {

struct PasswordRules {
  std::size_t min_length = 8;  // code points; 15 is recommended where there is no second factor
  std::size_t max_length = 256;
};

// `context`: words that others know about the user or the server, as the local part of the e-mail
// address; those of fewer than four characters do not count.
// Errors: invalid_input; the message says which rule, never the password.
Result<void> check_password(std::string_view password, std::span<const std::string_view> context,
                            const PasswordRules& rules = {});

// Whether it is one of those that are tried first.
bool is_common_password(std::string_view password);

}  // namespace writ::identity
