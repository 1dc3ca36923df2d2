#include "server/federation/federation_operations.h"

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/jose/token_fault.h"
#include "identity/accounts/own_keys.h"
#include "identity/federation/sign_in_by_provider.h"
#include "net/client.h"
#include "server/api/answers.h"
#include "server/auth/authenticator.h"
#include "server/auth/cookies.h"
#include "server/auth/shapes.h"
#include "server/federation/provider_client.h"

namespace writ::server {
namespace {

using identity::ProviderSignIn;
using identity::Trip;
using identity::TripSecrets;

// Of a browser on its way; it comes back from another site, which Lax lets it.
constexpr std::string_view kTripCookie = "__Host-writ_login";

// What somebody can do whose sign-in is not recent, or of whom nobody says when it was.
constexpr std::string_view kSignInAgain =
    "this needs a recent sign-in: sign in with your password, or with a provider by "
    "/auth/oauth/{provider}/authorize?again=true";

class Federation {
 public:
  Federation(std::shared_ptr<AuthService> service, std::vector<SignInProvider> providers,
             const Clock& clock, Random& random)
      : service_(std::move(service)), http_(clock, random, options()) {
    const std::string base = service_->options().public_url + "/auth/oauth/";
    for (SignInProvider& one : providers) {
      const std::string redirect_uri = base + one.name + "/callback";
      clients_.push_back(
          std::make_unique<ProviderClient>(std::move(one), redirect_uri, http_, clock));
    }
  }

  AuthService& service() { return *service_; }
  const std::vector<std::unique_ptr<ProviderClient>>& clients() const { return clients_; }
  ProviderClient* find(std::string_view name) const {
    const auto found = std::ranges::find_if(
        clients_, [&](const auto& one) { return one->provider().name == name; });
    return found == clients_.end() ? nullptr : found->get();
  }

 private:
  // Codes are good once, and people wait.
  static net::ClientOptions options() {
    net::ClientOptions out;
    out.idle_per_origin = kMostProviderCalls + kMostDepartures;
    out.attempts = 1;
    return out;
  }

  std::shared_ptr<AuthService> service_;  // with the operations
  net::Client http_;
  std::vector<std::unique_ptr<ProviderClient>> clients_;
};

void set_trip_cookie(net::Response& response, std::string_view value) {
  std::string cookie = std::string(kTripCookie) + "=" + std::string(value) +
                       "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=";
  cookie +=
      value.empty() ? "0" : std::to_string(std::chrono::seconds(identity::kTripLifetime).count());
  response.fields.emplace_back("Set-Cookie", std::move(cookie));
}

net::Response see_other(const std::string& where) {
  net::Response response;
  response.status = 303;
  response.fields.emplace_back("Location", where);
  return response;
}

// What went wrong with the provider, as far as it is anybody's affair. Nothing: it is our own.
std::optional<net::Response> provider_trouble(const Error& error) {
  switch (error.code) {
    case Code::unavailable:
    case Code::timed_out:
    case Code::overloaded:
      return detail(503, "OAUTH_PROVIDER_UNAVAILABLE",
                    "the provider cannot be asked now; sign in another way, or try again later");
    case Code::invalid_input:
      return detail(502, "OAUTH_PROVIDER_MISCONFIGURED",
                    "what the provider answers is not what it was set up with");
    default:
      return std::nullopt;
  }
}

// The trip that begins: where the browser goes, with its cookie.
struct Departure {
  std::string url = {};
  std::string cookie = {};
  std::optional<net::Response> refusal = {};
};

Result<Departure> depart(AuthService& service, ProviderClient& client, const Call& call,
                         Trip trip) {
  const TripSecrets secrets =
      identity::make_trip_secrets(find_cookie(call.request.fields, kTripCookie));
  const Departing departing = trip.asks_anew ? Departing::anew : Departing::usual;
  auto url = client.authorization_url(secrets, departing, call.context.stop);
  if (!url) {
    Departure out{.refusal = provider_trouble(url.error())};
    if (out.refusal) return out;
    return std::unexpected(std::move(url).error());
  }
  trip.provider = client.provider().name;
  trip.browser = secrets.browser.key;
  WRIT_CHECK(service.parts().store.write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const WallTime now, tx.now());
    return identity::put_trip(tx, secrets.state, trip, now);
  }));
  return Departure{.url = *std::move(url), .cookie = secrets.browser.text};
}

net::Answer departed(const Departure& departure, bool redirects) {
  if (departure.refusal) return *departure.refusal;
  net::Response response = redirects ? see_other(departure.url)
                                     : json(200, Object{{"authorization_url", departure.url}});
  set_trip_cookie(response, departure.cookie);
  return response;
}

Result<net::Answer> list_providers(Federation& federation, const Call&) {
  Array out;
  for (const auto& client : federation.clients()) {
    out.push_back(Object{{"name", client->provider().name}, {"title", client->provider().title}});
  }
  return json(200, std::move(out));
}

Result<net::Answer> authorize(Federation& federation, const Call& call) {
  ProviderClient* const client = federation.find(call.text("provider"));
  if (client == nullptr) return phrase(404);
  Trip trip;
  trip.keep = call.text("transport") == "cookie" ? identity::Keep::cookie : identity::Keep::tokens;
  trip.asks_anew = call.flag("again");
  if (const Value* const next = call.parameter("next")) trip.next = next->as_string();
  WRIT_TRY(const Departure departure, depart(federation.service(), *client, call, trip));
  return departed(departure, call.flag("redirect"));
}

Result<net::Answer> link(Federation& federation, const Call& call) {
  ProviderClient* const client = federation.find(call.text("provider"));
  if (client == nullptr) return phrase(404);
  AuthService& service = federation.service();
  const identity::Owner owner{.id = call.who().id, .session = session_of(call.who())};
  WRIT_TRY(const bool is_recent, service.parts().store.read([&](store::Tx& tx) {
    return identity::has_signed_in_recently(tx, owner);
  }));
  if (!is_recent) return detail(403, "OAUTH_SIGN_IN_AGAIN", kSignInAgain);
  WRIT_TRY(const Departure departure, depart(service, *client, call, {.session = owner.session}));
  return departed(departure, false);
}

std::string text_or_empty(const Call& call, std::string_view parameter) {
  const Value* const value = call.parameter(parameter);
  return value == nullptr ? std::string() : value->as_string();
}

// The trip that this browser comes back from. Nothing: there is none.
Result<std::optional<std::pair<Trip, TripSecrets>>> return_of(AuthService& service,
                                                              const Call& call) {
  const auto cookie = find_cookie(call.request.fields, kTripCookie);
  const auto secrets = identity::trip_secrets_of(text_or_empty(call, "state"), cookie.value_or(""));
  if (!secrets) return std::nullopt;
  WRIT_TRY(auto trip,
           service.parts().store.write([&](store::Tx& tx) -> Result<std::optional<Trip>> {
             WRIT_TRY(const WallTime now, tx.now());
             return identity::take_trip(tx, *secrets, call.text("provider"), now);
           }));
  if (!trip) return std::nullopt;
  return std::pair(*std::move(trip), *secrets);
}

// Counted and told; `code` and `reason` are the answer unless too many came from there.
Result<net::Answer> refuse(AuthService& service, const Call& call, std::string_view why,
                           std::string_view code, std::string_view reason) {
  WRIT_TRY(const identity::SignedIn refused,
           identity::fail_trip(service.parts(), why, service.asker_of(call)));
  if (refused.outcome == identity::SignIn::must_wait) return signed_in(service, refused);
  return detail(400, code, reason);
}

Result<net::Answer> refuse_word(AuthService& service, const Call& call, const Error& error) {
  if (auto trouble = provider_trouble(error)) return *std::move(trouble);
  if (error.code == Code::not_permitted) {
    return refuse(service, call, "provider_code", "OAUTH_REFUSED",
                  "the provider did not confirm the sign-in; begin anew");
  }
  if (error.code == Code::signature_bad) {
    return refuse(service, call, "provider_word", "OAUTH_BAD_ANSWER",
                  "what the provider said of you does not hold; begin anew");
  }
  return std::unexpected(error);
}

Result<net::Answer> answer_of(AuthService& service, const identity::ProviderOutcome& outcome,
                              const std::string& next) {
  const bool is_in = outcome.outcome == ProviderSignIn::done &&
                     outcome.signed_in.outcome == identity::SignIn::done;
  switch (outcome.outcome) {
    case ProviderSignIn::done: {
      if (!is_in || outcome.signed_in.cookie.empty() || next.empty()) {
        return signed_in(service, outcome.signed_in);
      }
      net::Response response = see_other(next);
      set_session_cookies(response, outcome.signed_in.cookie);
      return response;
    }
    case ProviderSignIn::linked:
      return no_content();
    case ProviderSignIn::closed:
      return detail(400, "OAUTH_NO_ACCOUNT", "no account is known for this identity");
    case ProviderSignIn::no_email:
      return detail(400, "OAUTH_NOT_AVAILABLE_EMAIL",
                    "the provider says no address of yours that counts here");
    case ProviderSignIn::taken:
      return detail(400, "OAUTH_USER_ALREADY_EXISTS",
                    "sign in to the account another way, and link the identity there");
    case ProviderSignIn::over:
      return detail(400, "OAUTH_SIGN_IN_AGAIN", "the session that asked for the link has ended");
    case ProviderSignIn::not_anew:
      return detail(403, "OAUTH_NOT_SIGNED_IN_ANEW",
                    "the provider does not say that you signed in there just now: set a password "
                    "by /auth/forgot-password and sign in with it; with a second factor its code "
                    "is enough");
  }
  return fail(Code::internal, "a sign-in without an outcome");
}

Result<net::Answer> come_back(Federation& federation, const Call& call) {
  ProviderClient* const client = federation.find(call.text("provider"));
  if (client == nullptr) return phrase(404);
  AuthService& service = federation.service();
  WRIT_TRY(const auto back, return_of(service, call));
  if (!back) {
    return refuse(service, call, "provider_state", "OAUTH_INVALID_STATE",
                  "this browser did not begin this sign-in, or it was used or is over");
  }
  const auto& [trip, secrets] = *back;
  ProviderReturn said{.code = text_or_empty(call, "code")};
  if (const Value* const issuer = call.parameter("iss")) said.issuer = issuer->as_string();
  if (call.parameter("error") != nullptr || said.code.empty()) {
    return refuse(service, call, "provider_refused", "OAUTH_REFUSED",
                  "the provider did not sign you in");
  }
  const auto who = client->who_came(said, secrets, call.context.stop);
  if (!who) return refuse_word(service, call, who.error());
  WRIT_TRY(const identity::ProviderOutcome outcome,
           identity::arrive(service.parts(), client->provider().rules, trip, *who,
                            service.asker_of(call)));
  WRIT_TRY(net::Answer answer, answer_of(service, outcome, trip.next));
  set_trip_cookie(std::get<net::Response>(answer), {});
  return answer;
}

Result<net::Answer> list_own_identities(Federation& federation, const Call& call) {
  WRIT_TRY(const auto all, federation.service().parts().store.read([&](store::Tx& tx) {
    return identity::list_identities(tx, call.who().id);
  }));
  Array out;
  for (const identity::LinkedIdentity& one : all) {
    out.push_back(Object{{"id", one.id.text()},
                         {"provider", one.provider},
                         {"issuer", one.issuer},
                         {"subject", one.subject},
                         {"linked_at", to_rfc3339(one.linked_at)},
                         {"last_used_at", to_rfc3339(one.used_at)}});
  }
  return json(200, std::move(out));
}

Result<net::Answer> unlink(Federation& federation, const Call& call) {
  const auto id = identity::LinkedIdentityId::parse(call.text("identity_id"));
  if (!id) return phrase(404);
  AuthService& service = federation.service();
  const identity::Owner owner{.id = call.who().id, .session = session_of(call.who())};
  WRIT_TRY(const auto done,
           identity::unlink_own_identity(service.parts(), owner, *id, service.asker_of(call)));
  switch (done) {
    case identity::Unlinked::done:
      return no_content();
    case identity::Unlinked::absent:
      return phrase(404);
    case identity::Unlinked::only_way:
      return detail(400, "OAUTH_ONLY_WAY_TO_SIGN_IN",
                    "set a password first: /auth/forgot-password");
    case identity::Unlinked::not_recent:
      return detail(403, "OAUTH_SIGN_IN_AGAIN", kSignInAgain);
  }
  return fail(Code::internal, "an unlinking without an outcome");
}

struct Row {
  std::string_view operation;
  Result<net::Answer> (*function)(Federation& federation, const Call& call);
};

constexpr Row kRows[] = {
    {"authorizeByProvider", &authorize},
    {"callbackOfProvider", &come_back},
    {"linkProvider", &link},
    {"listIdentities", &list_own_identities},
    {"listSignInProviders", &list_providers},
    {"unlinkIdentity", &unlink},
};

}  // namespace

std::vector<Binding> federation_operations(const std::shared_ptr<AuthService>& service,
                                           std::vector<SignInProvider> providers,
                                           const Clock& clock, Random& random) {
  const auto federation =
      std::make_shared<Federation>(service, std::move(providers), clock, random);
  std::vector<Binding> out;
  for (const Row& row : kRows) {
    out.push_back(
        {row.operation, Operation([federation, function = row.function](const Call& call) {
           return function(*federation, call);
         })});
  }
  return out;
}

}  // namespace writ::server
