#include "server/auth/shapes.h"

#include <algorithm>
#include <utility>

#include "identity/api_key.h"
#include "server/api/answers.h"
#include "server/auth/cookies.h"

namespace writ::server {
namespace {

using identity::SignIn;

Result<net::Answer> with_tokens(AuthService& service, const identity::SignedIn& got) {
  WRIT_TRY(AuthService::Issued issued, service.issue(got.session));
  Object body;
  body.append("access_token", std::move(issued.token));
  body.append("token_type", "bearer");
  body.append("expires_in", issued.expires_in);
  body.append("refresh_token", got.refresh_token);
  return json(200, std::move(body));
}

net::Answer with_cookies(const identity::SignedIn& got) {
  net::Response response = no_content();
  set_session_cookies(response, got.cookie);
  return response;
}

net::Answer with_challenge(const identity::SignedIn& got) {
  Object body;
  body.append("detail", Object{{"code", "LOGIN_SECOND_FACTOR_REQUIRED"},
                               {"reason", "send the challenge and a code to /auth/mfa/login"},
                               {"challenge", got.challenge}});
  return json(400, std::move(body));
}

}  // namespace

Value user_shape(const identity::User& user) {
  return Object{{"id", user.id.text()},
                {"email", user.email},
                {"is_active", user.is_active},
                {"is_superuser", user.is_superuser},
                {"is_verified", user.is_verified}};
}

Value session_shape(const identity::Session& session, bool is_current) {
  Object out{{"id", session.id.text()},
             {"method", identity::kSignInMethods.name(session.method)},
             {"has_second_factor", session.has_second_factor},
             {"authenticated_at", to_rfc3339(session.authenticated_at)},
             {"seen_at", to_rfc3339(session.seen_at)},
             {"expires_at", to_rfc3339(session.expires_at)},
             {"peer", session.peer},
             {"agent", session.agent},
             {"is_current", is_current}};
  if (!session.grant.application.empty()) out.append("client_id", session.grant.application);
  return out;
}

Value api_key_shape(const identity::ApiKey& key) {
  Array scopes;
  for (const std::string& scope : key.scopes) scopes.emplace_back(scope);
  const auto time = [](const std::optional<WallTime>& at) {
    return at ? Value(to_rfc3339(*at)) : Value();
  };
  return Object{{"id", key.id},
                {"prefix", identity::api_key_prefix(key.environment, key.id)},
                {"purpose", key.purpose},
                {"principal", key.principal.text()},
                {"sponsor", key.sponsor.text()},
                {"scopes", std::move(scopes)},
                {"created_at", to_rfc3339(key.created_at)},
                {"expires_at", time(key.expires_at)},
                {"last_used_at", time(key.last_used_at)}};
}

std::string_view text_of(const Value& body, std::string_view member) {
  return body.string_or(member, "");
}

net::Response must_wait(std::string_view code, WallTime until, WallTime now) {
  const std::int64_t micros = std::max<std::int64_t>(until.micros - now.micros, 0);
  const std::string seconds = std::to_string((micros + 999'999) / 1'000'000);
  net::Response response = detail(429, code, "too many mistakes; try again in " + seconds + " s");
  response.fields.emplace_back("Retry-After", seconds);
  return response;
}

net::Response phrase(int status) { return detail(status, net::reason_phrase(status)); }

Result<net::Answer> signed_in(AuthService& service, const identity::SignedIn& got) {
  switch (got.outcome) {
    case SignIn::done:
      return got.cookie.empty() ? with_tokens(service, got) : with_cookies(got);
    case SignIn::needs_factor:
      return with_challenge(got);
    case SignIn::unverified:
      return detail(400, "LOGIN_USER_NOT_VERIFIED");
    case SignIn::must_wait:
      return must_wait("LOGIN_TOO_MANY_ATTEMPTS", got.wait_until, service.parts().clock.wall());
    case SignIn::refused:
      return detail(400, "LOGIN_BAD_CREDENTIALS");
  }
  return fail(Code::internal, "a sign-in without an outcome");
}

}  // namespace writ::server
