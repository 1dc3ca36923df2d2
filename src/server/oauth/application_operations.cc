// /oauth/clients: applications that administrators register. /oauth/consents: what a person lets
// them do.
#include <algorithm>
#include <string>
#include <utility>

#include "identity/oauth/applications.h"
#include "identity/oauth/authorizations.h"
#include "identity/oauth/grants.h"
#include "server/api/answers.h"
#include "server/auth/shapes.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

using identity::Application;
using identity::ApplicationId;

std::unexpected<Error> no_such() {
  return fail(Code::not_found, "there is no such client", "GET /oauth/clients lists them");
}

Object shape_of(const Application& application) {
  Array uris;
  for (const std::string& one : application.redirect_uris) uris.emplace_back(one);
  return {
      {"client_id", application.id.text()},   {"client_name", application.name},
      {"redirect_uris", std::move(uris)},     {"scope", identity::scope_text(application.scopes)},
      {"is_public", application.is_public()}, {"created_at", to_rfc3339(application.created_at)}};
}

// The scopes of the body, if an application may have them: those of the contract, and OpenID's.
// None is one that administers.
Result<std::vector<std::string>> scopes_of(const AuthService& service, const Value& body) {
  auto scopes = identity::parse_scope(text_of(body, "scope"));
  if (!scopes) return fail(Code::invalid_input, "scope is words with one space between");
  for (const std::string& scope : *scopes) {
    const bool is_openid = std::ranges::find(kOpenidScopes, scope) != std::end(kOpenidScopes);
    const bool is_known = std::ranges::binary_search(service.options().session_scopes, scope);
    if ((is_openid || is_known) && scope != identity::kSuperuserScope) continue;
    return fail(Code::invalid_input, "no client can be given the scope " + scope,
                "`scopes_supported` of the metadata lists them");
  }
  return *std::move(scopes);
}

Result<std::vector<std::string>> uris_of(const Value& body) {
  std::vector<std::string> out;
  for (const Value& one : body.find("redirect_uris")->as_array()) {
    if (const std::string why = identity::complaint_about_redirect_uri(one.as_string());
        !why.empty()) {
      return fail(Code::invalid_input, "the redirect URI " + one.as_string() + " " + why);
    }
    out.push_back(one.as_string());
  }
  return out;
}

}  // namespace

Result<net::Answer> register_client(AuthService& service, const Call& call) {
  Application application{.id = service.parts().new_id<ApplicationId>(),
                          .name = std::string(text_of(call.body, "client_name"))};
  WRIT_TRY(application.scopes, scopes_of(service, call.body));
  WRIT_TRY(application.redirect_uris, uris_of(call.body));
  identity::SecretToken secret;
  if (!call.body.bool_or("is_public", false)) {
    secret = identity::make_secret_token(identity::kApplicationSecretPrefix);
    application.secret = secret.key;
  }
  const crypto::WipeOnExit wiped(secret.text);
  WRIT_TRY(const auto made,
           service.parts().store.write([&](store::Tx& tx) -> Result<std::optional<Application>> {
             WRIT_CHECK(identity::register_application(tx, application, service.deed_of(call)));
             return identity::find_application(tx, application.id);
           }));
  if (!made) return fail(Code::internal, "a client that was registered is not there");
  Object shape = shape_of(*made);
  if (!secret.text.empty()) shape.append("client_secret", secret.text);
  return json(201, std::move(shape));
}

Result<net::Answer> list_clients(AuthService& service, const Call&) {
  WRIT_TRY(const auto all, service.parts().store.read(
                               [](store::Tx& tx) { return identity::list_applications(tx); }));
  Array items;
  for (const Application& one : all) items.push_back(shape_of(one));
  return json(200, Object{{"items", std::move(items)}});
}

Result<net::Answer> replace_client_secret(AuthService& service, const Call& call) {
  const auto id = ApplicationId::parse(call.text("client_id"));
  if (!id) return no_such();
  identity::SecretToken secret = identity::make_secret_token(identity::kApplicationSecretPrefix);
  const crypto::WipeOnExit wiped(secret.text);
  WRIT_TRY(const bool was_there, service.parts().store.write([&](store::Tx& tx) {
    return identity::replace_application_secret(tx, *id, secret, service.deed_of(call));
  }));
  if (!was_there) return no_such();
  return json(200, Object{{"client_id", id->text()}, {"client_secret", secret.text}});
}

Result<net::Answer> delete_client(AuthService& service, const Call& call) {
  const auto id = ApplicationId::parse(call.text("client_id"));
  if (!id) return no_such();
  WRIT_TRY(const bool was_there, service.parts().store.write([&](store::Tx& tx) {
    return identity::erase_application(tx, *id, service.deed_of(call));
  }));
  if (!was_there) return no_such();
  return no_content();
}

Result<net::Answer> list_own_consents(AuthService& service, const Call& call) {
  WRIT_TRY(Array items, service.parts().store.read([&](store::Tx& tx) -> Result<Array> {
    WRIT_TRY(const auto all, identity::list_consents(tx, call.who().id));
    Array out;
    for (const identity::Consent& one : all) {
      WRIT_TRY(const auto application, identity::find_application(tx, one.application));
      if (!application) continue;
      out.push_back(Object{{"client_id", one.application.text()},
                           {"client_name", application->name},
                           {"scope", identity::scope_text(one.scopes)},
                           {"given_at", to_rfc3339(one.given_at)}});
    }
    return out;
  }));
  return json(200, Object{{"items", std::move(items)}});
}

Result<net::Answer> take_back_own_consent(AuthService& service, const Call& call) {
  const auto id = ApplicationId::parse(call.text("client_id"));
  if (!id) return no_such();
  WRIT_TRY(const bool was_there, service.parts().store.write([&](store::Tx& tx) {
    return identity::take_back_consent(tx, call.who().id, *id, service.deed_of(call));
  }));
  if (!was_there) return no_such();
  return no_content();
}

Result<net::Answer> get_userinfo(AuthService& service, const Call& call) {
  WRIT_TRY(const auto user, service.parts().store.read([&](store::Tx& tx) {
    return identity::find_user(tx, call.who().id);
  }));
  if (!user) return oauth_error(403, "insufficient_scope", "the token speaks of no person");
  Object out{{"sub", user->id.text()}};
  if (call.who().has_scope("email") || call.who().has_signed_in()) {
    out.append("email", user->email);
    out.append("email_verified", user->is_verified);
  }
  return json(200, std::move(out));
}

}  // namespace writ::server
