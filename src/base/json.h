#pragma once
// JSON text to Value and back (RFC 8259). Strict: no comments, no trailing commas, no duplicate
// keys, no lone surrogates, UTF-8 only.
#include <string>
#include <string_view>

#include "base/document.h"
#include "base/result.h"
#include "base/value.h"

namespace writ {

// Positions are set when the text is a user's; `name` appears in diagnostics.
// Errors: invalid_input with the position and a remedy.
Result<Value> parse_json(std::string_view text, std::string_view name = {},
                         const DocumentLimits& limits = {});

// Compact, members in their order, doubles shortest-roundtrip. Requires: numbers are finite. For
// canonical bytes that are signed or digested use contract/canonical.h (RFC 8785).
std::string to_json(const Value& value);
// Two spaces of indentation, newline at the end: for people.
std::string to_pretty_json(const Value& value);
// Appends `text` as a JSON string literal, quotes included. Bytes that are not UTF-8 become U+FFFD,
// here and in the functions above.
void append_json_string(std::string& out, std::string_view text);
// How many bytes at the front of `text` are ASCII that stands for itself in a JSON string: no
// control character, quote or backslash.
std::size_t json_plain_prefix(std::string_view text);

}  // namespace writ
