#pragma once
// posix_spawn with nothing inherited that was not asked for.
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "process/file_descriptor.h"

namespace writ::process {

struct Spawn {
  std::vector<std::string> argv;         // argv[0] is a path
  std::vector<std::string> environment;  // NAME=value
  // Borrowed; -1 stands for /dev/null, and for none in the case of the last two.
  int in = -1;
  int out = -1;
  int err = -1;
  int control = -1;  // becomes kControlFd
  int job = -1;      // becomes kJobFd
};

// Starts it in a session of its own, with default signals. Errors: not_found, unavailable.
Result<pid_t> spawn(const Spawn& spawn);

// Ends a child of ours for certain, and reaps it. Returns its wait status.
int end_child(pid_t pid);

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};
Result<Pipe> make_pipe();

// An unnamed file that holds `bytes`, at offset 0. Errors: storage_failed.
Result<FileDescriptor> make_memory_file(const char* name, std::string_view bytes);

std::string errno_text(int error);

}  // namespace writ::process
