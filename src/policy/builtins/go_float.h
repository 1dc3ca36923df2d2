#pragma once
// Floating-point numbers as Go's strconv.FormatFloat writes them.
#include <optional>
#include <string>

namespace writ::rego {

// `verb`: one of e E f F g G b x X. Without `precision` the shortest text that reads back as the
// same value (e and f: 6 digits after the point). `sharp`: the flag '#'.
// Requires: finite.
std::string go_float(double value, char verb, std::optional<int> precision, bool sharp = false);

}  // namespace writ::rego
