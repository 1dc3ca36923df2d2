#pragma once
// What is put into a configuration from outside its file. Private to server/config.
#include <map>
#include <string>
#include <string_view>

#include "base/document.h"
#include "base/result.h"
#include "base/value.h"

namespace writ::server {

using Environment = std::map<std::string, std::string>;

// Each `${NAME}` in a string becomes that variable's value, or nothing, as OPA does it. OPA
// replaces in the text; here it happens in values, so that a variable can add no structure. A
// duration, size or count that is one variable alone becomes the number that it spells; a switch
// the boolean.
void substitute_environment(Value& value, const Environment& environment);

// "bundles.app.polling.min_delay_seconds=5": objects on the way are made; the value is read as
// YAML. Errors: usage (no `=`, an empty name, a value that is no YAML, no object on the way).
Result<void> apply_override(Value& root, std::string_view assignment);

}  // namespace writ::server
