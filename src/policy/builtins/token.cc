#include "policy/builtins/token.h"

#include <algorithm>

#include "policy/builtins/base64_text.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

std::unexpected<Error> bad(std::string message) {
  return fail(Code::invalid_input, std::move(message));
}

Result<std::string> decode_part(std::string_view name, std::string_view part) {
  auto bytes = decode_base64url(part);
  if (bytes) return bytes;
  return bad("JWT " + std::string(name) + " had invalid encoding: " + bytes.error().message);
}

constexpr std::string_view kKnown[] = {"alg", "crit", "cty", "kid", "typ"};

Result<void> read_text(const Term& header, std::string_view name, std::string& out) {
  const Term* const value = header.find(name);
  if (value == nullptr) return {};
  if (!value->is_string()) return bad(std::string(name) + ": must be a string");
  out = value->text();
  return {};
}

// Whether a parameter that must be understood is in the header and not known here.
Result<bool> has_unknown_critical(const Term& header) {
  const Term* const critical = header.find("crit");
  if (critical == nullptr) return false;
  if (!critical->is_array()) return bad("crit: must be a list");
  if (critical->size() == 0 || !critical->items()[0].is_string()) {
    return bad("crit: must be a nonempty list");
  }
  return std::ranges::any_of(critical->items(), [&](const Term& name) {
    return name.is_string() && header.find(name.text()) != nullptr &&
           std::ranges::find(kKnown, name.text()) == std::end(kKnown);
  });
}

}  // namespace

Result<Term> parse_json_object(Arena& arena, std::string_view text) {
  auto json = parse_json(arena, text);
  if (!json) return bad("invalid JSON: " + json.error().message);
  if (!json->is_object()) return bad("decoded JSON type was not an Object");
  return json;
}

Result<Token> Token::parse(std::string_view text) {
  const auto periods = std::ranges::count(text, '.');
  if (periods == 0) return bad("encoded JWT had no period separators");
  if (periods != 2) {
    return bad("encoded JWT must have 3 sections, found " + std::to_string(periods + 1));
  }
  const std::size_t first = text.find('.');
  const std::size_t second = text.rfind('.');
  return Token{text.substr(0, first), text.substr(first + 1, second - first - 1),
               text.substr(second + 1), text.substr(0, second)};
}

Result<Term> Token::decode_header(Arena& arena) const {
  WRIT_TRY(const std::string json, decode_part("header", header));
  auto object = parse_json_object(arena, json);
  if (!object) return bad("bad JWT header: " + object.error().message);
  if (object->find("enc") != nullptr) {  // RFC 7516 section 9
    return bad("JWT is a JWE object, which is not supported");
  }
  return object;
}

Result<std::string> Token::decode_payload() const { return decode_part("payload", payload); }

Result<std::string> Token::decode_signature() const { return decode_part("signature", signature); }

Result<TokenHeader> TokenHeader::read(const Term& header) {
  TokenHeader out;
  std::string type;
  WRIT_CHECK(read_text(header, "alg", out.algorithm));
  WRIT_TRY(out.has_unknown_critical, rego::has_unknown_critical(header));
  WRIT_CHECK(read_text(header, "cty", out.content_type));
  WRIT_CHECK(read_text(header, "kid", out.key_id));
  WRIT_CHECK(read_text(header, "typ", type));
  return out;
}

}  // namespace writ::rego
