#include "process/sandbox.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "process/capture.h"
#include "process/spawn.h"

namespace writ::process {
namespace {

namespace fs = std::filesystem;

constexpr int kProbeGuardMs = 20'000;  // only against a hang; a probe takes milliseconds

// What root keeps: enough to build and to test software as root, nothing that undoes a mount,
// reads raw devices, opens files by handle or inspects processes outside.
constexpr const char* kRootCapabilities[] = {
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
    "CAP_KILL",  "CAP_SETGID",       "CAP_SETUID", "CAP_NET_BIND_SERVICE",
};

void add(std::vector<std::string>& arguments, std::initializer_list<std::string> more) {
  arguments.insert(arguments.end(), more);
}

fs::path find_in_path(const fs::path& name) {
  if (name.empty()) return {};
  if (name.has_parent_path()) return fs::absolute(name);
  const char* variable = ::getenv("PATH");
  std::string_view path = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  while (true) {
    const std::size_t end = std::min(path.find(':'), path.size());
    fs::path candidate = fs::path(path.substr(0, end)) / name;
    if (candidate.is_absolute() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    if (end == path.size()) return {};
    path.remove_prefix(end + 1);
  }
}

std::string lookup(const Command& command, const char* variable) {
  const auto found = command.environment.find(variable);
  return found == command.environment.end() ? std::string() : found->second;
}

// Existing directories, links resolved, parents before what is inside them.
std::vector<fs::path> writable_places(const Command& command) {
  std::vector<fs::path> wanted{command.directory, "/tmp", "/var/tmp", lookup(command, "TMPDIR")};
  if (command.home == Home::writable) wanted.push_back(lookup(command, "HOME"));
  wanted.insert(wanted.end(), command.writable.begin(), command.writable.end());
  std::vector<fs::path> places;
  for (const fs::path& place : wanted) {
    std::error_code error;
    if (!place.is_absolute()) continue;
    const fs::path real = fs::canonical(place, error);
    // The root itself would undo the read-only view; HOME=/ is what containers like to have.
    if (!error && real != "/") places.push_back(real);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

bool is_inside(const fs::path& path, const fs::path& parent) {
  const auto [mismatch, rest] =
      std::mismatch(parent.begin(), parent.end(), path.begin(), path.end());
  return mismatch == parent.end();
}

void add_namespaces(std::vector<std::string>& arguments) {
  add(arguments, {"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent",
                  "--new-session", "--cap-drop", "ALL"});
  if (::geteuid() != 0) return;
  for (const char* capability : kRootCapabilities) add(arguments, {"--cap-add", capability});
}

void add_masks(std::vector<std::string>& arguments, const std::vector<Mask>& masks) {
  for (const Mask& mask : masks) {
    if (mask.is_directory) {
      add(arguments, {"--perms", "0555", "--tmpfs", mask.path.string()});
    } else {
      // The mount allows no devices, so that even root cannot open it.
      add(arguments, {"--ro-bind", "/dev/null", mask.path.string()});
    }
  }
}

Result<Mask> resolve_mask(const fs::path& path) {
  if (!path.is_absolute() || !path.has_filename()) {
    return fail(Code::invalid_input, "the mask " + path.string() + " is no absolute path");
  }
  std::error_code error;
  Mask mask;
  mask.path = fs::weakly_canonical(path.parent_path(), error) / path.filename();
  const fs::file_status status = fs::symlink_status(mask.path, error);
  if (fs::is_symlink(status)) {
    return fail(Code::invalid_input,
                mask.path.string() + " is a symbolic link and cannot be hidden from commands",
                "Replace the link by the directory itself");
  }
  mask.is_made_up = !fs::exists(status);
  mask.is_directory = mask.is_made_up || fs::is_directory(status);
  return mask;
}

}  // namespace

Result<std::vector<Mask>> resolve_masks(const Command& command) {
  const std::vector<fs::path> writable = writable_places(command);
  std::vector<Mask> masks;
  for (const fs::path& path : command.masked) {
    WRIT_TRY(const Mask mask, resolve_mask(path));
    const auto holds = [&](const fs::path& place) { return is_inside(mask.path, place); };
    const bool may_appear =
        std::any_of(writable.begin(), writable.end(), holds) && fs::exists(mask.path.parent_path());
    if (!mask.is_made_up || may_appear) masks.push_back(mask);
  }
  return masks;
}

std::vector<std::string> sandbox_arguments(const fs::path& bubblewrap, const Command& command,
                                           const std::vector<Mask>& masks) {
  std::vector<std::string> arguments{bubblewrap.string()};
  add_namespaces(arguments);
  add(arguments, {"--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"});
  const std::vector<fs::path> places = writable_places(command);
  const auto is_masked = [&](const fs::path& place) {
    return std::any_of(masks.begin(), masks.end(),
                       [&](const Mask& mask) { return is_inside(place, mask.path); });
  };
  for (const fs::path& place : places) {
    if (!is_masked(place)) add(arguments, {"--bind", place.string(), place.string()});
  }
  add_masks(arguments, masks);
  // A working directory may lie inside a mask (a worktree that Writ keeps under .writ).
  for (const fs::path& place : places) {
    if (is_masked(place)) add(arguments, {"--bind", place.string(), place.string()});
  }
  for (const Mask& mask : masks) {
    if (mask.is_directory) add(arguments, {"--remount-ro", mask.path.string()});
  }
  add(arguments, {"--chdir", "/", "--"});
  return arguments;
}

void remove_made_up(const std::vector<Mask>& masks) {
  for (const Mask& mask : masks) {
    // Only where it is still empty; nothing is lost if it stays.
    if (mask.is_made_up) ::rmdir(mask.path.c_str());
  }
}

SandboxProbe probe_sandbox(const fs::path& name, const fs::path& trampoline) {
  const fs::path bubblewrap = find_in_path(name);
  if (bubblewrap.empty()) return {{}, "bubblewrap is not installed"};
  Command nothing;
  nothing.directory = "/tmp";
  Spawn probe;
  probe.argv = sandbox_arguments(bubblewrap, nothing, {});
  probe.argv.insert(probe.argv.end(), {trampoline.string(), "__exec", "--probe"});
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out || !err) return {{}, "no pipe to be had for the sandbox probe"};
  probe.out = out->write_end.get();
  probe.err = err->write_end.get();
  const auto pid = spawn(probe);
  if (!pid) return {{}, pid.error().message};
  out->write_end.reset();
  err->write_end.reset();
  pollfd end{out->read_end.get(), 0, 0};  // hung up when the last holder is gone
  const bool ended = ::poll(&end, 1, kProbeGuardMs) == 1;
  int status = 0;
  if (ended) {
    ::waitpid(*pid, &status, 0);
  } else {
    status = end_child(*pid);
  }
  if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {bubblewrap, {}};
  const OutputSink no_sink;
  Capture capture(std::move(out->read_end), std::move(err->read_end), {}, Bytes{4096}, no_sink);
  capture.finish();
  std::string said = capture.take(Stream::err);
  while (said.ends_with('\n')) said.pop_back();
  return {{}, "bubblewrap cannot make a sandbox here: " + (said.empty() ? "it hung" : said)};
}

}  // namespace writ::process
