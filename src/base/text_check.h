#pragma once
// What JSON and YAML have in common: the checks before a parser sees the text, and keys that
// stand twice in one object. Private to base.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/document.h"
#include "base/result.h"
#include "base/value.h"

namespace writ {

// Deeper than this no text is read, whatever the limits say: values are walked recursively, and
// yaml-cpp itself gives up at 500.
inline constexpr std::size_t kDeepestNesting = 400;

// "line 1, column 2"
std::string spoken(Position at);

// The position of byte `offset` of `text`.
Position position_of(std::string_view text, std::size_t offset);

// Whether a parser may look at `text`: its size, UTF-8, no NUL byte, no byte order mark.
std::optional<Diagnostic> check_text(std::string_view text, std::string_view name,
                                     const DocumentLimits& limits);

// A key that `object` has already. The earliest such member, n log n in the number of members.
struct DuplicateKey {
  const Member* first;
  const Member* second;
};
std::optional<DuplicateKey> find_duplicate_key(const Object& object);

// The findings that both parsers make.
Diagnostic duplicate_key_found(std::string_view name, const DuplicateKey& keys);
Diagnostic too_deep(std::string_view name, Position at, const DocumentLimits& limits);
Diagnostic too_many_nodes(std::string_view name, Position at, const DocumentLimits& limits);

// `text` for a message: quoted, cut to a length that a terminal shows, on one line.
std::string shown_in_quotes(std::string_view text);

}  // namespace writ
