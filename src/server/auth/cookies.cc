#include "server/auth/cookies.h"

#include "crypto/base64url.h"
#include "crypto/digest.h"

namespace writ::server {
namespace {

bool changes_something(net::Method method) {
  return method != net::Method::GET && method != net::Method::HEAD &&
         method != net::Method::OPTIONS;
}

// Browsers say where a request comes from, and pages cannot change it. One that says nothing of it
// is no browser of today, and does not need cookies.
bool is_same_origin(const net::Fields& fields, std::string_view own_origin) {
  if (const auto site = fields.find("Sec-Fetch-Site")) return *site == "same-origin";
  const auto origin = fields.find("Origin");
  return origin && *origin == own_origin;
}

std::string cookie(std::string_view name, std::string_view value, std::string_view more) {
  std::string out = std::string(name) + "=" + std::string(value) + "; Path=/; Secure; SameSite=Lax";
  out += more;
  if (value.empty()) out += "; Max-Age=0";
  return out;
}

}  // namespace

std::optional<std::string_view> find_cookie(const net::Fields& fields, std::string_view name) {
  std::optional<std::string_view> found;
  for (const net::Field& field : fields) {
    if (!net::equals_ignoring_case(field.name, "Cookie")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      std::string_view pair = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      if (found) return std::nullopt;
      found = pair.substr(equals + 1);
    }
  }
  return found;
}

std::string csrf_token_of(std::string_view session_cookie) {
  return crypto::to_base64url(crypto::hmac_sha256(session_cookie, "writ csrf").view());
}

void set_session_cookies(net::Response& response, std::string_view session_cookie) {
  const std::string csrf = session_cookie.empty() ? "" : csrf_token_of(session_cookie);
  response.fields.emplace_back("Set-Cookie", cookie(kSessionCookie, session_cookie, "; HttpOnly"));
  response.fields.emplace_back("Set-Cookie", cookie(kCsrfCookie, csrf, ""));
}

bool may_set_cookies(const net::Fields& fields, std::string_view own_origin) {
  const bool is_of_browser = fields.find("Sec-Fetch-Site") || fields.find("Origin");
  return !is_of_browser || is_same_origin(fields, own_origin);
}

bool is_meant(net::Method method, const net::Fields& fields, std::string_view session_cookie,
              std::string_view own_origin) {
  if (!changes_something(method)) return true;
  return is_same_origin(fields, own_origin) &&
         crypto::equal_constant_time(fields.value_or(kCsrfField, ""),
                                     csrf_token_of(session_cookie));
}

}  // namespace writ::server
