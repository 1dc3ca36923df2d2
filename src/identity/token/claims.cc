#include "identity/token/claims.h"

#include "crypto/jose/token_fault.h"

namespace writ::identity {
namespace {

using crypto::refuse_token;
using crypto::TokenFault;

constexpr std::int64_t kLatest = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::size_t kMaxItems = 64;

Result<std::string> read_text(const Value& payload, std::string_view name) {
  const Value* const value = payload.find(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return refuse_token(TokenFault::claim_malformed);
  return value->as_string();
}

Result<std::string> require_text(const Value& payload, std::string_view name) {
  WRIT_TRY(std::string text, read_text(payload, name));
  if (text.empty()) return refuse_token(TokenFault::claim_missing);
  return text;
}

Result<Seconds> require_date(const Value& payload, std::string_view name) {
  WRIT_TRY(const std::optional<Seconds> date, read_date(payload, name));
  if (!date) return refuse_token(TokenFault::claim_missing);
  return *date;
}

Result<std::vector<std::string>> read_texts(const Value& payload, std::string_view name) {
  const Value* const value = payload.find(name);
  std::vector<std::string> out;
  if (value == nullptr) return out;
  if (!value->is_array() || value->as_array().size() > kMaxItems) {
    return refuse_token(TokenFault::claim_malformed);
  }
  for (const Value& item : value->as_array()) {
    if (!item.is_string()) return refuse_token(TokenFault::claim_malformed);
    out.push_back(item.as_string());
  }
  return out;
}

// RFC 7519 section 4.1.3: one audience may stand without its array.
Result<std::vector<std::string>> read_audience(const Value& payload) {
  const Value* const value = payload.find("aud");
  if (value != nullptr && value->is_string()) return std::vector{value->as_string()};
  WRIT_TRY(std::vector<std::string> out, read_texts(payload, "aud"));
  if (out.empty()) return refuse_token(TokenFault::claim_missing);
  return out;
}

// RFC 8693 section 4.2: names with one space between them.
Result<std::vector<std::string>> read_scopes(const Value& payload) {
  WRIT_TRY(const std::string text, read_text(payload, "scope"));
  std::vector<std::string> out;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const bool ends_in_space = end + 1 == rest.size();
    if (end == 0 || ends_in_space || out.size() == kMaxItems) {
      return refuse_token(TokenFault::claim_malformed);
    }
    out.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

Result<std::uint64_t> read_epoch(const Value& payload) {
  const Value* const value = payload.find("epoch");
  if (value == nullptr) return 0u;
  if (!value->is_integer() || value->as_integer() < 1) {
    return refuse_token(TokenFault::claim_malformed);
  }
  return static_cast<std::uint64_t>(value->as_integer());
}

Result<std::vector<Actor>> read_actors(const Value& payload) {
  std::vector<Actor> out;
  for (const Value* act = payload.find("act"); act != nullptr; act = act->find("act")) {
    if (!act->is_object() || out.size() == kMaxActors) {
      return refuse_token(TokenFault::claim_malformed);
    }
    Actor actor;
    WRIT_TRY(actor.subject, require_text(*act, "sub"));
    WRIT_TRY(actor.client_id, read_text(*act, "client_id"));
    WRIT_TRY(actor.epoch, read_epoch(*act));
    out.push_back(std::move(actor));
  }
  return out;
}

void set_texts(Object& out, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  out.append(std::string(name), Array(texts.begin(), texts.end()));
}

void set_date(Object& out, std::string_view name, std::optional<Seconds> date) {
  if (date) out.append(std::string(name), date->time_since_epoch().count());
}

void set_text(Object& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out.append(std::string(name), text);
}

void set_epoch(Object& out, std::uint64_t epoch) {
  if (epoch != 0) out.append("epoch", epoch);
}

void set_actors(Object& out, const std::vector<Actor>& actors) {
  Object inner;
  for (auto actor = actors.rbegin(); actor != actors.rend(); ++actor) {
    Object act{{"sub", actor->subject}};
    set_text(act, "client_id", actor->client_id);
    set_epoch(act, actor->epoch);
    if (!inner.empty()) act.append("act", std::move(inner));
    inner = std::move(act);
  }
  if (!inner.empty()) out.append("act", std::move(inner));
}

std::string joined(const std::vector<std::string>& scopes) {
  std::string out;
  for (const std::string& scope : scopes) out += (out.empty() ? "" : " ") + scope;
  return out;
}

}  // namespace

Seconds to_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(time.micros)));
}

Result<std::optional<Seconds>> read_date(const Value& payload, std::string_view name) {
  const Value* const value = payload.find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_integer() || value->as_integer() < 0 || value->as_integer() > kLatest) {
    return refuse_token(TokenFault::claim_malformed);
  }
  return Seconds(std::chrono::seconds(value->as_integer()));
}

Value claims_to_value(const AccessClaims& claims) {
  Object out{{"iss", claims.issuer}, {"sub", claims.subject}};
  set_texts(out, "aud", claims.audience);
  set_text(out, "client_id", claims.client_id);
  set_date(out, "iat", claims.issued_at);
  set_date(out, "exp", claims.expires_at);
  set_date(out, "nbf", claims.not_before);
  set_text(out, "jti", claims.token_id);
  set_text(out, "sid", claims.session);
  set_epoch(out, claims.epoch);
  set_text(out, "scope", joined(claims.scopes));
  set_date(out, "auth_time", claims.authenticated_at);
  set_texts(out, "amr", claims.methods);
  set_text(out, "acr", claims.context_class);
  set_actors(out, claims.actors);
  set_texts(out, "via", claims.via);
  return out;
}

Result<AccessClaims> claims_from_value(const Value& payload) {
  AccessClaims out;
  WRIT_TRY(out.issuer, require_text(payload, "iss"));
  WRIT_TRY(out.subject, require_text(payload, "sub"));
  WRIT_TRY(out.audience, read_audience(payload));
  WRIT_TRY(out.client_id, require_text(payload, "client_id"));
  WRIT_TRY(out.issued_at, require_date(payload, "iat"));
  WRIT_TRY(out.expires_at, require_date(payload, "exp"));
  WRIT_TRY(out.not_before, read_date(payload, "nbf"));
  WRIT_TRY(out.token_id, require_text(payload, "jti"));
  WRIT_TRY(out.session, read_text(payload, "sid"));
  WRIT_TRY(out.epoch, read_epoch(payload));
  WRIT_TRY(out.scopes, read_scopes(payload));
  WRIT_TRY(out.authenticated_at, read_date(payload, "auth_time"));
  WRIT_TRY(out.methods, read_texts(payload, "amr"));
  WRIT_TRY(out.context_class, read_text(payload, "acr"));
  WRIT_TRY(out.actors, read_actors(payload));
  WRIT_TRY(out.via, read_texts(payload, "via"));
  return out;
}

}  // namespace writ::identity
