#include "contract/openapi/operation.h"

namespace writ::contract {

bool DescribedBody::is_json() const {
  return media_type == "application/json" ||
         (media_type.starts_with("application/") && media_type.ends_with("+json"));
}

const DescribedResponse* DescribedOperation::response(int status) const {
  const std::string exact = std::to_string(status);
  const std::string range = exact.substr(0, 1) + "XX";
  for (const std::string_view wanted :
       {std::string_view(exact), std::string_view(range), std::string_view("default")}) {
    for (const DescribedResponse& one : responses) {
      if (one.status == wanted) return &one;
    }
  }
  return nullptr;
}

}  // namespace writ::contract
