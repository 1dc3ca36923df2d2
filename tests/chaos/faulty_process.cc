#include "faulty_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace writ::chaos {
namespace {

namespace fs = std::filesystem;

// Files of one run, outside of the directory that is watched.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "writ-chaos-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    root_ = name;
    std::ofstream(counter()) << std::string(8, '\0');
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string counter() const { return root_ / "counter"; }
  std::string output() const { return root_ / "output"; }
  std::string errors() const { return root_ / "errors"; }

 private:
  fs::path root_;
};

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void redirect(int fd, const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || ::dup2(file, fd) < 0) ::_exit(126);
}

[[noreturn]] void become(const std::vector<std::string>& command, const std::string& directory,
                         const FaultPlan& plan, const Scratch& scratch) {
  redirect(STDOUT_FILENO, scratch.output());
  redirect(STDERR_FILENO, scratch.errors());
  if (::chdir(directory.c_str()) != 0) ::_exit(126);
  ::setenv("LD_PRELOAD", WRIT_FAULT_SHIM, 1);
  // The sanitiser's runtime insists on being first; it works as second.
  ::setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 0);
  ::setenv("WRIT_FAULT_UNDER", fs::canonical(plan.under).c_str(), 1);
  ::setenv("WRIT_FAULT_COUNTER", scratch.counter().c_str(), 1);
  ::setenv("WRIT_FAULT_AT", std::to_string(plan.at).c_str(), 1);
  ::setenv("WRIT_FAULT_KIND", plan.kind.c_str(), 1);
  ::setenv("WRIT_FAULT_LASTING", plan.is_lasting ? "onward" : "once", 1);
  if (!plan.program.empty()) ::setenv("WRIT_FAULT_PROGRAM", plan.program.c_str(), 1);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

FaultyRun run_with_fault(const std::vector<std::string>& command, const std::string& directory,
                         const FaultPlan& plan) {
  const Scratch scratch;
  const pid_t child = ::fork();
  if (child == 0) become(command, directory, plan, scratch);
  FaultyRun out;
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return out;
  if (WIFEXITED(status)) out.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) out.signal = WTERMSIG(status);
  out.output = content_of(scratch.output());
  out.errors = content_of(scratch.errors());
  const std::string counter = content_of(scratch.counter());
  if (counter.size() == sizeof out.calls) std::memcpy(&out.calls, counter.data(), counter.size());
  return out;
}

}  // namespace writ::chaos
