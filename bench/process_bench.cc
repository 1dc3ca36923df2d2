// What supervision and the sandbox add to the shortest command there is, against posix_spawn and
// waitpid alone.
//
//   process_bench [commands]
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "process/command.h"

namespace {

using namespace writ;
using namespace writ::process;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "process_bench: {}\n", why);
  std::exit(1);
}

double milliseconds_each(int commands, const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < commands; ++i) work();
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
  return taken.count() / commands;
}

void spawn_bare() {
  char program[] = "/bin/true";
  char* argv[] = {program, nullptr};
  char* environment[] = {nullptr};
  pid_t pid = 0;
  int status = 0;
  if (::posix_spawn(&pid, program, nullptr, nullptr, argv, environment) != 0) give_up("spawn");
  if (::waitpid(pid, &status, 0) != pid || status != 0) give_up("true failed");
}

double measure(Runner& runner, Sandbox sandbox, int commands) {
  Command command;
  command.argv = {"/bin/true"};
  command.directory = "/tmp";
  command.sandbox = sandbox;
  command.token = "bench";
  return milliseconds_each(commands, [&] {
    const auto outcome = runner.run(command, {}, {});
    if (!outcome) give_up(outcome.error().text());
    if (outcome->exit_code != 0) give_up(outcome->err);
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "__exec") return exec_trampoline(argc, argv);
  const int commands = argc > 1 ? std::atoi(argv[1]) : 200;
  const double floor = milliseconds_each(commands, spawn_bare);
  Runner runner("/proc/self/exe");
  fmt::print("posix_spawn and waitpid  {:>7.2f} ms\n", floor);
  const double plain = measure(runner, Sandbox::off, commands);
  fmt::print("supervised               {:>7.2f} ms   ratio {:.1f}\n", plain, plain / floor);
  if (runner.best_isolation() != Isolation::namespaces) {
    fmt::print("sandboxed                not here: {}\n", runner.isolation_note());
    return 0;
  }
  const double sandboxed = measure(runner, Sandbox::require, commands);
  fmt::print("sandboxed                {:>7.2f} ms   ratio {:.1f}\n", sandboxed, sandboxed / floor);
  return 0;
}
