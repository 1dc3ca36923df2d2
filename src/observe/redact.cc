#include "observe/redact.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace writ::observe {
namespace {

bool is_token_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' ||
         c == '+' || c == '/' || c == '=' || c == '~';
}

// How far characters of a credential go from `from`.
std::size_t token_end(std::string_view text, std::size_t from) {
  while (from < text.size() && is_token_char(text[from])) ++from;
  return from;
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;  // begin: nothing to mask
};

// One form of credential: how it begins, and what of it is masked when its beginning stands at
// `at`.
struct Form {
  std::string_view beginning;
  Span (*find)(std::string_view text, std::size_t at, std::size_t size);
};

Span whole_token(std::string_view text, std::size_t at, std::size_t size) {
  constexpr std::size_t kShortest = 12;  // shorter ones are names, not credentials
  const std::size_t end = token_end(text, at);
  return {at, end - at < size + kShortest ? at : end};
}

Span after_scheme(std::string_view text, std::size_t at, std::size_t size) {
  constexpr std::size_t kShortest = 8;
  const std::size_t from = at + size;
  const std::size_t end = token_end(text, from);
  return {from, end - from < kShortest ? from : end};
}

// "://user:password@host": the password.
Span in_url(std::string_view text, std::size_t at, std::size_t size) {
  const std::size_t from = at + size;
  const std::size_t end = text.find_first_of("/ \t\r\n\"'", from);
  const std::string_view authority = text.substr(from, end == text.npos ? end : end - from);
  const std::size_t host = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (host == authority.npos || colon == authority.npos || colon > host) return {from, from};
  return {from + colon + 1, from + host};
}

// "password=s3cret" of a query, a form, or what libpq takes; an empty one is none.
Span after_equals(std::string_view text, std::size_t at, std::size_t size) {
  const std::size_t from = at + size;
  return {from, std::min(text.find_first_of("& \t\r\n\"'", from), text.size())};
}

Span to_end_of_pem(std::string_view text, std::size_t at, std::size_t size) {
  constexpr std::string_view kEnd = "-----END";
  if (text.substr(at, 64).find("PRIVATE KEY") == text.npos) return {at, at};
  const std::size_t end = text.find(kEnd, at + size);
  return {at, end == text.npos ? text.size() : end};
}

constexpr std::array<Form, 11> kForms = {{{"writ_", &whole_token},
                                          {"eyJ", &whole_token},
                                          {"Bearer ", &after_scheme},
                                          {"bearer ", &after_scheme},
                                          {"Basic ", &after_scheme},
                                          {"basic ", &after_scheme},
                                          {"password=", &after_equals},
                                          {"token=", &after_equals},
                                          {"secret=", &after_equals},
                                          {"://", &in_url},
                                          {"-----BEGIN", &to_end_of_pem}}};

Span find_secret(std::string_view text, std::size_t at) {
  const bool in_word = at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
  for (const Form& form : kForms) {
    if (text.substr(at, form.beginning.size()) != form.beginning) continue;
    if (in_word && form.beginning != "://" && form.find != &after_equals) continue;
    return form.find(text, at, form.beginning.size());
  }
  return {at, at};
}

constexpr std::array<std::string_view, 9> kSecretNames = {
    "api_key",  "authorization", "cookie", "credential", "passphrase",
    "password", "private_key",   "secret", "token"};

}  // namespace

std::string redact(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Span secret = find_secret(text, at);
    if (secret.end == secret.begin) {
      out += text[at++];
      continue;
    }
    out.append(text, at, secret.begin - at).append(kMasked);
    at = secret.end;
  }
  return out;
}

bool is_secret_name(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return std::ranges::any_of(kSecretNames, [&](std::string_view secret) {
    return lower == secret || lower.ends_with("_" + std::string(secret)) ||
           lower.ends_with(std::string(secret) + "s");
  });
}

}  // namespace writ::observe
