#pragma once
// How deferrals are shown, wherever they are.
#include <iosfwd>

#include "cli/style.h"
#include "execution/state.h"

namespace writ::cli {

// One line, with a second for what unblocks it; what is overdue says so.
void print_deferral(std::ostream& out, const Style& style, const execution::Deferral& deferral,
                    WallTime now);

}  // namespace writ::cli
