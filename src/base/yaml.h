#pragma once
// YAML text to Value: the JSON-compatible part of YAML 1.2's core schema, with positions.
// Anchors and aliases are expanded within limits; tags, merge keys, non-string keys, several
// documents and duplicate keys are refused with position and remedy.
#include <string_view>

#include "base/document.h"
#include "base/result.h"
#include "base/value.h"

namespace writ {

// Errors: invalid_input.
Result<Value> parse_yaml(std::string_view text, std::string_view name = {},
                         const DocumentLimits& limits = {});

// `value` as block-style YAML that parse_yaml reads back equal. Newline at the end.
std::string to_yaml(const Value& value);

}  // namespace writ
