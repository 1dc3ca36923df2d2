#pragma once
// The bounds of store.h, checked the same way by every adapter.
#include <string_view>

#include "base/result.h"

namespace writ::store {

// Errors: invalid_input.
Result<void> check_key(std::string_view key);
Result<void> check_row(std::string_view key, std::string_view value);

// What a write inside a read is answered with.
std::unexpected<Error> refuse_write();
// What a table is answered with that no migration has made.
std::unexpected<Error> unknown_table(std::string_view name);

}  // namespace writ::store
