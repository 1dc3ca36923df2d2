#include <optional>
#include <string>
#include <utility>

#include "identity/accounts/sign_in.h"
#include "server/api/answers.h"
#include "server/auth/authenticator.h"
#include "server/auth/cookies.h"
#include "server/auth/operation_parts.h"
#include "server/auth/shapes.h"

namespace writ::server {
namespace {

identity::Keep keep_of(const Value& body) {
  return text_of(body, "transport") == "cookie" ? identity::Keep::cookie : identity::Keep::tokens;
}

// What all sign-ins begin with; nothing: it may go on.
std::optional<net::Response> refuse_foreign_form(AuthService& service, const Call& call) {
  if (keep_of(call.body) != identity::Keep::cookie) return std::nullopt;
  if (may_set_cookies(call.request.fields, service.options().public_url)) return std::nullopt;
  return detail(400, "LOGIN_FROM_ANOTHER_ORIGIN");
}

// The page asks for the token's sign-in when somebody presses the button: programs that follow
// links in letters do not (ASVS 3.5.3). A browser gets cookies: no script of ours keeps tokens
// there.
constexpr std::string_view kConfirmPage = R"(<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sign in to Writ</title>
<h1>Sign in to Writ</h1>
<form method="post" action="/auth/magic-link/login">
<input type="hidden" name="token" value="TOKEN">
<input type="hidden" name="transport" value="cookie">
<button>Sign in</button>
</form></html>
)";

bool is_token_text(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
             std::string_view::npos;
}

}  // namespace

Result<net::Answer> log_in(AuthService& service, const Call& call) {
  if (auto refused = refuse_foreign_form(service, call)) return *std::move(refused);
  const identity::PasswordProof proof{.name = text_of(call.body, "username"),
                                      .password = text_of(call.body, "password"),
                                      .code = text_of(call.body, "otp"),
                                      .keep = keep_of(call.body)};
  WRIT_TRY(const identity::SignedIn got,
           identity::sign_in(service.parts(), proof, service.asker_of(call)));
  return signed_in(service, got);
}

Result<net::Answer> log_in_by_factor(AuthService& service, const Call& call) {
  if (auto refused = refuse_foreign_form(service, call)) return *std::move(refused);
  WRIT_TRY(const identity::SignedIn got,
           identity::sign_in_by_factor(service.parts(), text_of(call.body, "challenge"),
                                       text_of(call.body, "code"), keep_of(call.body),
                                       service.asker_of(call)));
  return signed_in(service, got);
}

Result<net::Answer> log_out(AuthService& service, const Call& call) {
  const auto session = session_of(call.who());
  if (session) {
    WRIT_CHECK(identity::sign_out(service.parts(), *session, service.deed_of(call)));
  }
  net::Response response = no_content();
  if (find_cookie(call.request.fields, kSessionCookie)) set_session_cookies(response, {});
  return response;
}

Result<net::Answer> refresh_tokens(AuthService& service, const Call& call) {
  WRIT_TRY(const identity::Refreshed got,
           identity::refresh_session(service.parts(), text_of(call.body, "refresh_token"),
                                     service.asker_of(call)));
  if (got.token.empty()) return detail(400, "REFRESH_BAD_TOKEN");
  WRIT_TRY(const auto session, service.parts().store.read([&](store::Tx& tx) {
    return identity::find_session(tx, got.session, service.parts().clock.wall());
  }));
  if (!session) return detail(400, "REFRESH_BAD_TOKEN");
  WRIT_TRY(AuthService::Issued issued, service.issue(*session));
  return json(200, Object{{"access_token", std::move(issued.token)},
                          {"token_type", "bearer"},
                          {"expires_in", issued.expires_in},
                          {"refresh_token", got.token}});
}

Result<net::Answer> show_magic_link(AuthService&, const Call& call) {
  const std::string& token = call.text("token");
  if (!is_token_text(token)) return phrase(404);
  net::Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = kConfirmPage;
  response.body.replace(response.body.find("TOKEN"), 5, token);
  response.fields.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
  return response;
}

Result<net::Answer> log_in_by_link(AuthService& service, const Call& call) {
  if (auto refused = refuse_foreign_form(service, call)) return *std::move(refused);
  WRIT_TRY(const identity::SignedIn got,
           identity::sign_in_by_link(service.parts(), text_of(call.body, "token"),
                                     keep_of(call.body), service.asker_of(call)));
  return signed_in(service, got);
}

}  // namespace writ::server
