#include <string>
#include <utility>

#include "server/api/answers.h"
#include "server/auth/shapes.h"
#include "server/oauth/basic_credentials.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

net::Response no_client(std::string_view why) {
  net::Response response = oauth_error(401, "invalid_client", why);
  response.fields.emplace_back("WWW-Authenticate", R"(Basic realm="writ", charset="UTF-8")");
  return response;
}

net::Response wait_answer(AuthService& service, WallTime until) {
  net::Response response = must_wait("", until, service.parts().clock.wall());
  net::Response out =
      oauth_error(response.status, "temporarily_unavailable", "too many failed tries; wait");
  out.fields.emplace_back("Retry-After", response.field("Retry-After"));
  return out;
}

// As a request with the key would be noted: once a minute, behind the answer.
void note_key(AuthService& service, const identity::Client& client) {
  const WallTime now = service.parts().clock.wall();
  if (!identity::is_use_due(client.key, now)) return;
  (void)service.parts().store.write_async(
      [id = client.key.id, now](store::Tx& tx) { return identity::note_use(tx, id, now); },
      [](const Result<void>&) {});
}

}  // namespace

Result<ProvenClient> prove_client(AuthService& service, const Call& call) {
  const auto shown = call.request.fields.find("Authorization");
  identity::ClientProof proof{.id = std::string(text_of(call.body, "client_id")),
                              .secret = std::string(text_of(call.body, "client_secret"))};
  if (shown) {
    auto basic = parse_basic(*shown);
    if (!basic) return ProvenClient{.refusal = no_client("Authorization is not Basic")};
    const bool contradicts = !proof.id.empty() && proof.id != basic->id;
    if (!proof.secret.empty() || contradicts) {
      return ProvenClient{.refusal = oauth_error(400, "invalid_request",
                                                 "a client proves itself in one way alone")};
    }
    proof = *std::move(basic);
  }
  if (proof.id.empty() || proof.secret.empty()) {
    return ProvenClient{.refusal = no_client("client_id and client_secret are asked for")};
  }
  WRIT_TRY(identity::ClientCheck check,
           identity::check_client(service.parts(), proof, service.asker_of(call),
                                  service.scope_rules()));
  if (check.wait_until) return ProvenClient{.refusal = wait_answer(service, *check.wait_until)};
  if (!check.client) {
    return ProvenClient{.refusal = no_client("the client is not known, or the secret is not its")};
  }
  note_key(service, *check.client);
  return ProvenClient{.client = std::move(check.client)};
}

}  // namespace writ::server
