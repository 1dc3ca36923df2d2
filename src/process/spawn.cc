#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "process/job.h"

namespace writ::process {
namespace {

constexpr const char* kUnavailableRemedy = "Free processes, memory or file descriptors and retry";

class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  // Lifted out of the way first, so that no target is overwritten before it is copied.
  int pass(int fd, int target) {
    lifted_.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 10));
    if (!lifted_.back().is_open()) return errno;
    return ::posix_spawn_file_actions_adddup2(&actions_, lifted_.back().get(), target);
  }
  int pass_or_null(int fd, int target) {
    if (fd >= 0) return pass(fd, target);
    return ::posix_spawn_file_actions_addopen(&actions_, target, "/dev/null", O_RDWR, 0);
  }
  int close_from(int first) { return ::posix_spawn_file_actions_addclosefrom_np(&actions_, first); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
  std::vector<FileDescriptor> lifted_;
};

class Attributes {
 public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    // No controlling terminal: a command that asks for a password fails at once.
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  }
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

int pass_descriptors(FileActions& actions, const Spawn& spawn) {
  int error = actions.pass_or_null(spawn.in, 0);
  if (error == 0) error = actions.pass_or_null(spawn.out, 1);
  if (error == 0) error = actions.pass_or_null(spawn.err, 2);
  if (error == 0 && spawn.control >= 0) error = actions.pass(spawn.control, kControlFd);
  if (error == 0 && spawn.job >= 0) error = actions.pass(spawn.job, kJobFd);
  if (error == 0) error = actions.close_from(spawn.job >= 0 ? kJobFd + 1 : kControlFd);
  return error;
}

}  // namespace

Result<pid_t> spawn(const Spawn& spawn) {
  FileActions actions;
  const Attributes attributes;
  int error = pass_descriptors(actions, spawn);
  pid_t pid = 0;
  if (error == 0) {
    std::vector<char*> argv = pointers_to(spawn.argv);
    std::vector<char*> environment = pointers_to(spawn.environment);
    error = ::posix_spawn(&pid, argv[0], actions.get(), attributes.get(), argv.data(),
                          environment.data());
  }
  if (error == 0) return pid;
  if (error == ENOENT || error == EACCES) {
    return fail(Code::not_found, "cannot start " + spawn.argv.front() + ": " + errno_text(error),
                "Reinstall it, or correct its path");
  }
  return fail(Code::unavailable, "cannot start " + spawn.argv.front() + ": " + errno_text(error),
              kUnavailableRemedy);
}

int end_child(pid_t pid) {
  ::kill(pid, SIGKILL);  // a zombie until we reap it, so the pid is still its own
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

Result<Pipe> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) {
    return fail(Code::unavailable, "cannot make a pipe: " + errno_text(errno), kUnavailableRemedy);
  }
  return Pipe{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

Result<FileDescriptor> make_memory_file(const char* name, std::string_view bytes) {
  FileDescriptor file(::memfd_create(name, MFD_CLOEXEC));
  if (!file.is_open()) {
    return fail(Code::unavailable, "cannot make a memory file: " + errno_text(errno),
                kUnavailableRemedy);
  }
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::pwrite(file.get(), bytes.data() + written, bytes.size() - written,
                                   static_cast<off_t>(written));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return fail(Code::storage_failed, "cannot fill a memory file: " + errno_text(errno));
    }
    written += static_cast<std::size_t>(count);
  }
  return file;
}

std::string errno_text(int error) {
  const char* text = ::strerrordesc_np(error);
  return text != nullptr ? text : "error " + std::to_string(error);
}

}  // namespace writ::process
