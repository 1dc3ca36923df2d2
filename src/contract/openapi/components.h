#pragma once
// References inside one description: "#/components/schemas/user".
#include <set>
#include <string>
#include <string_view>

#include "base/value.h"

namespace writ::contract {

// What `reference` leads to in `root`; nullptr when it leads nowhere, or out of the document.
const Value* find_component(const Value& root, std::string_view reference);

// Adds every reference into `root` that `value` makes, and those that what they lead to makes.
void collect_references(const Value& root, const Value& value, std::set<std::string>& found);

// {"schemas": {…}, "responses": {…}}: the components of `root` that the references name.
Object pick_components(const Value& root, const std::set<std::string>& references);

}  // namespace writ::contract
