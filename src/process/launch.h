#pragma once
// Brings a trampoline to life, in a sandbox or not, up to the point where it waits for `go`.
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "process/command.h"
#include "process/file_descriptor.h"
#include "process/job.h"

namespace writ::process {

struct Launched {
  pid_t pid = 0;           // of the trampoline, or of the bubblewrap around it
  FileDescriptor control;  // packets: we send Order, it sends Report
  FileDescriptor out;
  FileDescriptor err;
};

// `prefix` is the sandbox's command line; empty without one.
// Errors: unavailable (it did not come up: what it said on standard error is in the message; no
// process is left), storage_failed, not_found (no trampoline).
Result<Launched> launch(const std::filesystem::path& trampoline,
                        const std::vector<std::string>& prefix, const Command& command);

// The next report; nothing at the end of file.
std::optional<Report> receive(const FileDescriptor& control);
void send(const FileDescriptor& control, Order order);

}  // namespace writ::process
