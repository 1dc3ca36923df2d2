#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "identity/accounts/sign_in.h"
#include "server/api/answers.h"
#include "server/auth/authenticator.h"
#include "server/auth/cookies.h"
#include "server/auth/letter_pages.h"
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
  return sign_in_link_page(token);
}

Result<net::Answer> log_in_by_link(AuthService& service, const Call& call) {
  if (auto refused = refuse_foreign_form(service, call)) return *std::move(refused);
  WRIT_TRY(const identity::SignedIn got,
           identity::sign_in_by_link(service.parts(), text_of(call.body, "token"),
                                     keep_of(call.body), service.asker_of(call)));
  WRIT_TRY(net::Answer answer, signed_in(service, got));
  // 204: the cookies are set, and a browser would go on to show the page that asked.
  const auto* const done = std::get_if<net::Response>(&answer);
  if (done == nullptr || done->status != 204 || !wants_page(call)) return answer;
  net::Response page = signed_in_page();
  for (const auto& [name, value] : done->fields) {
    if (name == "Set-Cookie") page.fields.emplace_back(name, value);
  }
  return page;
}

}  // namespace writ::server
