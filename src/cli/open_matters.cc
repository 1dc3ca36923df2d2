#include "cli/open_matters.h"

#include <fmt/format.h>

#include <ostream>

namespace writ::cli {
namespace {

constexpr std::size_t kDate = 10;  // of a time: the day

}  // namespace

void print_deferral(std::ostream& out, const Style& style, const execution::Deferral& deferral,
                    WallTime now) {
  const bool is_late = execution::is_overdue(deferral, now);
  const std::string_view state = !deferral.is_open ? "closed " : (is_late ? "OVERDUE" : "deferred");
  out << style(is_late ? Tone::bad : Tone::strong, fmt::format("  {:8}", state))
      << fmt::format("  {}  {}  by {}, due {}  {}\n", deferral.id.text(), printable(deferral.step),
                     printable(deferral.owner), to_rfc3339(deferral.due).substr(0, kDate),
                     printable(deferral.what));
  if (deferral.is_open) {
    out << "            waits for " << printable(deferral.unblocker) << "\n";
  } else {
    out << "            because " << printable(deferral.closed_because) << "\n";
  }
}

}  // namespace writ::cli
