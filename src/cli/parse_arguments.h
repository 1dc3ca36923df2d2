#pragma once
// Words of a command line against the command table, with CLI11.
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "cli/command.h"

namespace writ::cli {

struct ParsedCommand {
  const Command* command = nullptr;
  GlobalOptions global;
  Arguments arguments;
};
// Help or version text that was asked for: printed to standard output, exit code 0.
struct HelpText {
  std::string text;
};

// Errors: usage, naming what is wrong and the nearest command.
Result<std::variant<ParsedCommand, HelpText>> parse_arguments(
    const std::vector<std::string>& words);

}  // namespace writ::cli
