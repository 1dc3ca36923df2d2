#pragma once
// Private to identity: the signed text of a statement.
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/signed_statement.h"

namespace writ::identity {

// RFC 8785 JSON. Errors: invalid_input (a member that does not fit the kind).
Result<std::string> serialize_statement(const Statement& statement);
// Accepts only what serialize writes, byte for byte. Errors: invalid_input.
Result<Statement> parse_statement(std::string_view text);

}  // namespace writ::identity
