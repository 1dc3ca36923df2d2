#pragma once
// The tables of everything that accounts and their tokens keep.
#include <vector>

#include "store/store.h"

namespace writ::identity {

// Behind principal_migrations().
std::vector<store::Migration> account_migrations();

}  // namespace writ::identity
