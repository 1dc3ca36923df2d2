#pragma once
// The step that somebody means by what they typed.
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/plan.h"

namespace writ::cli {

// A path, or the end of one that no other step has: `unit` for "test/unit".
// Errors: not_found (with the nearest path), invalid_input (several fit).
Result<std::string> find_step(const protocol::Plan& plan, std::string_view text);

}  // namespace writ::cli
