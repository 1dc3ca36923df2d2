#pragma once
// What a mail server answers (RFC 5321 section 4.2), and what it says that it can
// (section 4.1.1.1). Nothing here does I/O.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace writ::net {

struct SmtpReply {
  int code = 0;                         // 250
  std::vector<std::string> lines = {};  // what stands behind the code on each line

  bool is_done() const { return code / 100 == 2; }
  // The command before it will not be taken however often it is asked again.
  bool is_final() const { return code / 100 == 5; }
  // "550 5.1.1": the code and, where it has one, the enhanced status (RFC 3463). Safe in logs: the
  // text behind it may repeat an address.
  std::string status() const;
};

struct ParsedReply {
  SmtpReply reply;
  std::size_t size = 0;  // bytes that it takes
};

// Beyond these an answer is none: RFC 5321 section 4.5.3.1.5 has 512 bytes a line.
inline constexpr std::size_t kReplyLine = 2048;
inline constexpr std::size_t kReplyBytes = 32'768;

// The answer that `bytes` begin with; nullopt: more has to come. Errors: unavailable (this is no
// mail server's answer).
Result<std::optional<ParsedReply>> parse_smtp_reply(std::string_view bytes);

struct SmtpExtensions {
  bool has_starttls = false;                     // RFC 3207
  bool has_eight_bit = false;                    // RFC 6152
  bool has_utf8 = false;                         // RFC 6531
  bool has_plain = false;                        // RFC 4954, RFC 4616
  bool has_login = false;                        // the older way, of which there is no standard
  std::optional<std::uint64_t> most_bytes = {};  // of a message, RFC 1870; nothing: it does not say

  bool operator==(const SmtpExtensions&) const = default;
};

// Of an answer to EHLO. What is not known, or not as its standard has it, is not there.
SmtpExtensions extensions_of(const SmtpReply& reply);

}  // namespace writ::net
