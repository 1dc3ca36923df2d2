#pragma once
// RFC 8785, the JSON Canonicalization Scheme: the bytes that Writ signs and digests.
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace writ::contract {

// Members sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them (an
// integer beyond 2^53 loses precision there: carry such numbers as strings).
// Errors: invalid_input (a number that is not finite, text that is no UTF-8).
Result<std::string> canonical_json(const Value& value);

// A double as ECMAScript's Number::toString writes it. Requires: finite.
std::string es6_number(double number);

}  // namespace writ::contract
