#pragma once
// Between what the SDK's callers see and what Writ works with. Private to the SDK.
#include <string>
#include <string_view>
#include <vector>

#include <writ/sdk/result.h>
#include <writ/sdk/value.h>
#include "base/result.h"
#include "policy/parse/policy_error.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::sdk {

// Errors: invalid_input (a text that is no UTF-8, a number that is not finite, nested too deeply).
Result<rego::Term> term_of(rego::Arena& arena, const Value& value);
// Sets become arrays; numbers beyond int64 the nearest double. Requires: the term is defined.
Value value_of(const rego::Term& term);

Error to_error(const writ::Error& error);
Error to_error(const rego::PolicyError& error);
Error make_error(ErrorCode code, std::string message);

// "app/authz/allow". Errors: invalid_input (no segment, an empty one, no UTF-8).
Result<std::vector<std::string>> parse_path(std::string_view path);

}  // namespace writ::sdk
