#pragma once
// Writ's own policies, as they are built in from policies/.
#include <span>
#include <string_view>

#include "base/embedded_file.h"

namespace writ::embedded {

// Sorted by path.
std::span<const EmbeddedFile> policies();

}  // namespace writ::embedded

namespace writ::policy {

// The text of Writ's own policy `name`: "approval.rego". Requires: there is one.
std::string_view own_policy_text(std::string_view name);

}  // namespace writ::policy
