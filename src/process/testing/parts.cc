#include "process/testing/parts.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "process/command.h"

namespace writ::process {
namespace {

// Opens the named pipe, holds it for as long as the process lives, and sleeps. The reader of the
// pipe sees end of file exactly when no process holds it any more.
[[noreturn]] void hold_and_sleep(const char* pipe) {
  const int fd = ::open(pipe, O_WRONLY);
  (void)!::write(fd, "here\n", 5);
  while (true) ::pause();
}

int ignore_term(int, char** argv) {
  ::signal(SIGTERM, SIG_IGN);
  ::puts("deaf");
  ::fflush(stdout);
  hold_and_sleep(argv[1]);
}

// Double fork, a session and a group of its own, standard output kept open.
int daemonize(int argc, char** argv) {
  const bool without_environment = argc > 2 && std::string_view(argv[2]) == "bare";
  if (::fork() == 0) {
    ::setsid();
    if (::fork() == 0) {
      ::signal(SIGTERM, SIG_IGN);
      char* empty[] = {nullptr};
      char self[] = "/proc/self/exe";
      char part[] = "__part";
      char name[] = "hold";
      char* words[] = {self, part, name, argv[1], nullptr};
      if (without_environment) ::execve(self, words, empty);
      hold_and_sleep(argv[1]);
    }
    ::_exit(0);
  }
  // The daemon must hold the pipe before this process ends, or the test would prove nothing.
  const int fd = ::open(argv[1], O_RDONLY);
  char byte = 0;
  return ::read(fd, &byte, 1) == 1 ? 0 : 1;
}

int hold(int, char** argv) { hold_and_sleep(argv[1]); }

// Holds the pipe, and so does a child in a session of its own.
int hold_with_child(int, char** argv) {
  if (::fork() == 0) ::setsid();
  hold_and_sleep(argv[1]);
}

// A Writ that dies by SIGKILL as soon as its command runs.
int die_while_running(int, char** argv) {
  Runner runner("/proc/self/exe", argv[3]);
  Command command;
  command.argv = {argv[2], "__part", "daemon-and-hold", argv[1]};
  command.directory = "/";
  command.token = "dying";
  const bool is_sandboxed = std::string_view(argv[3]) == "bwrap";
  command.sandbox = is_sandboxed ? Sandbox::require : Sandbox::off;
  const OutputSink sink = [](Stream, std::string_view text) {
    if (text.find("running") != std::string_view::npos) ::raise(SIGKILL);
  };
  const auto outcome = runner.run(command, sink, {});
  ::fprintf(stderr, "%s\n", outcome ? outcome->err.c_str() : outcome.error().text().c_str());
  return 1;
}

int daemon_and_hold(int argc, char** argv) {
  if (daemonize(argc, argv) != 0) return 1;
  ::puts("running");
  ::fflush(stdout);
  hold_and_sleep(argv[1]);
}

int print_bytes(int, char** argv) {
  std::string block(1u << 16, 'x');
  long left = ::atol(argv[1]);
  while (left > 0) {
    const auto size = std::min(static_cast<std::size_t>(left), block.size());
    const ssize_t count = ::write(1, block.data(), size);
    if (count <= 0) return 1;
    left -= count;
  }
  return 0;
}

// Each argument in a write of its own, each only after the reader had the chance to take the one
// before: the pipe is empty again.
int print_parts(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    (void)!::write(1, argv[i], std::string_view(argv[i]).size());
    ::usleep(20'000);
  }
  return 0;
}

int kill_parent(int, char**) {
  ::kill(::getppid(), SIGKILL);
  while (true) ::pause();
}

int stop_parent(int, char** argv) {
  ::kill(::getppid(), SIGSTOP);
  hold_and_sleep(argv[1]);
}

int list_descriptors(int, char**) {
  for (int fd = 0; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) ::printf("%d ", fd);
  }
  return 0;
}

int fork_until_refused(int, char** argv) {
  const int wanted = ::atoi(argv[1]);
  for (int i = 0; i < wanted; ++i) {
    const pid_t pid = ::fork();
    if (pid < 0) {
      ::printf("refused");
      return 0;
    }
    if (pid == 0) {
      while (true) ::pause();
    }
  }
  ::printf("all");
  return 0;
}

struct Part {
  std::string_view name;
  int (*play)(int argc, char** argv);
};

constexpr Part kParts[] = {
    {"daemon", &daemonize},
    {"daemon-and-hold", &daemon_and_hold},
    {"descriptors", &list_descriptors},
    {"die-while-running", &die_while_running},
    {"fork", &fork_until_refused},
    {"hold", &hold},
    {"hold-with-child", &hold_with_child},
    {"ignore-term", &ignore_term},
    {"kill-parent", &kill_parent},
    {"print-bytes", &print_bytes},
    {"print-parts", &print_parts},
    {"stop-parent", &stop_parent},
};

}  // namespace

int play_part(int argc, char** argv) {
  for (const Part& part : kParts) {
    if (argc > 0 && part.name == argv[0]) return part.play(argc, argv);
  }
  return 2;
}

}  // namespace writ::process
