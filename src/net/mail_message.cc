#include "net/mail_message.h"

#include <algorithm>

#include "base/encoding.h"
#include "net/http.h"

namespace writ::net {
namespace {

constexpr std::size_t kAddress = 254;
constexpr std::size_t kLine = 998;    // RFC 5322 section 2.1.1
constexpr std::size_t kEncoded = 76;  // RFC 2045 section 6.8
constexpr std::size_t kPlainSubject = 66;
constexpr std::size_t kWordBytes = 39;  // of an encoded word, which has 75 characters at most

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::unexpected<Error> unfit(const char* what) {
  return fail(Code::invalid_input, std::string("a letter cannot be sent: ") + what,
              "Addresses are LOCAL@DOMAIN; subjects are one line");
}

// RFC 2047 section 2: words of whole characters, one a line.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size()) {
      const std::size_t next = std::max<std::size_t>(utf8_sequence(text.substr(size)), 1);
      if (size + next > kWordBytes) break;
      size += next;
    }
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + to_base64(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return out;
}

std::string subject_field(std::string_view subject) {
  const bool is_plain = is_ascii(subject) && subject.size() <= kPlainSubject &&
                        subject.find("=?") == std::string_view::npos;
  return is_plain ? std::string(subject) : encoded_words(subject);
}

// "\n" as "\r\n"; the last line has its end, too.
std::string with_line_ends(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out;
}

// Whether every line can go as it is (RFC 2045 section 2.7).
bool is_seven_bit(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const bool is_end = c == '\n';
    if (static_cast<unsigned char>(c) >= 0x80 || (is_control(c) && !is_end && c != '\t')) {
      return false;
    }
    length = is_end ? 0 : length + 1;
    if (length > kLine) return false;
  }
  return true;
}

std::string base64_lines(std::string_view text) {
  const std::string encoded = to_base64(with_line_ends(text));
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += kEncoded) {
    out += encoded.substr(at, kEncoded) + "\r\n";
  }
  return out;
}

// RFC 5322 section 3.3. The same as HTTP's but for the name of the zone.
std::string date_field(WallTime date) {
  std::string out = to_http_date(date.micros / 1'000'000);
  return out.substr(0, out.size() - 3) + "+0000";
}

std::string_view domain_of(std::string_view address) {
  return address.substr(address.rfind('@') + 1);
}

}  // namespace

bool is_mail_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size()) return false;
  if (address.size() > kAddress || !is_utf8(address)) return false;
  constexpr std::string_view kRefused = " \"(),:;<>[]\\";
  return std::ranges::none_of(
             address,
             [&](char c) { return is_control(c) || kRefused.find(c) != std::string_view::npos; }) &&
         address.find('@') == at;
}

Result<std::string> to_internet_message(const MailMessage& message) {
  if (!is_mail_address(message.from)) return unfit("the sender's address is none");
  if (!is_mail_address(message.to)) return unfit("the recipient's address is none");
  if (std::ranges::any_of(message.subject, is_control) || !is_utf8(message.subject)) {
    return unfit("its subject has control characters, or is not UTF-8");
  }
  constexpr std::string_view kOfIds =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.";
  if (message.id.empty() || message.id.find_first_not_of(kOfIds) != std::string::npos) {
    return unfit("its id is none");
  }
  if (!is_utf8(message.text)) return unfit("its text is not UTF-8");
  const bool is_plain = is_seven_bit(message.text);
  std::string out;
  const auto add = [&out](std::string_view name, std::string_view value) {
    out += std::string(name) + ": " + std::string(value) + "\r\n";
  };
  add("Date", date_field(message.date));
  add("From", message.from);
  add("To", message.to);
  add("Subject", subject_field(message.subject));
  add("Message-ID", "<" + message.id + "@" + std::string(domain_of(message.from)) + ">");
  add("MIME-Version", "1.0");
  add("Content-Type", is_plain ? "text/plain; charset=us-ascii" : "text/plain; charset=utf-8");
  add("Content-Transfer-Encoding", is_plain ? "7bit" : "base64");
  add("Auto-Submitted", "auto-generated");  // RFC 3834: no machine answers it
  return out + "\r\n" + (is_plain ? with_line_ends(message.text) : base64_lines(message.text));
}

}  // namespace writ::net
