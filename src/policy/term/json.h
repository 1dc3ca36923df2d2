#pragma once
// JSON text to terms and back, with the number text kept. Linear in the size of the text.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

// A repeated key: the last value counts. A lone surrogate becomes U+FFFD. No NaN, no comments.
// Errors: invalid_input with the position (bad JSON, nested deeper than kDeepest).
Result<Term> parse_json(Arena& arena, std::string_view text);

// html: '<', '>', '&', U+2028 and U+2029 as \uXXXX, as Go writes them.
enum class Escape : std::uint8_t { plain, html };

// Compact, keys sorted, numbers as they are spelled. A set becomes an array; a key that is no
// string becomes its own JSON text, and if two keys come to the same text the last one counts.
std::string to_json(const Term& term, Escape escape = Escape::plain);
void append_json(std::string& out, const Term& term, Escape escape = Escape::plain);
// Indented by `indent` spaces a level.
std::string to_pretty_json(const Term& term, std::size_t indent = 2, Escape escape = Escape::plain);

// From and to the documents of the rest of Writ. to_value: sets become arrays, numbers int64 or
// double; Errors: invalid_input (a number too large for a double).
Term from_value(Arena& arena, const Value& value);
Result<Value> to_value(const Term& term);

}  // namespace writ::rego
