#include "identity/oauth/grants.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "identity/oauth/revocations.h"

namespace writ::identity {
namespace {

constexpr std::size_t kMaxScopes = 64;

using Scopes = std::vector<std::string>;

Grant refuse(GrantFault fault, std::string why) { return {.fault = fault, .why = std::move(why)}; }

Scopes common(const Scopes& some, const Scopes& others) {
  Scopes out;
  std::ranges::set_intersection(some, others, std::back_inserter(out));
  return out;
}

// RFC 6749 section 3.3.
bool is_scope_character(char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; }

void add_once(std::vector<std::string>& out, std::string text) {
  if (std::ranges::find(out, text) == out.end()) out.push_back(std::move(text));
}

// The scopes of the new token into `out`; a fault where there are none.
std::optional<Grant> choose_scopes(AccessClaims& out, Scopes available, const GrantWish& wish) {
  if (!wish.scopes) {
    if (available.empty()) return refuse(GrantFault::invalid_scope, "there is no scope to give");
    out.scopes = std::move(available);
    return std::nullopt;
  }
  for (const std::string& scope : *wish.scopes) {
    if (std::ranges::binary_search(available, scope)) continue;
    return refuse(GrantFault::invalid_scope,
                  "what the token is to rest on does not have the scope " + scope);
  }
  out.scopes = *wish.scopes;
  return std::nullopt;
}

// One audience a token: what is good at one place is of no use at another.
std::optional<Grant> choose_target(AccessClaims& out, const GrantWish& wish,
                                   const GrantRules& rules) {
  std::vector<std::string> targets;
  for (const std::string& one : wish.targets) add_once(targets, one);
  if (targets.empty()) targets.push_back(rules.own_target);
  if (targets.size() > 1) {
    return refuse(GrantFault::invalid_target, "a token is meant for one resource");
  }
  if (targets.front() != rules.own_target &&
      std::ranges::find(rules.targets, targets.front()) == rules.targets.end()) {
    return refuse(GrantFault::invalid_target, "no tokens are issued for this resource");
  }
  out.audience = std::move(targets);
  return std::nullopt;
}

void end_with(AccessClaims& out, std::optional<WallTime> time) {
  if (time) out.expires_at = std::min(out.expires_at, to_seconds(*time));
}

// What every token of this client has.
AccessClaims begin(const Client& client, WallTime now) {
  AccessClaims out;
  out.client_id = client.id.text();
  out.issued_at = to_seconds(now);
  out.expires_at = out.issued_at + kGrantLifetime;
  end_with(out, client.key.expires_at);
  return out;
}

Grant finish(AccessClaims claims) {
  if (claims.expires_at <= claims.issued_at) {
    return refuse(GrantFault::invalid_grant, "what the token is to rest on is over");
  }
  if (claims.actors.size() > kMaxActors) {
    return refuse(GrantFault::invalid_request, "a chain has at most 8 actors");
  }
  if (claims.via.size() > kMaxVia) {
    return refuse(GrantFault::invalid_request, "the token would rest on too much");
  }
  return {.claims = std::move(claims)};
}

// The chain as it was, with the client in front where it is not there already.
void join_chain(AccessClaims& out, const Client& client, const AccessClaims& subject) {
  const Actor self{.subject = client.id.text(), .epoch = client.epoch};
  out.actors = subject.actors;
  const bool acts_for_itself = subject.actors.empty() && subject.subject == self.subject;
  const bool acts_already = !subject.actors.empty() && subject.actors.front() == self;
  if (!acts_for_itself && !acts_already) out.actors.insert(out.actors.begin(), self);
}

// Rests on all that `token` rests on, and on itself. A session's own token ends with the session.
void rest_on(AccessClaims& out, const AccessClaims& token, std::string_view own_client) {
  for (const std::string& one : token.via) add_once(out.via, one);
  const bool is_own = token.client_id == own_client && token.actors.empty();
  if (!is_own) add_once(out.via, token_subject(token.token_id));
  out.expires_at = std::min(out.expires_at, token.expires_at);
}

}  // namespace

std::optional<std::vector<std::string>> parse_scope(std::string_view text) {
  Scopes out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end == 0 || end + 1 == text.size() || out.size() == kMaxScopes) return std::nullopt;
    out.emplace_back(text.substr(0, end));
    if (!std::ranges::all_of(out.back(), is_scope_character)) return std::nullopt;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (out.empty()) return std::nullopt;
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
  return out;
}

std::string scope_text(const std::vector<std::string>& scopes) {
  std::string out;
  for (const std::string& scope : scopes) out += (out.empty() ? "" : " ") + scope;
  return out;
}

Grant grant_to_client(const Client& client, const GrantWish& wish, const GrantRules& rules,
                      WallTime now) {
  AccessClaims out = begin(client, now);
  out.subject = client.id.text();
  out.epoch = client.epoch;
  if (auto fault = choose_scopes(out, client.scopes, wish)) return *std::move(fault);
  if (auto fault = choose_target(out, wish, rules)) return *std::move(fault);
  add_once(out.via, "api_key/" + client.key.id);
  return finish(std::move(out));
}

Grant exchange_token(const Client& client, const Exchange& exchange, std::string_view own_client,
                     const GrantWish& wish, const GrantRules& rules, WallTime now) {
  const AccessClaims& subject = exchange.subject;
  AccessClaims out = begin(client, now);
  out.subject = subject.subject;
  out.epoch = subject.epoch;
  out.session = subject.session;
  out.authenticated_at = subject.authenticated_at;
  out.methods = subject.methods;
  out.context_class = subject.context_class;
  join_chain(out, client, subject);
  Scopes available = common(exchange.standing.caller.scopes, client.scopes);
  if (exchange.actor != nullptr) {
    // Somebody else's token would let it act as them.
    if (exchange.actor->subject != client.id.text() || !exchange.actor->actors.empty()) {
      return refuse(GrantFault::invalid_request, "the actor's token is not the client's own");
    }
    Scopes theirs = exchange.actor->scopes;
    std::ranges::sort(theirs);
    available = common(available, theirs);
    rest_on(out, *exchange.actor, own_client);
  }
  rest_on(out, subject, own_client);
  if (exchange.standing.session) end_with(out, exchange.standing.session->expires_at);
  add_once(out.via, "api_key/" + client.key.id);
  if (auto fault = choose_scopes(out, std::move(available), wish)) return *std::move(fault);
  if (auto fault = choose_target(out, wish, rules)) return *std::move(fault);
  return finish(std::move(out));
}

}  // namespace writ::identity
