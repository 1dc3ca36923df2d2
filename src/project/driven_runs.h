#pragma once
// Which runs servers see to: rows of the store, so that they are taken up again after a server's
// death. A run is listed before it begins, and until it needs somebody's `resume`. Projects that
// share a database each have their own, by the project's id.
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "store/store.h"

namespace writ::project {

Result<void> list_driven(store::Store& store, RunId run, std::string_view project);
Result<void> unlist_driven(store::Store& store, RunId run);
// Errors: tampered (a row that cannot be read).
Result<std::vector<RunId>> driven_runs(store::Store& store, std::string_view project);

std::vector<store::Migration> driven_run_migrations();

}  // namespace writ::project
