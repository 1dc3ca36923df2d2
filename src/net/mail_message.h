#pragma once
// A letter as it travels: one sender, one recipient, plain text (RFC 5322, RFC 2045, RFC 2047).
// Whatever subject and addresses hold, they begin no header field and no command of their own.
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace writ::net {

struct MailMessage {
  std::string from = {};  // addresses alone: "writ@example.org"
  std::string to = {};
  std::string subject = {};  // UTF-8
  std::string text = {};     // UTF-8; lines end in \n
  // The same for what is sent again, so that a server can tell: of Message-ID, before the `@`.
  std::string id = {};
  WallTime date = {};
};

// Whether `address` may stand between the angles of a command and in a header field: LOCAL@DOMAIN
// without blanks, quotes, angles, commas and control characters, at most 254 bytes (RFC 5321
// section 4.5.3.1.3).
bool is_mail_address(std::string_view address);

// Header and body, seven bits a byte where the addresses are, lines of at most 998 bytes that end
// in \r\n, the last one too. Errors: invalid_input (an address that is none, a control character in
// subject or id, text that is not UTF-8).
Result<std::string> to_internet_message(const MailMessage& message);

}  // namespace writ::net
