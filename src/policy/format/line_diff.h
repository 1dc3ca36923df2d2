#pragma once
// What differs between two texts, as a unified diff of lines.
#include <string>
#include <string_view>

namespace writ::rego {

// "" when they are equal; else with three lines of context, headed by `--- name` and `+++ name`.
// Texts that differ in more than a few thousand lines are shown as one replacement.
std::string line_diff(std::string_view name, std::string_view before, std::string_view after);

}  // namespace writ::rego
