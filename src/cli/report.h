#pragma once
// What a command that changed something says about it, in the form that was asked for.
#include <string_view>

#include "base/value.h"
#include "cli/command.h"

namespace writ::cli {

// With --json `json` as one line; with --quiet nothing; else `text`.
void report(const CommandContext& context, const Value& json, std::string_view text);

}  // namespace writ::cli
