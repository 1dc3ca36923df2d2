#pragma once
// "Did you mean …?", in the words of gqlparser.
#include <string>
#include <string_view>
#include <vector>

namespace writ::rego::graphql {

// "a", "b", or "c"; at most five.
std::string or_list(const std::vector<std::string>& items);
std::string quoted_or_list(std::vector<std::string> items);

// The options that `typed` was probably meant to be, the nearest first.
std::vector<std::string> nearest(std::string_view typed, const std::vector<std::string>& options);
// " Did you mean "a" or "b"?", or nothing. `prefix`: "Did you mean".
std::string suggestion(std::string_view prefix, std::string_view typed,
                       const std::vector<std::string>& options);

}  // namespace writ::rego::graphql
