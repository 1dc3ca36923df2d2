#include "server/api/operation.h"

namespace writ::server {

const std::string& Call::text(std::string_view parameter) const {
  const Value* const found = parameters.find(parameter);
  WRIT_ASSERT(found != nullptr && found->is_string());
  return found->as_string();
}

std::int64_t Call::integer(std::string_view parameter) const {
  const Value* const found = parameters.find(parameter);
  WRIT_ASSERT(found != nullptr && found->is_integer());
  return found->as_integer();
}

bool Call::flag(std::string_view parameter) const {
  const Value* const found = parameters.find(parameter);
  return found != nullptr && found->is_bool() && found->as_bool();
}

}  // namespace writ::server
