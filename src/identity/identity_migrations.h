#pragma once
// Every table of who there is and what they may do: what a backup of it is made of
// (recovery/recovered_tables.h says how each of them is restored).
#include <vector>

#include "store/store.h"

namespace writ::identity {

std::vector<store::Migration> identity_migrations();

}  // namespace writ::identity
