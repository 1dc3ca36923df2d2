#include "cli/report.h"

#include <ostream>

#include "base/json.h"
#include "cli/wiring.h"

namespace writ::cli {

void report(const CommandContext& context, const Value& json, std::string_view text) {
  if (context.global.is_json) {
    context.wiring.out << to_json(json) << "\n";
  } else if (!context.global.is_quiet) {
    context.wiring.out << text;
  }
}

}  // namespace writ::cli
