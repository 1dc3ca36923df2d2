#pragma once
// JSON Pointers (RFC 6901).
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writ {
class Value;
}

namespace writ::contract {

// Appends "/" and `token`, escaped.
void append_pointer(std::string& pointer, std::string_view token);
void append_pointer(std::string& pointer, std::size_t index);

// The tokens of `pointer`, unescaped; nothing when it is malformed ("a/b", "/~2").
std::optional<std::vector<std::string>> parse_pointer(std::string_view pointer);

// The member or element that one token names; nullptr when there is none.
const Value* pointer_step(const Value& value, std::string_view token);

}  // namespace writ::contract
