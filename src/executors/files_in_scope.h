#pragma once
// The files that a check looks at, by its `scope`.
#include <string>
#include <vector>

#include "execution/step_executor.h"

namespace writ::executors {

// `scope: tree` all files, `scope: changed` those of the diff, else (and by default) what the spec
// may change, which is the whole tree where the spec locks nothing.
Result<std::vector<std::string>> files_in_scope(const execution::StepContext& context);

bool matches_any(const std::vector<std::string>& globs, std::string_view path);

}  // namespace writ::executors
