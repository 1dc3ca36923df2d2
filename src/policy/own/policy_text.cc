#include "policy/own/policy_text.h"

#include <algorithm>

#include "base/result.h"

namespace writ::policy {

std::string_view own_policy_text(std::string_view name) {
  const std::span<const EmbeddedFile> all = embedded::policies();
  const auto found = std::ranges::find(all, name, &EmbeddedFile::path);
  WRIT_ASSERT(found != all.end());
  return found->bytes;
}

}  // namespace writ::policy
