#pragma once
// Every table that a project's store holds, whoever opens it.
#include <vector>

#include "store/store.h"

namespace writ::project {

std::vector<store::Migration> project_migrations();

}  // namespace writ::project
