#pragma once
// ETags of the family `storage`: revisions in quotes, and the conditions of RFC 9110 section 13.1
// that name them.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/kv/entries.h"
#include "server/api/operation.h"

namespace writ::server {

// "\"7\""
std::string etag_of(std::uint64_t revision);

// What `If-Match` and `If-None-Match` say; nullopt: the field was not sent. What this server never
// gave out matches nothing; a weak tag matches in `If-None-Match` alone. Errors: invalid_input (no
// list of ETags).
Result<identity::EntryCondition> parse_condition(std::optional<std::string_view> match,
                                                 std::optional<std::string_view> none_match);
// Of a request. Errors: the same.
Result<identity::EntryCondition> condition_of(const Call& call);

}  // namespace writ::server
