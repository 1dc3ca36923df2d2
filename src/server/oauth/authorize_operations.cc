// /oauth/authorize and /oauth/sign-in: pages on which a person signs in and lets an application act
// for them, and the code that goes back to it.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "crypto/digest.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/authorizations.h"
#include "identity/oauth/grants.h"
#include "server/api/answers.h"
#include "server/auth/cookies.h"
#include "server/auth/shapes.h"
#include "server/oauth/authorization_request.h"
#include "server/oauth/oauth_parts.h"
#include "server/oauth/sign_in_form.h"
#include "server/pages/page.h"

namespace writ::server {
namespace {

using identity::Application;
using identity::Consent;
using identity::Session;
using identity::User;

constexpr std::string_view kConsentFields =
    "<p><button name=\"decision\" value=\"allow\">Allow</button>\n"
    "<button name=\"decision\" value=\"deny\">Do not allow</button></p>\n";

// What scopes mean to people; those of the API say it themselves.
struct Meaning {
  std::string_view scope;
  std::string_view says;
};
constexpr Meaning kMeanings[] = {
    {"email", "see your e-mail address"},
    {"offline_access", "do so while you are away, until you take it back"},
    {"openid", "know who you are"},
};

std::string meaning_of(const std::string& scope) {
  for (const Meaning& one : kMeanings) {
    if (one.scope == scope) return std::string(one.says);
  }
  return "use " + scope + " as you";
}

// Of an application that there is; empty: the query names none.
Result<std::string> client_in(AuthService& service, std::string_view query) {
  const auto request = read_authorization_request(query);
  if (!request) return std::string();
  WRIT_TRY(const auto application, service.parts().store.read([&](store::Tx& tx) {
    return identity::find_application(tx, request->application);
  }));
  return application ? application->id.text() : std::string();
}

// What goes to nobody: whom it would go to is not known.
Result<net::Answer> broken(AuthService& service, const Call& call, std::string_view query,
                           const Error& error) {
  if (error.code != Code::invalid_input) return std::unexpected(error);
  WRIT_TRY(const std::string client, client_in(service, query));
  WRIT_CHECK(
      tell_refused_authorization(service, call, {.client = client, .error = "invalid_request"}));
  return render({.status = 400,
                 .title = "This does not lead anywhere",
                 .paragraphs = {error.message, error.remediation}});
}

// A request whose application is known, and where it may be answered.
struct Asked {
  AuthorizationRequest request;
  Application application;
};

Result<Asked> asked_in(AuthService& service, std::string_view query) {
  WRIT_TRY(AuthorizationRequest request, read_authorization_request(query));
  WRIT_TRY(auto application, service.parts().store.read([&](store::Tx& tx) {
    return identity::find_application(tx, request.application);
  }));
  if (!application) {
    return fail(Code::invalid_input, "no such application is registered here",
                "Ask whoever runs the application");
  }
  if (!identity::may_redirect_to(*application, request.redirect_uri)) {
    return fail(Code::invalid_input, "the application did not register where the answer is to go",
                "Ask whoever runs the application");
  }
  return Asked{std::move(request), *std::move(application)};
}

// Back to the application, with who answers (RFC 9207).
net::Answer sent_back(const AuthService& service, const AuthorizationRequest& request,
                      std::string_view name, std::string_view value, std::string_view why = {}) {
  return see_other(with_query(request.redirect_uri, {{name, value},
                                                     {"error_description", why},
                                                     {"state", request.state},
                                                     {"iss", service.options().public_url}}));
}

// Scopes and resource into `asked`, as they will be granted; a fault where they cannot be.
void complete(Asked& asked, const AuthOptions& options) {
  AuthorizationRequest& request = asked.request;
  if (!request.says_scopes) request.scopes = asked.application.scopes;
  if (request.target.empty()) request.target = options.public_url;
  if (!request.fault.empty()) return;
  const bool is_known =
      request.target == options.public_url ||
      std::ranges::find(options.resources, request.target) != options.resources.end();
  if (!is_known) {
    request.fault = "invalid_target";
    request.why = "no tokens are issued for this resource";
  } else if (!std::ranges::includes(asked.application.scopes, request.scopes)) {
    request.fault = "invalid_scope";
    request.why = "the application is not registered for all of these scopes";
  }
}

bool is_fresh(const AuthorizationRequest& request, const Session& session, WallTime now) {
  if (!request.max_age) return true;
  return now.micros - session.authenticated_at.micros <= *request.max_age * 1'000'000;
}

Page sign_in_page(const OauthRoom& room, const Asked& asked) {
  const std::string query = after_sign_in(asked.request.query);
  Page page{.title = "Sign in",
            .paragraphs = {"to go on to " + asked.application.name},
            .action = kSignInPath,
            .form_leads_to = source_of(asked.request.redirect_uri)};
  const bool is_anew = asked.request.prompt == Prompt::login || asked.request.max_age;
  add_sign_in(page, room.providers, std::string(kAuthorizePath) + "?" + query,
              is_anew ? SignInAs::anew : SignInAs::usual);
  return page;
}

net::Response sign_in_first(const OauthRoom& room, const Asked& asked) {
  const std::string query = after_sign_in(asked.request.query);
  Page page = sign_in_page(room, asked);
  page.hidden = {{"request", query}};
  return render(page);
}

net::Response consent_page(const AuthService& service, const Asked& asked, const Visitor& visitor) {
  const std::string csrf = csrf_token_of(visitor.cookie);
  const std::string leads_to = source_of(asked.request.redirect_uri);
  Page page{.title = "Let " + asked.application.name + " act for you?",
            .paragraphs = {"You are signed in as " + visitor.user.email + ".",
                           "The answer goes to " + asked.request.redirect_uri + "."},
            .action = kAuthorizePath,
            .hidden = {{"request", asked.request.query}, {"csrf", csrf}},
            .fields = kConsentFields,
            .form_leads_to = leads_to};
  if (asked.request.target != service.options().public_url) {
    page.paragraphs.push_back("It would be for " + asked.request.target + ".");
  }
  page.paragraphs.push_back(asked.application.name + " could:");
  for (const std::string& scope : asked.request.scopes) page.items.push_back(meaning_of(scope));
  return render(page);
}

enum class Said : std::uint8_t { now, before };

// False: what the code would rest on has gone since it was looked at. A consent of before is not
// given again, so that one that is taken back at this moment stays taken back.
Result<bool> keep_code(store::Tx& tx, const identity::SecretToken& code,
                       const identity::Authorization& what, const Visitor& visitor, Said said,
                       const identity::Deed& deed) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto basis, identity::find_basis(tx, what, now));
  if (!basis) return false;
  if (said == Said::now) {
    WRIT_CHECK(identity::give_consent(
        tx, visitor.user.id,
        {.application = what.application, .scopes = what.scopes, .given_at = now}, deed));
  }
  WRIT_TRY(const bool is_consented,
           identity::has_consented(tx, visitor.user.id, what.application, what.scopes));
  if (!is_consented) return false;
  WRIT_CHECK(identity::put_code(tx, code, what, now));
  return true;
}

Result<net::Answer> hand_out_code(AuthService& service, const Call& call, const Asked& asked,
                                  const Visitor& visitor, Said said) {
  const identity::SecretToken code = identity::make_secret_token(identity::kCodePrefix);
  const AuthorizationRequest& request = asked.request;
  const identity::Authorization what{.application = asked.application.id,
                                     .session = visitor.session.id,
                                     .redirect_uri = request.redirect_uri,
                                     .challenge = request.challenge,
                                     .scopes = request.scopes,
                                     .target = request.target,
                                     .nonce = request.nonce};
  const identity::Deed deed =
      service.parts().deed("principal:" + visitor.user.id.text(), std::string(call.trace));
  WRIT_TRY(const bool is_good, service.parts().store.write([&](store::Tx& tx) {
    return keep_code(tx, code, what, visitor, said, deed);
  }));
  if (!is_good) return see_other(std::string(kAuthorizePath) + "?" + request.query);
  return sent_back(service, request, "code", code.text);
}

Result<bool> has_consented(AuthService& service, const Asked& asked, const User& user) {
  return service.parts().store.read([&](store::Tx& tx) {
    return identity::has_consented(tx, user.id, asked.application.id, asked.request.scopes);
  });
}

// What the request asks for, or who has to answer first. Nothing: this visitor has to decide.
Result<std::optional<net::Answer>> before_decision(const OauthRoom& room, const Call& call,
                                                   const Asked& asked,
                                                   const std::optional<Visitor>& visitor) {
  AuthService& service = *room.service;
  const AuthorizationRequest& request = asked.request;
  if (!request.fault.empty()) {
    WRIT_CHECK(tell_refused_authorization(
        service, call, {.client = asked.application.id.text(), .error = request.fault}));
    return sent_back(service, request, "error", request.fault, request.why);
  }
  const bool is_in = visitor && request.prompt != Prompt::login &&
                     is_fresh(request, visitor->session, service.parts().clock.wall());
  if (is_in) return std::nullopt;
  if (request.prompt == Prompt::none) return sent_back(service, request, "error", "login_required");
  return net::Answer(sign_in_first(room, asked));
}

}  // namespace

net::Response see_other(const std::string& where) {
  net::Response response;
  response.status = 303;
  response.fields.emplace_back("Location", where);
  return response;
}

Result<std::optional<Visitor>> visitor_of(AuthService& service, const Call& call) {
  const auto cookie = find_cookie(call.request.fields, kSessionCookie);
  if (!cookie) return std::nullopt;
  return service.parts().store.read([&](store::Tx& tx) -> Result<std::optional<Visitor>> {
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(const auto session, identity::find_session_by_cookie(tx, *cookie, now));
    if (!session) return std::nullopt;
    WRIT_TRY(const auto user, identity::find_user(tx, session->principal));
    if (!user || !user->is_active) return std::nullopt;
    return Visitor{*session, *user, std::string(*cookie)};
  });
}

Result<net::Answer> show_authorization(const OauthRoom& room, const Call& call) {
  AuthService& service = *room.service;
  auto asked = asked_in(service, call.request.query);
  if (!asked) return broken(service, call, call.request.query, asked.error());
  complete(*asked, service.options());
  WRIT_TRY(const auto visitor, visitor_of(service, call));
  WRIT_TRY(auto first, before_decision(room, call, *asked, visitor));
  if (first) return *std::move(first);
  if (!visitor) return fail(Code::internal, "nobody is there to decide");
  WRIT_TRY(const bool has_said_yes, has_consented(service, *asked, visitor->user));
  // Anybody can say to be a public application: what was allowed to one is asked again (RFC 8252
  // section 8.6).
  const bool is_remembered = has_said_yes && !asked->application.is_public();
  if (is_remembered && asked->request.prompt != Prompt::consent) {
    return hand_out_code(service, call, *asked, *visitor, Said::before);
  }
  if (asked->request.prompt == Prompt::none) {
    return sent_back(service, asked->request, "error", "consent_required");
  }
  return consent_page(service, *asked, *visitor);
}

Result<net::Answer> decide_authorization(const OauthRoom& room, const Call& call) {
  AuthService& service = *room.service;
  auto asked = asked_in(service, text_of(call.body, "request"));
  if (!asked) return broken(service, call, text_of(call.body, "request"), asked.error());
  complete(*asked, service.options());
  // The page before this one has seen to it.
  if (asked->request.prompt == Prompt::login) asked->request.prompt = Prompt::usual;
  WRIT_TRY(const auto visitor, visitor_of(service, call));
  WRIT_TRY(auto first, before_decision(room, call, *asked, visitor));
  if (first) return *std::move(first);
  if (!visitor) return fail(Code::internal, "nobody is there to decide");
  const bool is_meant =
      may_set_cookies(call.request.fields, service.options().public_url) &&
      crypto::equal_constant_time(text_of(call.body, "csrf"), csrf_token_of(visitor->cookie));
  // Whoever was on a page of before is asked again, and nothing is done.
  if (!is_meant) return consent_page(service, *asked, *visitor);
  if (text_of(call.body, "decision") != "allow") {
    WRIT_CHECK(tell_refused_authorization(service, call,
                                          {.client = asked->application.id.text(),
                                           .error = "access_denied",
                                           .person = visitor->user.id}));
    return sent_back(service, asked->request, "error", "access_denied",
                     "the person does not allow it");
  }
  return hand_out_code(service, call, *asked, *visitor, Said::now);
}

Result<net::Answer> sign_in_on_page(const OauthRoom& room, const Call& call) {
  AuthService& service = *room.service;
  auto asked = asked_in(service, text_of(call.body, "request"));
  if (!asked) return broken(service, call, text_of(call.body, "request"), asked.error());
  const std::string query = after_sign_in(asked->request.query);
  Page page = sign_in_page(room, *asked);
  page.hidden = {{"request", query}};
  return sign_in_by_form(service, call, std::move(page), std::string(kAuthorizePath) + "?" + query);
}

}  // namespace writ::server
