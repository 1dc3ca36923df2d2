#include "contract/schema/format_net.h"

#include <algorithm>

namespace writ::contract {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_wide(char c) { return (c & 0x80) != 0; }

enum class Letters : bool { ascii, unicode };

bool is_label(std::string_view label) {
  constexpr std::size_t kLabelLimit = 63;  // RFC 1035 section 2.3.4
  if (label.empty() || label.size() > kLabelLimit) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  // RFC 5891 section 4.2.3.1: hyphens in third and fourth place mark an encoded label.
  const bool is_marked = label.size() > 3 && label[2] == '-' && label[3] == '-';
  if (is_marked && !label.starts_with("xn--") && !label.starts_with("XN--")) {
    return false;
  }
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

// An address in brackets: [127.0.0.1], [IPv6:::1].
bool is_address_literal(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  return text.starts_with("IPv6:") ? is_ipv6(text.substr(5)) : is_ipv4(text);
}

bool is_quoted_local(std::string_view local) {
  if (local.size() < 2 || local.front() != '"' || local.back() != '"') return false;
  for (std::size_t i = 1; i + 1 < local.size(); ++i) {
    if (local[i] == '\\') {
      if (++i + 1 >= local.size()) return false;
    } else if (local[i] == '"' || (!is_wide(local[i]) && local[i] < ' ')) {
      return false;
    }
  }
  return true;
}

bool is_dot_atom(std::string_view local, Letters letters) {
  if (local.empty() || local.front() == '.' || local.back() == '.') return false;
  if (local.find("..") != std::string_view::npos) return false;
  constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~.";
  return std::all_of(local.begin(), local.end(), [&](char c) {
    return is_letter(c) || is_digit(c) || kOthers.find(c) != std::string_view::npos ||
           (letters == Letters::unicode && is_wide(c));
  });
}

bool is_wide_domain(std::string_view domain) {
  return !domain.empty() && domain.front() != '.' && domain.back() != '.' &&
         std::all_of(domain.begin(), domain.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '.' || is_wide(c);
         });
}

bool is_mailbox(std::string_view text, Letters letters) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  if (!is_dot_atom(local, letters) && !is_quoted_local(local)) return false;
  return is_hostname(domain) || is_address_literal(domain) ||
         (letters == Letters::unicode && is_wide_domain(domain));
}

}  // namespace

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (!text.starts_with('.')) return false;
      text.remove_prefix(1);
    }
    int value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && digits < 4 && is_digit(text[digits])) {
      value = value * 10 + (text[digits++] - '0');
    }
    if (digits == 0 || value > 255 || (digits > 1 && text.front() == '0')) return false;
    text.remove_prefix(digits);
  }
  return text.empty();
}

bool is_ipv6(std::string_view text) {
  bool has_gap = text.starts_with("::");
  std::size_t at = has_gap ? 2 : 0;
  int groups = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find(':', at), text.size());
    const std::string_view group = text.substr(at, end - at);
    if (group.find('.') != std::string_view::npos) {  // IPv4 in the last two groups
      if (end != text.size() || !is_ipv4(group)) return false;
      groups += 2;
      break;
    }
    if (group.empty() || group.size() > 4 || !std::all_of(group.begin(), group.end(), is_hex)) {
      return false;
    }
    ++groups;
    if (end == text.size()) break;
    const bool is_gap = text.substr(end, 2) == "::";
    if (is_gap && has_gap) return false;
    has_gap = has_gap || is_gap;
    at = end + (is_gap ? 2 : 1);
    if (!is_gap && at == text.size()) return false;
  }
  return has_gap ? groups <= 7 : groups == 8;
}

bool is_hostname(std::string_view text) {
  constexpr std::size_t kNameLimit = 253;
  if (text.empty() || text.size() > kNameLimit) return false;
  while (true) {
    const auto dot = std::min(text.find('.'), text.size());
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_email(std::string_view text) { return is_mailbox(text, Letters::ascii); }
bool is_idn_email(std::string_view text) { return is_mailbox(text, Letters::unicode); }

}  // namespace writ::contract
