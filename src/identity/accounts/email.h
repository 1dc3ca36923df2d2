#pragma once
// E-mail addresses as accounts are found by them: one spelling for one mailbox, as far as that can
// be known from the address.
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::identity {

inline constexpr std::size_t kMaxEmail = 254;  // RFC 5321 section 4.5.3.1.3, without the brackets

// ASCII in lower case, without spaces around it. Other alphabets are refused rather than folded:
// look-alike letters would make one person's address another's; domains of theirs are written as
// `xn--…`. Errors: invalid_input, saying what is wrong.
Result<std::string> normalise_email(std::string_view text);

}  // namespace writ::identity
