#include "contract/schema/format_uri.h"

#include <algorithm>

#include "contract/schema/format_net.h"

namespace writ::contract {
namespace {

enum class Letters : bool { ascii, unicode };

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_percent_escape(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && text[at] == '%' && is_hex(text[at + 1]) && is_hex(text[at + 2]);
}

// unreserved, percent escapes, sub-delims and `others`.
bool consists_of(std::string_view text, std::string_view others, Letters letters) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool fine = is_letter(c) || is_digit(c) || is_percent_escape(text, i) ||
                      kMarks.find(c) != std::string_view::npos ||
                      others.find(c) != std::string_view::npos ||
                      ((c & 0x80) != 0 && letters == Letters::unicode);
    if (!fine) return false;
  }
  return true;
}

bool is_ip_literal(std::string_view host) {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return false;
  host = host.substr(1, host.size() - 2);
  if (!host.starts_with('v') && !host.starts_with('V')) return is_ipv6(host);
  const auto dot = host.find('.');
  return dot != std::string_view::npos && dot > 1 && dot + 1 < host.size() &&
         std::all_of(host.begin() + 1, host.begin() + static_cast<std::ptrdiff_t>(dot), is_hex) &&
         consists_of(host.substr(dot + 1), ":", Letters::ascii);
}

bool is_authority(std::string_view text, Letters letters) {
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    if (!consists_of(text.substr(0, at), ":", letters)) return false;
    text.remove_prefix(at + 1);
  }
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = text.substr(0, colon);
  const std::string_view port =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  return std::all_of(port.begin(), port.end(), is_digit) &&
         (is_ip_literal(host) || consists_of(host, "", letters));
}

// Path, query and fragment; `text` begins after the scheme.
bool is_hierarchy(std::string_view text, Letters letters, bool may_have_colon) {
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    if (!consists_of(text.substr(hash + 1), ":@/?", letters)) return false;
    text = text.substr(0, hash);
  }
  if (const auto question = text.find('?'); question != std::string_view::npos) {
    if (!consists_of(text.substr(question + 1), ":@/?", letters)) return false;
    text = text.substr(0, question);
  }
  if (text.starts_with("//")) {
    const auto end = std::min(text.find('/', 2), text.size());
    return is_authority(text.substr(2, end - 2), letters) &&
           consists_of(text.substr(end), ":@/", letters);
  }
  if (!may_have_colon && text.substr(0, text.find('/')).find(':') != std::string_view::npos) {
    return false;
  }
  return consists_of(text, ":@/", letters);
}

// The length of a scheme with its colon; 0: there is none.
std::size_t scheme_size(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ':') return i + 1;
    if (!is_letter(text[i]) && !is_digit(text[i]) && text[i] != '+' && text[i] != '-' &&
        text[i] != '.') {
      return 0;
    }
  }
  return 0;
}

bool is_absolute(std::string_view text, Letters letters) {
  const std::size_t scheme = scheme_size(text);
  return scheme > 0 && is_hierarchy(text.substr(scheme), letters, true);
}

bool is_reference(std::string_view text, Letters letters) {
  return is_absolute(text, letters) || is_hierarchy(text, letters, false);
}

// One name of a template expression, with its modifier: name, name*, name:3.
bool is_variable(std::string_view text) {
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view length = text.substr(colon + 1);
    if (length.empty() || length.size() > 4 || length.front() == '0' ||
        !std::all_of(length.begin(), length.end(), is_digit)) {
      return false;
    }
    text = text.substr(0, colon);
  } else if (text.ends_with('*')) {
    text.remove_suffix(1);
  }
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_letter(text[i]) && !is_digit(text[i]) && text[i] != '_' && text[i] != '.' &&
        !is_percent_escape(text, i)) {
      return false;
    }
  }
  return true;
}

bool is_expression(std::string_view text) {
  constexpr std::string_view kOperators = "+#./;?&=,!@|";
  if (!text.empty() && kOperators.find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  while (true) {
    const auto comma = text.find(',');
    if (!is_variable(text.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

bool is_template_literal(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '%') return is_percent_escape(text, at);
  constexpr std::string_view kNever = "\"<>\\^`{|} ";
  return (c & 0x80) != 0 || (c > ' ' && c != 0x7f && kNever.find(c) == std::string_view::npos);
}

}  // namespace

bool is_uri(std::string_view text) { return is_absolute(text, Letters::ascii); }
bool is_uri_reference(std::string_view text) { return is_reference(text, Letters::ascii); }
bool is_iri(std::string_view text) { return is_absolute(text, Letters::unicode); }
bool is_iri_reference(std::string_view text) { return is_reference(text, Letters::unicode); }

bool is_uri_template(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      if (!is_template_literal(text, i)) return false;
      continue;
    }
    const auto end = text.find('}', i);
    if (end == std::string_view::npos || !is_expression(text.substr(i + 1, end - i - 1))) {
      return false;
    }
    i = end;
  }
  return true;
}

}  // namespace writ::contract
