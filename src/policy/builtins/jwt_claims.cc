// io.jwt.decode_verify: a token is accepted if its signature and everything that the policy
// demands of it hold (RFC 7519 section 7.2).
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "policy/builtins/families.h"
#include "policy/builtins/jwk_set.h"
#include "policy/builtins/token.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

struct Constraints {
  std::shared_ptr<const Result<std::vector<TokenKey>>> keys;
  std::string secret, algorithm, issuer, audience;
  double now_ns = 0;
};

std::unexpected<Error> bad(std::string message) {
  return fail(Code::invalid_input, std::move(message));
}

Result<void> read_keys(Call& call, const Term& value, Constraints& out) {
  using Keys = Result<std::vector<TokenKey>>;
  if (!value.is_string()) return bad("cert constraint: must be a string");
  out.keys = call.cached<Keys>("jwt.keys", value.text(), [&] {
    return std::make_shared<const Keys>(parse_verification_keys(value.text()));
  });
  if (!out.keys->has_value()) return bad(out.keys->error().message);
  return {};
}

Result<void> read_time(const Term& value, Constraints& out) {
  if (!value.is_number()) return bad("token time constraint: must be a number");
  out.now_ns = to_double(value);
  if (out.now_ns < 0) return bad("token time constraint: must not be negative");
  return {};
}

std::string* text_constraint(std::string_view name, Constraints& out) {
  if (name == "secret") return &out.secret;
  if (name == "alg") return &out.algorithm;
  if (name == "iss") return &out.issuer;
  if (name == "aud") return &out.audience;
  return nullptr;
}

Result<Constraints> read_constraints(Call& call) {
  Constraints out;
  out.now_ns = static_cast<double>(call.now_ns());
  const Term& given = call.arg(1);
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Term& key = given.keys()[i];
    const Term& value = given.values()[i];
    const std::string name(key.is_string() ? key.text() : "");
    if (name == "cert") {
      WRIT_CHECK(read_keys(call, value, out));
    } else if (name == "time") {
      WRIT_CHECK(read_time(value, out));
    } else if (std::string* const text = text_constraint(name, out)) {
      if (!value.is_string()) return bad(name + " constraint: must be a string");
      *text = value.text();
    } else {
      return bad("unknown token validation constraint: " + name);
    }
  }
  if (out.keys != nullptr && !out.secret.empty()) return bad("duplicate key constraints");
  if (out.keys == nullptr && out.secret.empty()) return bad("no key constraint");
  return out;
}

bool signature_holds(const Constraints& constraints, const TokenHeader& header, const Token& token,
                     std::string_view signature) {
  const TokenAlgorithm* const algorithm = find_token_algorithm(header.algorithm);
  if (algorithm == nullptr) return false;
  if (constraints.keys == nullptr) {
    return verifies(TokenKey{nullptr, constraints.secret, {}, {}}, *algorithm, token.signed_text,
                    signature);
  }
  const std::vector<TokenKey>& keys = **constraints.keys;
  const auto named =
      header.key_id.empty() ? keys.end() : std::ranges::find(keys, header.key_id, &TokenKey::id);
  if (named != keys.end()) return verifies(*named, *algorithm, token.signed_text, signature);
  return std::ranges::any_of(keys, [&](const TokenKey& key) {
    return (key.algorithm.empty() || key.algorithm == header.algorithm) &&
           verifies(key, *algorithm, token.signed_text, signature);
  });
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](char c) { return static_cast<char>(c | 0x20); },
      [](char c) { return static_cast<char>(c | 0x20); });
}

struct Opened {
  Term header, payload;
};

// The innermost token's header and payload; nothing if a signature does not hold.
Result<std::optional<Opened>> open(Arena& arena, std::string text, const Constraints& constraints) {
  while (true) {  // ends: a token in a token is shorter
    WRIT_TRY(const Token token, Token::parse(text));
    WRIT_TRY(const Term object, token.decode_header(arena));
    WRIT_TRY(const TokenHeader header, TokenHeader::read(object));
    if (!header.is_valid() ||
        (!constraints.algorithm.empty() && constraints.algorithm != header.algorithm)) {
      return std::optional<Opened>();
    }
    WRIT_TRY(const std::string signature, token.decode_signature());
    if (!signature_holds(constraints, header, token, signature)) return std::optional<Opened>();
    WRIT_TRY(std::string json, token.decode_payload());
    if (equals_ignoring_case(header.content_type, "JWT")) {
      text = std::move(json);
      continue;
    }
    WRIT_TRY(const Term payload, parse_json_object(arena, json));
    return std::optional<Opened>(Opened{object, payload});
  }
}

bool issuer_fits(const Term& payload, const Constraints& constraints) {
  if (constraints.issuer.empty()) return true;
  const Term* const issuer = payload.find("iss");
  return issuer != nullptr && issuer->is_string() && issuer->text() == constraints.issuer;
}

bool audience_fits(const Term& payload, const Constraints& constraints) {
  const Term* const audience = payload.find("aud");
  if (audience == nullptr) return constraints.audience.empty();
  const auto is_wanted = [&](const Term& one) {
    return one.is_string() && one.text() == constraints.audience;
  };
  if (audience->is_array()) return std::ranges::any_of(audience->items(), is_wanted);
  return is_wanted(*audience);
}

// Now, before the token's end and not before its beginning; both in seconds.
Result<bool> time_fits(Arena& arena, const Term& payload, const Constraints& constraints) {
  // The shortest text of the double, as the claim was probably written.
  const Term now =
      make_number(arena, std::string_view(fmt::format("{}", constraints.now_ns / 1e9)));
  if (const Term* const end = payload.find("exp")) {
    if (!end->is_number()) return bad("exp value must be a number");
    if (compare_numbers(now, *end) >= 0) return false;
  }
  if (const Term* const begin = payload.find("nbf")) {
    if (!begin->is_number()) return bad("nbf value must be a number");
    if (compare_numbers(now, *begin) < 0) return false;
  }
  return true;
}

Result<std::optional<Opened>> accept(Call& call) {
  WRIT_TRY(const Constraints constraints, read_constraints(call));
  WRIT_TRY(std::optional<Opened> opened,
           open(call.arena(), std::string(call.arg(0).text()), constraints));
  if (!opened || !issuer_fits(opened->payload, constraints) ||
      !audience_fits(opened->payload, constraints)) {
    return std::optional<Opened>();
  }
  WRIT_TRY(const bool in_time, time_fits(call.arena(), opened->payload, constraints));
  if (!in_time) opened.reset();
  return opened;
}

Outcome decode_verify(Call& call) {
  const auto opened = accept(call);
  if (!opened) return call.error(opened.error().message);
  const std::optional<Opened>& found = *opened;
  return make_array(call.arena(),
                    {Term::boolean(found.has_value()), found ? found->header : empty_object(),
                     found ? found->payload : empty_object()});
}

constexpr Builtin kClaims[] = {
    {"io.jwt.decode_verify",
     "(jwt: string, constraints: object[string: any]) => "
     "(output: array<boolean, object[any: any], object[any: any]>)",
     &decode_verify, Trait::nondeterministic},
};

}  // namespace

std::span<const Builtin> jwt_claim_builtins() { return kClaims; }

}  // namespace writ::rego
