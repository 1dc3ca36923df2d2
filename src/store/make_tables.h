#pragma once
// The commonest first migration: tables come into being, and go with all they hold.
#include <string_view>
#include <utility>
#include <vector>

#include "store/store.h"

namespace writ::store {

// Version 1 of `module`. Taken down it drops the tables.
inline std::vector<Migration> make_tables(std::string_view module, std::string_view summary,
                                          std::vector<Table> tables) {
  return {{.module = module,
           .version = 1,
           .summary = summary,
           .creates = std::move(tables),
           .up = {},
           .down = [](Tx&) -> Result<void> { return {}; }}};
}

}  // namespace writ::store
