#pragma once
// The bubblewrap sandbox: whether it can be had, and the arguments that build it for a command.
// docs/architecture/processes.md says what is visible inside and why.
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "process/command.h"

namespace writ::process {

struct SandboxProbe {
  std::filesystem::path bubblewrap;  // absolute; empty where there is none
  std::string refusal;               // why not; empty: it works
};

// Builds a sandbox of the very kind that commands get, and runs nothing in it. Blocking.
SandboxProbe probe_sandbox(const std::filesystem::path& bubblewrap,
                           const std::filesystem::path& trampoline);

// A mask as the sandbox needs it: links in its parents resolved.
struct Mask {
  std::filesystem::path path;
  bool is_directory = true;
  bool is_made_up = false;  // did not exist; bubblewrap leaves an empty directory behind
};
// Errors: invalid_input (a symbolic link, or no absolute path).
Result<std::vector<Mask>> resolve_masks(const Command& command);

// Everything up to the program to run.
std::vector<std::string> sandbox_arguments(const std::filesystem::path& bubblewrap,
                                           const Command& command, const std::vector<Mask>& masks);

// Removes what bubblewrap had to create as mount points.
void remove_made_up(const std::vector<Mask>& masks);

}  // namespace writ::process
