#pragma once
// Runs one outside command under limits and, where the kernel allows, in a bubblewrap sandbox;
// captures all it prints, and leaves no process of it behind.
//
// The command is started through an exec trampoline (`writ __exec`) that sets limits, its own
// process group and the parent-death signal, so a dying Writ takes it along. Every process of it
// carries WRIT_STEP_TOKEN=<token> in its environment: `end_orphans` finds by it what survived.
// Never uses a shell unless the command asks for one. Never forks the calling process image.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace writ::process {

enum class Sandbox : std::uint8_t {
  off,      // process group and limits only
  prefer,   // bubblewrap where the kernel allows it, else `off`, and the outcome says which
  require,  // unavailable where it cannot be had
};

// Whether a sandboxed command may write to the HOME of its environment, where build tools keep
// their caches and state.
enum class Home : std::uint8_t { writable, read_only };

// What isolation a command really had; recorded in the attestation.
enum class Isolation : std::uint8_t { none, process_group, namespaces };

struct Limits {
  std::optional<Duration> cpu;
  std::optional<Bytes> memory;  // address space
  std::optional<Bytes> file_size;
  std::optional<std::uint32_t> processes;  // and threads; the kernel exempts root
  std::optional<std::uint32_t> open_files;
  Bytes output{256u << 20};  // both streams together; more ends the command
};

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH of `environment`
  std::filesystem::path directory;
  // The whole environment of the command: build it with `allowed_environment`.
  std::map<std::string, std::string> environment;
  std::string standard_input;
  std::optional<Duration> timeout;  // then SIGTERM, `grace`, SIGKILL to the group
  Duration grace{5000};
  Limits limits;
  Sandbox sandbox = Sandbox::prefer;
  // Sandboxed, the command sees the file system read-only except for `directory`, the temporary
  // directories (/tmp, /var/tmp, TMPDIR), HOME, and these, where they exist.
  std::vector<std::filesystem::path> writable;
  Home home = Home::writable;
  // Not reachable by the command: `.writ`. Directories appear empty and read-only, files cannot
  // be opened. Outside the sandbox nothing can be hidden: `isolation_note` then says so.
  std::vector<std::filesystem::path> masked;
  std::vector<std::string> secrets;  // values replaced by *** in everything captured
  std::string token;                 // unique for run, step and attempt; no blanks, no NUL
};

enum class Stream : std::uint8_t { out, err };
// Called with redacted output as it comes, on the runner's thread.
using OutputSink = std::function<void(Stream, std::string_view)>;

enum class Ending : std::uint8_t { exited, signalled, timed_out, cancelled, output_limit };

struct Outcome {
  Ending ending = Ending::exited;
  int exit_code = 0;  // of `exited`; 128 + signal otherwise, never 0
  int signal = 0;     // that ended it; of the endings by us, that we sent last
  Isolation isolation = Isolation::none;
  std::string isolation_note;  // why not more, when less than asked for
  std::string out;             // redacted, whole
  std::string err;
  std::chrono::milliseconds elapsed{0};
  Bytes peak_memory;
  std::chrono::milliseconds cpu{0};
};

// Told as soon as the process exists, before it may do anything, so that the caller can record
// pid and start time durably. An error ends the process at once.
struct Started {
  int pid = 0;
  std::uint64_t start_ticks = 0;  // /proc/PID/stat field 22; with the pid it is unique
};
using StartedHook = std::function<Result<void>(const Started&)>;

class Runner {
 public:
  // `trampoline` is the writ binary. Finds out once, at the first need, what sandbox the kernel
  // allows. `bubblewrap` is a path, or a name looked up in this process's PATH.
  explicit Runner(std::filesystem::path trampoline, std::filesystem::path bubblewrap = "bwrap");
  ~Runner();

  // Blocking; thread-safe. A command that fails is an Outcome; so is one that `stop` prevented
  // (cancelled). When it returns, no process of the command is left, daemons included.
  // Errors: not_found (no such program), invalid_input (bad directory, empty argv, a mask that is
  // a symbolic link), unavailable (sandbox required and not to be had, no process to be had),
  // storage_failed, and whatever `started` returns.
  Result<Outcome> run(const Command& command, const OutputSink& sink, const std::stop_token& stop,
                      const StartedHook& started = {});

  // What `Sandbox::prefer` comes to here. May block for the probe.
  Isolation best_isolation() const;
  // Why that is not `namespaces`; else empty.
  std::string isolation_note() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Ends (TERM, grace, KILL) every process that carries `token` in its environment, or that is
// `started` or descends from it. Never this process or its ancestors. An empty token matches
// nothing. Returns how many there were. Blocking.
// Errors: unavailable (some process could not be ended; names its pid).
Result<std::size_t> end_orphans(std::string_view token, const std::optional<Started>& started,
                                Duration grace);

// The allowed names of `inherited` (PATH, HOME, LANG, LC_*, TERM, TZ, TMPDIR, USER, and `extra`,
// where a trailing * takes every name that begins so) with `set` laid over them.
std::map<std::string, std::string> allowed_environment(
    const std::map<std::string, std::string>& inherited, const std::vector<std::string>& extra,
    const std::map<std::string, std::string>& set);

// The body of `writ __exec`; never returns on success. Arguments are the trampoline's own.
int exec_trampoline(int argc, char** argv);

}  // namespace writ::process
