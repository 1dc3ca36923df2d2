#pragma once
// A gate as it stands in a document: a condition, a list of rules, or a module in Rego that is
// written there or in a file of the tree. Private to the module.
#include <optional>

#include "policy/gate/gate.h"
#include "protocol/reading.h"

namespace writ::protocol {

// What is wrong with a module is reported where it stands: in the document, or in its file.
std::optional<policy::Gate> parse_gate(Reading& reading, const Value& gate);

}  // namespace writ::protocol
