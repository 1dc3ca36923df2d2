#include <algorithm>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "policy/builtins/base64_text.h"
#include "policy/builtins/families.h"
#include "policy/builtins/jwk_set.h"
#include "policy/builtins/token.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

std::string_view without_quotes(std::string_view text) {
  const std::size_t from = text.find_first_not_of("\"'");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of("\"'") - from + 1);
}

bool contains_token(const Term& header) {
  const Term* const type = header.find("cty");
  return type != nullptr && type->is_string() && type->text() == "JWT";
}

Result<Term> decode_token(Arena& arena, std::string text) {
  while (true) {  // ends: a token in a token is shorter
    WRIT_TRY(const Token token, Token::parse(text));
    WRIT_TRY(const Term header, token.decode_header(arena));
    WRIT_TRY(const std::string json, token.decode_payload());
    if (contains_token(header)) {
      text = without_quotes(json);
      continue;
    }
    WRIT_TRY(const Term payload, parse_json_object(arena, json));
    WRIT_TRY(const std::string signature, token.decode_signature());
    return make_array(arena, {header, payload, make_string(arena, to_hex(as_bytes(signature)))});
  }
}

Outcome decode(Call& call) {
  const auto out = decode_token(call.arena(), std::string(call.arg(0).text()));
  if (!out) return call.error(out.error().message);
  return *out;
}

using Keys = Result<std::vector<TokenKey>>;

// Keys are parsed once a thread: policies verify many tokens with the same ones.
std::shared_ptr<const Keys> keys_of(Call& call, std::string_view text) {
  return call.cached<Keys>("jwt.keys", text, [&] {
    return std::make_shared<const Keys>(parse_verification_keys(text));
  });
}

// With the key that the token names, if there is one; else with any key whose algorithm is the
// token's or not said.
bool any_verifies(const std::vector<TokenKey>& keys, const TokenHeader& header,
                  const TokenAlgorithm& algorithm, const Token& token, std::string_view signature) {
  if (!header.key_id.empty()) {
    const auto named = std::ranges::find(keys, header.key_id, &TokenKey::id);
    if (named != keys.end()) return verifies(*named, algorithm, token.signed_text, signature);
  }
  return std::ranges::any_of(keys, [&](const TokenKey& key) {
    return (key.algorithm.empty() || key.algorithm == header.algorithm) &&
           verifies(key, algorithm, token.signed_text, signature);
  });
}

Result<std::string> plain_signature(const Token& token) {
  return decode_base64url(token.signature);
}

Result<bool> verify_token(Arena& arena, std::string_view text, const std::vector<TokenKey>& keys,
                          const TokenAlgorithm& algorithm) {
  WRIT_TRY(const Token token, Token::parse(text));
  WRIT_TRY(const std::string signature, plain_signature(token));
  WRIT_TRY(const Term object, token.decode_header(arena));
  WRIT_TRY(const TokenHeader header, TokenHeader::read(object));
  return any_verifies(keys, header, algorithm, token, signature);
}

Outcome verify_asymmetric(Call& call, std::string_view algorithm) {
  // A text that is no token is reported as such, whatever the keys are.
  if (const auto token = Token::parse(call.arg(0).text()); !token) {
    return call.error(token.error().message);
  }
  const auto keys = keys_of(call, call.arg(1).text());
  if (!keys->has_value()) return call.error(keys->error().message);
  const auto valid =
      verify_token(call.arena(), call.arg(0).text(), **keys, *find_token_algorithm(algorithm));
  if (!valid) return call.error(valid.error().message);
  return Term::boolean(*valid);
}

Outcome verify_secret(Call& call, unsigned bits) {
  const auto token = Token::parse(call.arg(0).text());
  if (!token) return call.error(token.error().message);
  const auto signature = plain_signature(*token);
  if (!signature) return call.error(signature.error().message);
  const std::string mac = hmac_digest(bits, call.arg(1).text(), token->signed_text);
  return Term::boolean(crypto::equal_constant_time(mac, *signature));
}

Outcome verify_es256(Call& call) { return verify_asymmetric(call, "ES256"); }
Outcome verify_es384(Call& call) { return verify_asymmetric(call, "ES384"); }
Outcome verify_es512(Call& call) { return verify_asymmetric(call, "ES512"); }
Outcome verify_eddsa(Call& call) { return verify_asymmetric(call, "EdDSA"); }
Outcome verify_ps256(Call& call) { return verify_asymmetric(call, "PS256"); }
Outcome verify_ps384(Call& call) { return verify_asymmetric(call, "PS384"); }
Outcome verify_ps512(Call& call) { return verify_asymmetric(call, "PS512"); }
Outcome verify_rs256(Call& call) { return verify_asymmetric(call, "RS256"); }
Outcome verify_rs384(Call& call) { return verify_asymmetric(call, "RS384"); }
Outcome verify_rs512(Call& call) { return verify_asymmetric(call, "RS512"); }
Outcome verify_hs256(Call& call) { return verify_secret(call, 256); }
Outcome verify_hs384(Call& call) { return verify_secret(call, 384); }
Outcome verify_hs512(Call& call) { return verify_secret(call, 512); }

// A member of the header as text. Errors: the texts of the library that OPA uses.
Result<std::string> header_text(const Term& header, std::string_view name) {
  const Term* const value = header.is_object() ? header.find(name) : nullptr;
  if (value == nullptr) {
    return fail(Code::invalid_input, "jwsbb: header \"" + std::string(name) + "\" not found");
  }
  if (!value->is_string()) {
    return fail(Code::invalid_input, "jwsbb: header \"" + std::string(name) + "\" is not a string");
  }
  return std::string(value->text());
}

Result<Term> parse_header(Arena& arena, std::string_view text) {
  if (text.empty()) {
    return fail(Code::invalid_input,
                "cannot parse JSON: cannot parse empty string; unparsed tail: \"\"");
  }
  auto json = parse_json(arena, text);
  if (!json) return fail(Code::invalid_input, "cannot parse JSON: " + json.error().message);
  return json;
}

Result<std::string> encode_token(Arena& arena, std::string_view header, std::string_view payload,
                                 std::string_view jwk) {
  WRIT_TRY(const auto keys, parse_jwk_set(jwk));
  if (keys.empty()) return fail(Code::invalid_input, "no keys found in JWK set");
  const auto object = parse_header(arena, header);
  const auto name = object ? header_text(*object, "alg") : std::unexpected(object.error());
  if (!name) {
    return fail(Code::invalid_input, "missing or invalid 'alg' header: " + name.error().message);
  }
  const TokenAlgorithm* const algorithm = find_token_algorithm(*name);
  if (algorithm == nullptr) return fail(Code::invalid_input, "unknown JWS algorithm: " + *name);
  const auto type = header_text(*object, "typ");
  if ((!type || *type == "JWT") && !parse_json(arena, payload)) {
    return fail(Code::invalid_input, "type is JWT but payload is not JSON");
  }
  const std::string signed_text =
      encode_base64url_unpadded(header) + "." + encode_base64url_unpadded(payload);
  WRIT_TRY(const std::string signature, sign(keys.front(), *algorithm, signed_text));
  return signed_text + "." + encode_base64url_unpadded(signature);
}

Outcome encoded(Call& call, std::string_view header, std::string_view payload,
                std::string_view jwk) {
  const auto token = encode_token(call.arena(), header, payload, jwk);
  if (!token) return call.error(token.error().message);
  return call.string(*token);
}

Outcome encode_sign(Call& call) {
  return encoded(call, to_json(call.arg(0), Escape::html), to_json(call.arg(1), Escape::html),
                 to_json(call.arg(2), Escape::html));
}

Outcome encode_sign_raw(Call& call) {
  return encoded(call, call.arg(0).text(), call.arg(1).text(), call.arg(2).text());
}

constexpr std::string_view kVerify = "(jwt: string, certificate: string) => (result: boolean)";
constexpr std::string_view kVerifySecret = "(jwt: string, secret: string) => (result: boolean)";

constexpr Builtin kJwt[] = {
    {"io.jwt.decode",
     "(jwt: string) => (output: array<object[any: any], object[any: any], string>)", &decode},
    {"io.jwt.encode_sign",
     "(headers: object[string: any], payload: object[string: any], key: object[string: any]) => "
     "(output: string)",
     &encode_sign, Trait::nondeterministic},
    {"io.jwt.encode_sign_raw",
     "(headers: string, payload: string, key: string) => (output: string)", &encode_sign_raw,
     Trait::nondeterministic},
    {"io.jwt.verify_eddsa", kVerify, &verify_eddsa},
    {"io.jwt.verify_es256", kVerify, &verify_es256},
    {"io.jwt.verify_es384", kVerify, &verify_es384},
    {"io.jwt.verify_es512", kVerify, &verify_es512},
    {"io.jwt.verify_hs256", kVerifySecret, &verify_hs256},
    {"io.jwt.verify_hs384", kVerifySecret, &verify_hs384},
    {"io.jwt.verify_hs512", kVerifySecret, &verify_hs512},
    {"io.jwt.verify_ps256", kVerify, &verify_ps256},
    {"io.jwt.verify_ps384", kVerify, &verify_ps384},
    {"io.jwt.verify_ps512", kVerify, &verify_ps512},
    {"io.jwt.verify_rs256", kVerify, &verify_rs256},
    {"io.jwt.verify_rs384", kVerify, &verify_rs384},
    {"io.jwt.verify_rs512", kVerify, &verify_rs512},
};

}  // namespace

std::span<const Builtin> jwt_builtins() { return kJwt; }

}  // namespace writ::rego
