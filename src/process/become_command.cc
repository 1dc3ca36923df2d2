#include "process/become_command.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "process/process_table.h"

namespace writ::process {
namespace {

constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

bool apply_limit(ResourceLimit limit) {
  rlimit current{};
  const auto resource = static_cast<__rlimit_resource_t>(limit.resource);
  if (::getrlimit(resource, &current) != 0) return false;
  if (limit.resource == RLIMIT_NPROC) {
    // The kernel counts all tasks of the user; what was there before is none of the command's.
    const std::uint64_t before = count_own_tasks();
    limit.soft += before;
    limit.hard += before;
  }
  const rlimit wanted{std::min<rlim_t>(limit.soft, current.rlim_max),
                      std::min<rlim_t>(limit.hard, current.rlim_max)};
  return ::setrlimit(resource, &wanted) == 0;
}

std::string_view search_path(const Job& job) {
  for (const std::string_view variable : job.environment) {
    if (variable.starts_with("PATH=")) return variable.substr(5);
  }
  return kDefaultPath;
}

// ENOENT, or EACCES where a file of that name is there but may not be executed.
int find_program(const Job& job, std::string& program) {
  const std::string& name = job.argv.front();
  if (name.empty()) return ENOENT;
  int error = ENOENT;
  const auto is_program = [&](const std::string& candidate) {
    struct stat info{};
    if (::stat(candidate.c_str(), &info) != 0) return false;
    if (S_ISREG(info.st_mode) && ::access(candidate.c_str(), X_OK) == 0) return true;
    error = EACCES;
    return false;
  };
  program = name;
  if (name.find('/') != std::string::npos) return is_program(name) ? 0 : error;
  std::string_view path = search_path(job);
  while (true) {
    const std::size_t end = std::min(path.find(':'), path.size());
    const std::string_view place = path.substr(0, end);
    program = place.empty() ? "./" + name : std::string(place) + "/" + name;
    if (is_program(program)) return 0;
    if (end == path.size()) return error;
    path.remove_prefix(end + 1);
  }
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

StartFailure become_command(const Job& job, pid_t supervisor) {
  using Stage = Report::Stage;
  if (::setpgid(0, 0) != 0) return {Stage::supervise, errno};
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return {Stage::supervise, errno};
  // The supervisor may have died before the line above took effect.
  if (::getppid() != supervisor) return {Stage::supervise, ECHILD};
  if (::chdir(job.directory.c_str()) != 0) return {Stage::directory, errno};
  std::string program;
  if (const int error = find_program(job, program); error != 0) {
    return {Stage::find_program, error};
  }
  for (const ResourceLimit& limit : job.limits) {
    if (!apply_limit(limit)) return {Stage::limits, errno};
  }
  std::vector<char*> argv = pointers_to(job.argv);
  std::vector<char*> environment = pointers_to(job.environment);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(program.c_str(), argv.data(), environment.data());
  return {Stage::execute, errno};
}

}  // namespace writ::process
