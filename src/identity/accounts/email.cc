#include "identity/accounts/email.h"

#include <algorithm>

namespace writ::identity {
namespace {

constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321 section 4.5.3.1.1
constexpr std::size_t kMaxLabel = 63;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// `atext` of RFC 5322 and the dot; quoted local parts are not taken.
bool is_local_character(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+/=?^_`{|}~.-";
  return is_letter_or_digit(c) || kMarks.contains(c);
}

bool is_local_part(std::string_view local) {
  return !local.empty() && local.size() <= kMaxLocalPart && local.front() != '.' &&
         local.back() != '.' && !local.contains("..") &&
         std::ranges::all_of(local, is_local_character);
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' &&
         label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_domain(std::string_view domain) {
  std::size_t labels = 0;
  for (std::string_view rest = domain; ++labels;) {
    const std::size_t dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return labels >= 2;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

Result<std::string> normalise_email(std::string_view text) {
  std::string out(trimmed(text));
  if (out.size() > kMaxEmail) {
    return fail(Code::invalid_input, "an e-mail address has at most 254 characters");
  }
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::size_t at = out.find('@');
  const std::string_view view = out;
  if (at == std::string::npos || !is_local_part(view.substr(0, at)) ||
      !is_domain(view.substr(at + 1))) {
    return fail(Code::invalid_input, "this is not an e-mail address",
                "Write name@example.org; domains of other alphabets as xn--…");
  }
  return out;
}

}  // namespace writ::identity
