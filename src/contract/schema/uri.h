#pragma once
// URI references as JSON Schema uses them (RFC 3986): resolved against a base, split at the
// fragment. Text in, text out; nothing is fetched.
#include <string>
#include <string_view>
#include <utility>

namespace writ::contract {

// RFC 3986 section 5.2: `reference` seen from `base`, dot segments removed. A base without a
// scheme resolves as a path would.
std::string resolve_uri(std::string_view base, std::string_view reference);

// {before, after} the first '#'; the fragment is empty when there is none.
std::pair<std::string_view, std::string_view> split_fragment(std::string_view uri);

// %XX decoded; a malformed escape stays as it is.
std::string percent_decode(std::string_view text);

}  // namespace writ::contract
