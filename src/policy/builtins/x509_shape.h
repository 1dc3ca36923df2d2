#pragma once
// Certificates and certificate requests as JSON, field by field as Go's crypto/x509 has them.
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

// The certificates that stand one after another in `der`, each as its own bytes.
// Errors: invalid_input "x509: malformed certificate".
Result<std::vector<std::string_view>> split_certificates(std::string_view der);

// uris: also with URIStrings, the URIs as texts.
enum class Shape : std::uint8_t { plain, uris };

// Errors: invalid_input, with the text that Go has for it.
Result<Term> certificate_term(Arena& arena, std::string_view der, Shape shape);
Result<Term> certificate_request_term(Arena& arena, std::string_view der);

// Numbers of Go's ExtKeyUsage in the certificate; -1 for each usage without a number.
Result<std::vector<int>> extended_key_usages(std::string_view der);

}  // namespace writ::rego
