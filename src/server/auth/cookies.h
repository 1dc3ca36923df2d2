#pragma once
// The session of a browser: a cookie that scripts cannot read, and beside it a second one that they
// can, whose value a request that changes something must repeat in a field (OWASP: double submit).
// The second is derived from the first, so that it proves possession of it.
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace writ::server {

inline constexpr std::string_view kSessionCookie = "__Host-writ_session";
inline constexpr std::string_view kCsrfCookie = "__Host-writ_csrf";
inline constexpr std::string_view kCsrfField = "X-CSRF-Token";

// The value of a cookie; nullopt: it was not sent, or was sent twice.
std::optional<std::string_view> find_cookie(const net::Fields& fields, std::string_view name);

std::string csrf_token_of(std::string_view session_cookie);

// Sets both; an empty value takes them back.
void set_session_cookies(net::Response& response, std::string_view session_cookie);

// Whether a sign-in may leave its session in a cookie: not where a page of another origin sent the
// form, whose visitor would then be somebody else here.
bool may_set_cookies(const net::Fields& fields, std::string_view own_origin);

// Whether a request that a browser sent with its cookie was meant by a page of ours: always where
// it changes nothing, else from the same origin and with the token.
bool is_meant(net::Method method, const net::Fields& fields, std::string_view session_cookie,
              std::string_view own_origin);

}  // namespace writ::server
