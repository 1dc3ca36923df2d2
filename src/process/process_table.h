#pragma once
// Processes as /proc shows them, named so that a reused pid is never mistaken for its forerunner.
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace writ::process {

struct ProcessName {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat
  friend auto operator<=>(const ProcessName&, const ProcessName&) = default;
};

struct ProcessEntry {
  ProcessName name;
  pid_t parent = 0;
  char state = '?';
  std::uint32_t threads = 0;
};

// Nothing where there is no such process (any more).
std::optional<ProcessEntry> read_process(pid_t pid);
// All that can be seen, zombies included. Processes come and go meanwhile.
std::vector<ProcessEntry> list_processes();
// The descendants of `ancestor` among `all`; zombies are left out, their children are not.
std::vector<ProcessName> descendants_of(pid_t ancestor, const std::vector<ProcessEntry>& all);
// Those whose environment holds exactly WRIT_STEP_TOKEN=token. Requires: token is not empty.
std::vector<ProcessName> carriers_of(std::string_view token, const std::vector<ProcessEntry>& all);

// Signals exactly that process. False where it is gone, or may not be signalled.
bool signal_process(const ProcessName& name, int signal);
// Whether exactly that process still runs (a zombie does not).
bool is_running(const ProcessName& name);

// Tasks of this user, as RLIMIT_NPROC counts them.
std::uint64_t count_own_tasks();

}  // namespace writ::process
