// /oauth/clients: applications that administrators register. /oauth/consents: what a person lets
// them do.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "identity/oauth/applications.h"
#include "identity/oauth/authorizations.h"
#include "identity/oauth/grants.h"
#include "server/api/answers.h"
#include "server/api/errors.h"
#include "server/auth/shapes.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

using identity::Application;
using identity::ApplicationId;

std::unexpected<Error> no_such() {
  return fail(Code::not_found, "there is no such client", "GET /oauth/clients lists them");
}

Object shape_of(const Application& application, WallTime now) {
  Array uris;
  for (const std::string& one : application.redirect_uris) uris.emplace_back(one);
  Object out{
      {"client_id", application.id.text()},   {"client_name", application.name},
      {"redirect_uris", std::move(uris)},     {"scope", identity::scope_text(application.scopes)},
      {"is_public", application.is_public()}, {"created_at", to_rfc3339(application.created_at)}};
  if (now < application.former_until) {
    out.append("former_secret_until", to_rfc3339(application.former_until));
  }
  return out;
}

std::string etag_of(const Application& application) {
  return '"' + identity::version_of(application) + '"';
}

net::Response answer_with(const AuthService& service, int status, const Application& application) {
  net::Response out = json(status, shape_of(application, service.parts().clock.wall()));
  out.fields.emplace_back("ETag", etag_of(application));
  return out;
}

// RFC 9110 section 13.1.1; a weak tag matches nothing.
bool is_meant(std::string_view match, const Application& application) {
  if (match == "*") return true;
  const std::string tag = etag_of(application);
  while (!match.empty()) {
    const std::size_t end = std::min(match.find(','), match.size());
    std::string_view one = match.substr(0, end);
    match.remove_prefix(std::min(end + 1, match.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one == tag) return true;
  }
  return false;
}

// A conflict, with the status that RFC 9110 has for conditions.
net::Response changed_since(const Call& call, const Application& application) {
  Error error;
  error.code = Code::conflict;
  error.message = "the client was changed since";
  error.remediation = "Read it again, and repeat the change with its ETag";
  net::Response out = render_error(contract::ErrorShape::problem, error, call.trace, 412);
  out.fields.emplace_back("ETag", etag_of(application));
  return out;
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

Result<std::vector<std::string>> uris_of(const Value& list) {
  std::vector<std::string> out;
  for (const Value& one : list.as_array()) {
    if (const std::string why = identity::complaint_about_redirect_uri(one.as_string());
        !why.empty()) {
      return fail(Code::invalid_input, "the redirect URI " + one.as_string() + " " + why);
    }
    out.push_back(one.as_string());
  }
  return out;
}

// What is not named stays.
Result<identity::ApplicationChange> change_of(const AuthService& service, const Value& body) {
  identity::ApplicationChange out;
  if (body.find("client_name") != nullptr) out.name = text_of(body, "client_name");
  if (body.find("scope") != nullptr) {
    WRIT_TRY(out.scopes, scopes_of(service, body));
  }
  if (const Value* const uris = body.find("redirect_uris")) {
    WRIT_TRY(out.redirect_uris, uris_of(*uris));
  }
  return out;
}

}  // namespace

Result<net::Answer> register_client(AuthService& service, const Call& call) {
  Application application{.id = service.parts().new_id<ApplicationId>(),
                          .name = std::string(text_of(call.body, "client_name"))};
  WRIT_TRY(application.scopes, scopes_of(service, call.body));
  WRIT_TRY(application.redirect_uris, uris_of(*call.body.find("redirect_uris")));
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
  Object shape = shape_of(*made, service.parts().clock.wall());
  if (!secret.text.empty()) shape.append("client_secret", secret.text);
  return json(201, std::move(shape));
}

Result<net::Answer> list_clients(AuthService& service, const Call&) {
  WRIT_TRY(const auto all, service.parts().store.read(
                               [](store::Tx& tx) { return identity::list_applications(tx); }));
  Array items;
  const WallTime now = service.parts().clock.wall();
  for (const Application& one : all) items.push_back(shape_of(one, now));
  return json(200, Object{{"items", std::move(items)}});
}

Result<net::Answer> get_client(AuthService& service, const Call& call) {
  const auto id = ApplicationId::parse(call.text("client_id"));
  if (!id) return no_such();
  WRIT_TRY(const auto found, service.parts().store.read([&](store::Tx& tx) {
    return identity::find_application(tx, *id);
  }));
  if (!found) return no_such();
  return answer_with(service, 200, *found);
}

Result<net::Answer> change_client(AuthService& service, const Call& call) {
  const auto id = ApplicationId::parse(call.text("client_id"));
  if (!id) return no_such();
  WRIT_TRY(const identity::ApplicationChange change, change_of(service, call.body));
  struct Outcome {
    std::optional<Application> application;
    bool is_done = false;
  };
  WRIT_TRY(const Outcome got, service.parts().store.write([&](store::Tx& tx) -> Result<Outcome> {
    Outcome out;
    WRIT_TRY(out.application, identity::find_application(tx, *id));
    if (!out.application || !is_meant(call.text("If-Match"), *out.application)) return out;
    WRIT_TRY(out.application,
             identity::change_application(tx, *out.application, change, service.deed_of(call)));
    out.is_done = true;
    return out;
  }));
  if (!got.application) return no_such();
  if (!got.is_done) return changed_since(call, *got.application);
  return answer_with(service, 200, *got.application);
}

Result<net::Answer> replace_client_secret(AuthService& service, const Call& call) {
  const auto id = ApplicationId::parse(call.text("client_id"));
  if (!id) return no_such();
  identity::SecretToken secret = identity::make_secret_token(identity::kApplicationSecretPrefix);
  const crypto::WipeOnExit wiped(secret.text);
  const std::chrono::seconds keep(call.body.integer_or("keep_former_seconds", 0));
  WRIT_TRY(const auto changed, service.parts().store.write([&](store::Tx& tx) {
    return identity::replace_application_secret(tx, *id, secret, keep, service.deed_of(call));
  }));
  if (!changed) return no_such();
  Object out{{"client_id", id->text()}, {"client_secret", secret.text}};
  if (!changed->former_secret.empty()) {
    out.append("former_secret_until", to_rfc3339(changed->former_until));
  }
  return json(200, std::move(out));
}

Result<net::Answer> end_former_client_secret(AuthService& service, const Call& call) {
  const auto id = ApplicationId::parse(call.text("client_id"));
  if (!id) return no_such();
  WRIT_TRY(const bool was_there, service.parts().store.write([&](store::Tx& tx) {
    return identity::end_former_secret(tx, *id, service.deed_of(call));
  }));
  if (!was_there) return no_such();
  return no_content();
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
