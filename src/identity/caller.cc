#include "identity/caller.h"

#include <algorithm>

namespace writ::identity {

bool Caller::has_scope(std::string_view scope) const {
  return std::binary_search(scopes.begin(), scopes.end(), scope, std::less<>());
}

}  // namespace writ::identity
