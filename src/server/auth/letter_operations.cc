#include "identity/accounts/email.h"
#include "identity/accounts/links.h"
#include "identity/accounts/registration.h"
#include "server/api/answers.h"
#include "server/auth/letter_pages.h"
#include "server/auth/operation_parts.h"
#include "server/auth/shapes.h"

namespace writ::server {
namespace {

using identity::LetterKind;

// 422 in the words of pydantic, as of what the contract's schema refuses.
net::Response no_email() {
  return json(422, Object{{"detail", Array{Object{
                                         {"type", "value_error"},
                                         {"loc", Array{"body", "email"}},
                                         {"msg", "value is not a valid email address"},
                                         {"input", Value()},
                                     }}}});
}

// 202 and `null`, for every address.
Result<net::Answer> ask(AuthService& service, const Call& call, LetterKind kind) {
  const auto done = identity::ask_for_letter(service.parts(), kind, text_of(call.body, "email"));
  if (!done) {
    if (done.error().code == Code::invalid_input) return no_email();
    return std::unexpected(done.error());
  }
  service.post();
  return json(202, Value());
}

}  // namespace

Result<net::Answer> register_person(AuthService& service, const Call& call) {
  const std::string_view email = text_of(call.body, "email");
  if (!identity::normalise_email(email)) return no_email();
  WRIT_TRY(const auto done,
           identity::register_user(service.parts(), email, text_of(call.body, "password"),
                                   service.asker_of(call)));
  switch (done.outcome) {
    case identity::Registered::made:
      service.post();
      return json(201, user_shape(done.user));
    case identity::Registered::accepted:
      service.post();
      return json(202, Value());
    case identity::Registered::taken:
      return detail(400, "REGISTER_USER_ALREADY_EXISTS");
    case identity::Registered::bad_password:
      return detail(400, "REGISTER_INVALID_PASSWORD", done.reason);
    case identity::Registered::closed:
      return phrase(403);
  }
  return fail(Code::internal, "a registration without an outcome");
}

Result<net::Answer> request_magic_link(AuthService& service, const Call& call) {
  return ask(service, call, LetterKind::magic_link);
}

Result<net::Answer> request_verification(AuthService& service, const Call& call) {
  return ask(service, call, LetterKind::verify);
}

Result<net::Answer> forget_password(AuthService& service, const Call& call) {
  return ask(service, call, LetterKind::reset);
}

Result<net::Answer> show_verification(AuthService&, const Call& call) {
  const std::string& token = call.text("token");
  if (!is_token_text(token)) return phrase(404);
  return verification_page(token);
}

Result<net::Answer> show_reset(AuthService&, const Call& call) {
  const std::string& token = call.text("token");
  if (!is_token_text(token)) return phrase(404);
  return reset_page(token, "");
}

Result<net::Answer> verify_person(AuthService& service, const Call& call) {
  WRIT_TRY(const auto done, identity::verify_address(service.parts(), text_of(call.body, "token"),
                                                     service.asker_of(call)));
  if (wants_page(call)) return verification_page(done.outcome);
  switch (done.outcome) {
    case identity::Verified::done:
      return json(200, user_shape(done.user));
    case identity::Verified::bad_token:
      return detail(400, "VERIFY_USER_BAD_TOKEN");
    case identity::Verified::already:
      return detail(400, "VERIFY_USER_ALREADY_VERIFIED");
  }
  return fail(Code::internal, "a verification without an outcome");
}

Result<net::Answer> reset_forgotten_password(AuthService& service, const Call& call) {
  WRIT_TRY(const auto done,
           identity::reset_password(service.parts(), text_of(call.body, "token"),
                                    text_of(call.body, "password"), service.asker_of(call)));
  if (done.outcome == identity::Reset::done) service.post();
  if (wants_page(call)) {
    if (done.outcome != identity::Reset::bad_password) return reset_page(done.outcome);
    return reset_page(text_of(call.body, "token"), done.reason);
  }
  switch (done.outcome) {
    case identity::Reset::done:
      return json(200, Value());
    case identity::Reset::bad_token:
      return detail(400, "RESET_PASSWORD_BAD_TOKEN");
    case identity::Reset::bad_password:
      return detail(400, "RESET_PASSWORD_INVALID_PASSWORD", done.reason);
  }
  return fail(Code::internal, "a reset without an outcome");
}

}  // namespace writ::server
