#pragma once
// Schemas as json.match_schema takes them: draft-04, draft-06 or draft-07, or none said.
#include "base/result.h"
#include "base/value.h"

namespace writ::rego {

// `schema` as draft-07: draft-04's `id` and its boolean exclusiveMinimum and exclusiveMaximum are
// rewritten. Errors: invalid_input, in the words of gojsonschema, for a `type` that there is not.
Result<Value> as_draft_07(const Value& schema);

}  // namespace writ::rego
