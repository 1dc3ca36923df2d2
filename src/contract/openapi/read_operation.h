#pragma once
// One operation out of the text of its description.
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "contract/openapi/operation.h"

namespace writ::contract {

// What is wrong goes to `wrong`. Requires: the document keeps to contracts/openapi.schema.json.
// `item` is the path item, which may hold parameters for all of its operations.
DescribedOperation read_operation(const Document& document, std::string_view path,
                                  const Value& item, const Member& member,
                                  std::vector<Diagnostic>& wrong);

}  // namespace writ::contract
