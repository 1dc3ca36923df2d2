#include "process/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <charconv>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "process/file_descriptor.h"
#include "process/job.h"

namespace writ::process {
namespace {

constexpr std::size_t kEnvironmentLimit = 8u << 20;  // beyond what the kernel lets exec pass

std::string proc_path(pid_t pid, std::string_view leaf) {
  return "/proc/" + std::to_string(pid) + "/" + std::string(leaf);
}

std::string read_proc(pid_t pid, std::string_view leaf, std::size_t limit) {
  const FileDescriptor file(::open(proc_path(pid, leaf).c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!file.is_open()) return text;
  char buffer[16384];
  while (text.size() < limit) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

// The fields after the command name, which itself may hold blanks and brackets.
std::vector<std::string_view> stat_fields(std::string_view stat) {
  std::vector<std::string_view> fields;
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return fields;
  stat.remove_prefix(name_end + 1);
  while (!stat.empty()) {
    const std::size_t start = stat.find_first_not_of(" \n");
    if (start == std::string_view::npos) break;
    const std::size_t end = std::min(stat.find_first_of(" \n", start), stat.size());
    fields.push_back(stat.substr(start, end - start));
    stat.remove_prefix(end);
  }
  return fields;
}

template <typename Number>
Number number_or_zero(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool holds_token(std::string_view environment, std::string_view entry) {
  for (std::size_t at = environment.find(entry); at != std::string_view::npos;
       at = environment.find(entry, at + 1)) {
    const std::size_t end = at + entry.size();
    const bool starts = at == 0 || environment[at - 1] == '\0';
    const bool ends = end == environment.size() || environment[end] == '\0';
    if (starts && ends) return true;
  }
  return false;
}

}  // namespace

std::optional<ProcessEntry> read_process(pid_t pid) {
  const std::string stat = read_proc(pid, "stat", 4096);
  // Counted from the state, which is field 3 of proc(5).
  const std::vector<std::string_view> fields = stat_fields(stat);
  if (fields.size() < 20) return std::nullopt;
  ProcessEntry entry;
  entry.name = {pid, number_or_zero<std::uint64_t>(fields[19])};
  entry.state = fields[0].front();
  entry.parent = number_or_zero<pid_t>(fields[1]);
  entry.threads = number_or_zero<std::uint32_t>(fields[17]);
  return entry;
}

std::vector<ProcessEntry> list_processes() {
  std::vector<ProcessEntry> entries;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), &::closedir);
  if (!proc) return entries;
  while (const dirent* item = ::readdir(proc.get())) {
    const pid_t pid = number_or_zero<pid_t>(item->d_name);
    if (pid <= 0) continue;
    if (auto entry = read_process(pid)) entries.push_back(*entry);
  }
  return entries;
}

std::vector<ProcessName> descendants_of(pid_t ancestor, const std::vector<ProcessEntry>& all) {
  std::unordered_multimap<pid_t, const ProcessEntry*> children;
  for (const ProcessEntry& entry : all) children.emplace(entry.parent, &entry);
  std::vector<ProcessName> found;
  std::unordered_set<pid_t> seen{ancestor};
  std::vector<pid_t> open{ancestor};
  while (!open.empty()) {
    const auto [first, last] = children.equal_range(open.back());
    open.pop_back();
    for (auto child = first; child != last; ++child) {
      const ProcessEntry& entry = *child->second;
      if (!seen.insert(entry.name.pid).second) continue;
      open.push_back(entry.name.pid);
      if (entry.state != 'Z' && entry.state != 'X') found.push_back(entry.name);
    }
  }
  return found;
}

std::vector<ProcessName> carriers_of(std::string_view token, const std::vector<ProcessEntry>& all) {
  const std::string wanted = std::string(kTokenVariable) + "=" + std::string(token);
  std::vector<ProcessName> found;
  for (const ProcessEntry& entry : all) {
    if (holds_token(read_proc(entry.name.pid, "environ", kEnvironmentLimit), wanted)) {
      found.push_back(entry.name);
    }
  }
  return found;
}

bool signal_process(const ProcessName& name, int signal) {
  const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, name.pid, 0)));
  // The descriptor holds on to whoever has the pid now; only then is the start time compared.
  const auto entry = read_process(name.pid);
  if (!entry || entry->name != name) return false;
  if (process.is_open()) {
    return ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0;
  }
  return ::kill(name.pid, signal) == 0;  // kernels before 5.3
}

bool is_running(const ProcessName& name) {
  const auto entry = read_process(name.pid);
  return entry && entry->name == name && entry->state != 'Z' && entry->state != 'X';
}

std::uint64_t count_own_tasks() {
  std::uint64_t tasks = 0;
  for (const ProcessEntry& entry : list_processes()) {
    struct stat info{};
    if (::stat(proc_path(entry.name.pid, "").c_str(), &info) != 0) continue;
    if (info.st_uid == ::getuid()) tasks += entry.threads;
  }
  return tasks;
}

}  // namespace writ::process
