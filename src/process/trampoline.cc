// The trampoline: a small single-threaded process between the runner and the command.
//
// It is the child subreaper of everything the command starts, so a daemon that double-forks away
// comes back to it; it ends and reaps them all before it reports. When the runner dies, the control
// socket reports end of file and the parent-death signal comes: it ends them all then, too.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <chrono>
#include <optional>

#include "process/become_command.h"
#include "process/command.h"
#include "process/file_descriptor.h"
#include "process/job.h"
#include "process/process_table.h"

namespace writ::process {
namespace {

using std::chrono::steady_clock;

// How long ending the descendants may take before the rest is reported as survivors.
constexpr std::chrono::seconds kSweepLimit{3};

class Supervisor {
 public:
  explicit Supervisor(Job job) : job_(std::move(job)) {}
  int run();

 private:
  bool protect();
  bool await_go();
  std::optional<StartFailure> start();
  void watch();
  void handle_order();
  void handle_signal();
  void reap();
  void terminate();
  int sweep();
  void report(const Report& report);
  void report_end(int survivors);

  Job job_;
  FileDescriptor signals_;
  pid_t child_ = 0;
  bool is_child_reaped_ = false;
  bool has_children_ = false;
  bool must_end_ = false;  // kill ordered, or the runner is gone
  int status_ = 0;
};

// Parent-death signal, adoption of orphans, signals as a descriptor.
bool Supervisor::protect() {
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) return false;
  if (job_.parent != 0 && ::getppid() != job_.parent) return false;
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return false;
  sigset_t mask;
  ::sigemptyset(&mask);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&mask, signal);
  if (::sigprocmask(SIG_BLOCK, &mask, nullptr) != 0) return false;
  signals_ = FileDescriptor(::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  return signals_.is_open();
}

void Supervisor::report(const Report& report) {
  // Where nobody listens any more there is nobody to tell.
  (void)!::send(kControlFd, &report, sizeof report, MSG_NOSIGNAL);
}

// False where the runner went away, or decided against it.
bool Supervisor::await_go() {
  char order = 0;
  ssize_t count = 0;
  do {
    count = ::recv(kControlFd, &order, 1, 0);
  } while (count < 0 && errno == EINTR);
  return count == 1 && order == static_cast<char>(Order::go);
}

std::optional<StartFailure> Supervisor::start() {
  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) return StartFailure{Report::Stage::supervise, errno};
  FileDescriptor from_child(pipe_fds[0]);
  FileDescriptor to_parent(pipe_fds[1]);
  const pid_t supervisor = ::getpid();
  child_ = ::fork();
  if (child_ < 0) return StartFailure{Report::Stage::supervise, errno};
  if (child_ == 0) {
    const StartFailure failure = become_command(job_, supervisor);
    (void)!::write(to_parent.get(), &failure, sizeof failure);
    ::_exit(127);
  }
  ::setpgid(child_, child_);  // whichever of the two comes first
  has_children_ = true;
  to_parent.reset();
  StartFailure failure;
  ssize_t count = 0;
  do {
    count = ::read(from_child.get(), &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  if (count == static_cast<ssize_t>(sizeof failure)) return failure;
  return std::nullopt;
}

void Supervisor::reap() {
  while (true) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) has_children_ = false;  // ECHILD
    if (pid <= 0) return;
    if (pid == child_) {
      status_ = status;
      is_child_reaped_ = true;
    }
  }
}

// While the child is not reaped its pid, which is the group's, cannot be anybody else's.
void Supervisor::terminate() {
  if (is_child_reaped_) return;
  ::kill(-child_, SIGTERM);
  ::kill(-child_, SIGCONT);
}

void Supervisor::handle_order() {
  char order = 0;
  const ssize_t count = ::recv(kControlFd, &order, 1, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0 || order == static_cast<char>(Order::kill)) {
    must_end_ = true;
  } else if (order == static_cast<char>(Order::terminate)) {
    terminate();
  }
}

void Supervisor::handle_signal() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo != SIGCHLD) terminate();
  }
  if (job_.parent != 0 && ::getppid() != job_.parent) must_end_ = true;
  reap();
}

void Supervisor::watch() {
  while (!is_child_reaped_ && !must_end_) {
    pollfd fds[] = {{kControlFd, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return;
    if (fds[0].revents != 0) handle_order();
    if (fds[1].revents != 0) handle_signal();
  }
}

// Ends every descendant. Killing a parent hands its children to us, so this comes to an end, and
// no children left means no descendants left. Returns how many could not be ended.
int Supervisor::sweep() {
  const auto deadline = steady_clock::now() + kSweepLimit;
  while (true) {
    reap();
    if (!has_children_) return 0;
    if (!is_child_reaped_) ::kill(-child_, SIGKILL);
    const auto descendants = descendants_of(::getpid(), list_processes());
    if (steady_clock::now() > deadline) return static_cast<int>(descendants.size());
    for (const ProcessName& name : descendants) signal_process(name, SIGKILL);
    signalfd_siginfo info{};
    pollfd fds[] = {{signals_.get(), POLLIN, 0}};
    ::poll(fds, 1, 20);
    while (::read(signals_.get(), &info, sizeof info) > 0) {
    }
  }
}

void Supervisor::report_end(int survivors) {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  Report end;
  end.kind = Report::Kind::ended;
  end.status = status_;
  end.survivors = survivors;
  end.cpu_micros = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 +
                   usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  end.peak_kib = usage.ru_maxrss;
  report(end);
}

int Supervisor::run() {
  if (!protect()) {
    report({Report::Kind::not_started, Report::Stage::supervise, errno});
    return 1;
  }
  report({});
  if (!await_go()) return 1;
  if (const auto failure = start()) {
    sweep();
    report({Report::Kind::not_started, failure->stage, failure->error});
    return 1;
  }
  watch();
  report_end(sweep());
  return 0;
}

std::optional<Job> take_job() {
  const FileDescriptor file(kJobFd);
  if (::fcntl(kControlFd, F_SETFD, FD_CLOEXEC) != 0) return std::nullopt;
  if (::fcntl(kJobFd, F_SETFD, FD_CLOEXEC) != 0) return std::nullopt;
  std::string bytes;
  char buffer[16384];
  ssize_t count = 0;
  while ((count = ::pread(kJobFd, buffer, sizeof buffer, static_cast<off_t>(bytes.size()))) > 0) {
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
  return decode(bytes);
}

}  // namespace

int exec_trampoline(int argc, char** argv) {
  // The sandbox probe: that this runs at all is the answer.
  if (argc > 2 && std::string_view(argv[2]) == "--probe") return 0;
  auto job = take_job();
  if (!job) {
    ::fputs("writ __exec is started by writ itself and takes its orders from it\n", stderr);
    return 2;
  }
  return Supervisor(*std::move(job)).run();
}

}  // namespace writ::process
