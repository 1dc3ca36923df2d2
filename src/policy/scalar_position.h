#pragma once
// Where the n-th byte of a string value stands in the document it came from.
#include <cstddef>

#include "base/document.h"
#include "base/position.h"

namespace writ::policy {

// Sees through quotes, escapes of quotes and backslashes, folding and block indentation. Where the
// text cannot be followed (other escapes, aliases), the position of the value itself.
Position position_in_scalar(const Document& document, const Value& scalar, std::size_t offset);

}  // namespace writ::policy
