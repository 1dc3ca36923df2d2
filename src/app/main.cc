#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "app/signals.h"
#include "app/wiring.h"
#include "cli/command.h"
#include "process/command.h"

int main(int argc, char** argv) {
  // First of all: the trampoline runs before every command of every step.
  if (argc > 1 && std::string_view(argv[1]) == "__exec") {
    return writ::process::exec_trampoline(argc, argv);
  }
  std::ios::sync_with_stdio(false);
  writ::app::SignalStop signals;
  const writ::app::Parts parts(signals);
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return writ::cli::run_command_line(parts.wiring(), words);
}
