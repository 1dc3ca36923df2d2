#pragma once
// The check of a run whose law names none: all its steps have passed. One of Writ's own policies
// (policies/default_check.rego).
#include <array>
#include <string_view>

#include "base/result.h"
#include "policy/gate/gate.h"

namespace writ::execution {

// SHA-256 of every module that is or was the default check, oldest first. Whoever edits the module
// adds a line and takes none away: runs from before were judged by theirs, and still verify.
inline constexpr std::array<std::string_view, 2> kDefaultChecks = {
    "f1901b2d34e4b0b39fbd0ee7a5b969438783141c91e22bf82b986d8ce1a67791",
    "f7520a1efa18833512f8224d29a429b03e1943d093c90c1f9b6dad47b1c28ac7",
};

// Errors: internal (the policy does not compile: then nothing is attested).
Result<policy::Gate> default_check();

// Whether this is, or once was, that check: the first runs have it as a rule table.
bool is_default_check(const policy::Gate& gate);

}  // namespace writ::execution
