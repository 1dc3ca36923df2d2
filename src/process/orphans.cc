#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>

#include <signal.h>

#include "process/command.h"
#include "process/process_table.h"

namespace writ::process {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kKillLimit{10};
constexpr int kPollMs = 5;

std::set<pid_t> self_and_ancestors(const std::vector<ProcessEntry>& all) {
  std::set<pid_t> line;
  pid_t pid = ::getpid();
  while (pid > 0 && line.insert(pid).second) {
    const auto entry = std::find_if(all.begin(), all.end(),
                                    [pid](const ProcessEntry& e) { return e.name.pid == pid; });
    pid = entry == all.end() ? 0 : entry->parent;
  }
  return line;
}

class Orphans {
 public:
  Orphans(std::string_view token, const std::optional<Started>& started)
      : token_(token), started_(started) {}

  // Looks again: what was found before stays in the set as long as it runs, even if by now
  // nothing leads to it any more.
  void find() {
    const std::vector<ProcessEntry> all = list_processes();
    if (!token_.empty()) add(carriers_of(token_, all));
    if (started_) {
      const ProcessName root{started_->pid, started_->start_ticks};
      if (is_running(root)) add({root});
    }
    for (const ProcessName& name : std::set(found_)) {
      if (is_running(name)) add(descendants_of(name.pid, all));
    }
    const std::set<pid_t> spared = self_and_ancestors(all);
    std::erase_if(found_, [&](const ProcessName& name) { return spared.contains(name.pid); });
  }

  void signal(int signal) const {
    for (const ProcessName& name : found_) signal_process(name, signal);
  }

  bool any_running() const { return std::any_of(found_.begin(), found_.end(), is_running); }

  void await(steady_clock::time_point deadline) const {
    while (any_running() && steady_clock::now() < deadline) ::poll(nullptr, 0, kPollMs);
  }

  const std::set<ProcessName>& found() const { return found_; }

 private:
  void add(const std::vector<ProcessName>& names) { found_.insert(names.begin(), names.end()); }

  std::string_view token_;
  std::optional<Started> started_;
  std::set<ProcessName> found_;
};

}  // namespace

Result<std::size_t> end_orphans(std::string_view token, const std::optional<Started>& started,
                                Duration grace) {
  Orphans orphans(token, started);
  orphans.find();
  if (!orphans.any_running()) return std::size_t{0};
  orphans.signal(SIGTERM);
  orphans.signal(SIGCONT);
  orphans.await(steady_clock::now() + grace);
  const auto deadline = steady_clock::now() + kKillLimit;
  while (true) {
    orphans.find();
    if (!orphans.any_running()) return orphans.found().size();
    if (steady_clock::now() > deadline) break;
    orphans.signal(SIGKILL);
    orphans.await(std::min(deadline, steady_clock::now() + std::chrono::milliseconds(200)));
  }
  const auto left = std::find_if(orphans.found().begin(), orphans.found().end(), is_running);
  const pid_t pid = left == orphans.found().end() ? 0 : left->pid;
  return fail(Code::unavailable,
              "process " + std::to_string(pid) + " of an earlier attempt cannot be ended",
              "End it by hand, then `writ resume`");
}

}  // namespace writ::process
