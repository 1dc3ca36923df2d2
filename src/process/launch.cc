#include "process/launch.h"

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process/capture.h"
#include "process/spawn.h"

namespace writ::process {
namespace {

constexpr int kReadyGuardMs = 60'000;  // only against a hang

std::uint64_t whole_seconds(Duration duration) {
  return static_cast<std::uint64_t>((duration.count() + 999) / 1000);
}

std::vector<ResourceLimit> resource_limits(const Limits& limits) {
  // A core dump would change the tree that the evidence is about.
  std::vector<ResourceLimit> list{{RLIMIT_CORE, 0, 0}};
  const auto add = [&list](int resource, std::uint64_t value) {
    list.push_back({resource, value, value});
  };
  if (limits.cpu) {
    const std::uint64_t seconds = whole_seconds(*limits.cpu);
    list.push_back({RLIMIT_CPU, seconds, seconds + 5});  // SIGXCPU first, SIGKILL later
  }
  if (limits.memory) add(RLIMIT_AS, limits.memory->count);
  if (limits.file_size) add(RLIMIT_FSIZE, limits.file_size->count);
  if (limits.open_files) add(RLIMIT_NOFILE, *limits.open_files);
  if (limits.processes) add(RLIMIT_NPROC, *limits.processes);
  return list;
}

Job make_job(const Command& command, bool is_sandboxed) {
  Job job;
  job.argv = command.argv;
  job.directory = command.directory.string();
  for (const auto& [name, value] : command.environment) {
    if (name != kTokenVariable) job.environment.emplace_back(name).append("=").append(value);
  }
  if (!command.token.empty()) {
    job.environment.push_back(std::string(kTokenVariable) + "=" + command.token);
  }
  job.limits = resource_limits(command.limits);
  job.parent = is_sandboxed ? 0 : ::getpid();
  return job;
}

struct SocketPair {
  FileDescriptor ours;
  FileDescriptor theirs;
};

Result<SocketPair> make_socket_pair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
    return fail(Code::unavailable, "cannot make a socket pair: " + errno_text(errno));
  }
  return SocketPair{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

// Ends what did not come up, and says what it said.
std::unexpected<Error> not_ready(Launched launched) {
  end_child(launched.pid);
  const OutputSink no_sink;
  Capture capture(std::move(launched.out), std::move(launched.err), {}, Bytes{4096}, no_sink);
  capture.finish();
  std::string said = capture.take(Stream::err);
  while (said.ends_with('\n')) said.pop_back();
  return fail(Code::unavailable, "the process that supervises the command did not come up" +
                                     (said.empty() ? std::string() : ": " + said));
}

}  // namespace

Result<Launched> launch(const std::filesystem::path& trampoline,
                        const std::vector<std::string>& prefix, const Command& command) {
  WRIT_TRY(const FileDescriptor job,
           make_memory_file("writ-job", encode(make_job(command, !prefix.empty()))));
  FileDescriptor input;
  if (!command.standard_input.empty()) {
    WRIT_TRY(input, make_memory_file("writ-stdin", command.standard_input));
  }
  WRIT_TRY(Pipe out, make_pipe());
  WRIT_TRY(Pipe err, make_pipe());
  WRIT_TRY(SocketPair control, make_socket_pair());
  Spawn start{
      prefix,   {}, input.get(), out.write_end.get(), err.write_end.get(), control.theirs.get(),
      job.get()};
  start.argv.insert(start.argv.end(), {trampoline.string(), "__exec"});
  if (!command.token.empty()) {
    start.environment = {std::string(kTokenVariable) + "=" + command.token};
  }
  Launched launched;
  WRIT_TRY(launched.pid, spawn(start));
  control.theirs.reset();
  out.write_end.reset();
  err.write_end.reset();
  launched.control = std::move(control.ours);
  launched.out = std::move(out.read_end);
  launched.err = std::move(err.read_end);
  pollfd ready{launched.control.get(), POLLIN, 0};
  int count = 0;
  do {
    count = ::poll(&ready, 1, kReadyGuardMs);
  } while (count < 0 && errno == EINTR);
  if (count == 1) {
    const auto report = receive(launched.control);
    if (report && report->kind == Report::Kind::ready) return launched;
  }
  return not_ready(std::move(launched));
}

std::optional<Report> receive(const FileDescriptor& control) {
  Report report;
  ssize_t count = 0;
  do {
    count = ::recv(control.get(), &report, sizeof report, 0);
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(sizeof report)) return std::nullopt;
  return report;
}

void send(const FileDescriptor& control, Order order) {
  const char byte = static_cast<char>(order);
  // A trampoline that is gone needs no order.
  (void)!::send(control.get(), &byte, 1, MSG_NOSIGNAL);
}

}  // namespace writ::process
