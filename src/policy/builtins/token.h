#pragma once
// JSON Web Tokens in their compact form (RFC 7519, RFC 7515).
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

// The three parts as they stand in the text. Views into it.
struct Token {
  std::string_view header, payload, signature;
  // What is signed: header and payload with the period between them.
  std::string_view signed_text;

  // Errors: invalid_input, here and below with the texts that OPA has.
  static Result<Token> parse(std::string_view text);
  Result<Term> decode_header(Arena& arena) const;  // an object
  Result<std::string> decode_payload() const;
  Result<std::string> decode_signature() const;
};

// What of a header matters for verification.
struct TokenHeader {
  std::string algorithm, key_id, content_type;
  bool has_unknown_critical = false;

  static Result<TokenHeader> read(const Term& header);
  // RFC 7515 sections 4.1.1 and 4.1.11.
  bool is_valid() const { return !algorithm.empty() && !has_unknown_critical; }
};

// `text` as a JSON object.
Result<Term> parse_json_object(Arena& arena, std::string_view text);

}  // namespace writ::rego
