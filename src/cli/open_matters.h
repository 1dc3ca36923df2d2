#pragma once
// How deferrals are shown, wherever they are.
#include <iosfwd>

#include "base/value.h"
#include "cli/style.h"
#include "execution/state.h"

namespace writ::cli {

// One line, with a second for what unblocks it; what is overdue says so.
void print_deferral(std::ostream& out, const Style& style, const execution::Deferral& deferral,
                    WallTime now);

// Every deferral of the run, each with `overdue`.
Value deferrals_value(const execution::RunRow& run, WallTime now);

}  // namespace writ::cli
