#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>

#include "process/capture.h"
#include "process/command.h"
#include "process/launch.h"
#include "process/process_table.h"
#include "process/sandbox.h"
#include "process/spawn.h"
#include "process/watch.h"

namespace writ::process {
namespace {

namespace fs = std::filesystem;

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Result<void> check(const Command& command) {
  if (command.argv.empty()) return fail(Code::invalid_input, "the command has no words");
  for (const std::string& word : command.argv) {
    if (has_nul(word)) {
      return fail(Code::invalid_input, "an argument of " + command.argv.front() + " holds a NUL");
    }
  }
  for (const auto& [name, value] : command.environment) {
    if (name.empty() || has_nul(name) || name.find('=') != std::string::npos || has_nul(value)) {
      return fail(Code::invalid_input, "the environment variable \"" + name + "\" cannot be set",
                  "Use a name without = and a value without NUL");
    }
  }
  if (has_nul(command.token)) return fail(Code::invalid_input, "the step token holds a NUL");
  std::error_code error;
  if (!command.directory.is_absolute() || !fs::is_directory(command.directory, error)) {
    return fail(Code::invalid_input,
                "the working directory " + command.directory.string() + " is no directory",
                "Create it, or correct `cwd`");
  }
  return {};
}

std::unexpected<Error> missing_program(const Command& command, int error) {
  const std::string& name = command.argv.front();
  if (error == EACCES) {
    return fail(Code::not_found, name + " is there but may not be executed",
                "Make it executable (chmod +x), or run it through its interpreter");
  }
  if (name.find('/') != std::string::npos) {
    return fail(
        Code::not_found, "there is no program " + name,
        "Build it first, or correct the path; it is relative to " + command.directory.string());
  }
  const auto path = command.environment.find("PATH");
  return fail(Code::not_found, "there is no program " + name + " in PATH",
              "Install it or correct the name; searched: " +
                  (path == command.environment.end() ? "the default PATH" : path->second));
}

std::unexpected<Error> not_executed(const Command& command, int error) {
  const std::string& name = command.argv.front();
  switch (error) {
    case ENOEXEC:
      return fail(Code::invalid_input, name + " is no program this machine can execute",
                  "Begin a script with #! and its interpreter; build binaries for this machine");
    case E2BIG:
      return fail(Code::invalid_input, "the arguments and environment of " + name + " are too long",
                  "Pass long data in a file or on standard input");
    case ENOENT:
      return fail(Code::not_found, "the interpreter that " + name + " names is missing",
                  "Correct its first line, or install the interpreter");
    case EACCES:
      return fail(Code::not_found, name + " may not be executed",
                  "Check its permissions and those of its interpreter");
    default:
      return fail(Code::unavailable, "cannot execute " + name + ": " + errno_text(error));
  }
}

std::unexpected<Error> not_started(const Command& command, const Report& report) {
  switch (report.stage) {
    case Report::Stage::find_program:
      return missing_program(command, report.error);
    case Report::Stage::execute:
      return not_executed(command, report.error);
    case Report::Stage::directory:
      return fail(Code::invalid_input, "cannot enter the working directory " +
                                           command.directory.string() + ": " +
                                           errno_text(report.error));
    case Report::Stage::limits:
      return fail(Code::unavailable, "cannot set the limits: " + errno_text(report.error));
    case Report::Stage::supervise:
      break;
  }
  return fail(Code::unavailable, "cannot start a process: " + errno_text(report.error));
}

void set_status(Outcome& outcome, int status) {
  if (WIFSIGNALED(status)) {
    outcome.ending = Ending::signalled;
    outcome.signal = WTERMSIG(status);
    outcome.exit_code = 128 + outcome.signal;
  } else {
    outcome.ending = Ending::exited;
    outcome.exit_code = WEXITSTATUS(status);
  }
}

// A command that we ended is never a success, whatever it made of the signal.
void set_reason(Outcome& outcome, const Watch& watch) {
  const std::optional<Ending> reason = watch.reason();
  if (!reason) return;
  outcome.ending = *reason;
  if (outcome.signal == 0) outcome.signal = watch.signal_sent();
  outcome.exit_code = 128 + outcome.signal;
}

void add_note(Outcome& outcome, const std::string& note) {
  if (!outcome.isolation_note.empty()) outcome.isolation_note += "; ";
  outcome.isolation_note += note;
}

void set_report(Outcome& outcome, const Report& report) {
  set_status(outcome, report.status);
  outcome.cpu = std::chrono::milliseconds(report.cpu_micros / 1000);
  outcome.peak_memory = Bytes{static_cast<std::uint64_t>(report.peak_kib) << 10};
  if (report.survivors > 0) {
    add_note(outcome, std::to_string(report.survivors) + " processes could not be ended");
  }
}

void set_without_report(Outcome& outcome, int supervisor_status) {
  outcome.ending = Ending::signalled;
  outcome.signal = WIFSIGNALED(supervisor_status) ? WTERMSIG(supervisor_status) : SIGKILL;
  outcome.exit_code = 128 + outcome.signal;
  add_note(outcome, "the supervising process was ended before the command");
}

Outcome cancelled_before_start() {
  Outcome outcome;
  outcome.ending = Ending::cancelled;
  outcome.signal = SIGTERM;
  outcome.exit_code = 128 + SIGTERM;
  return outcome;
}

}  // namespace

struct Runner::State {
  fs::path trampoline;
  fs::path bubblewrap;
  std::once_flag is_probed;
  SandboxProbe probe;

  const SandboxProbe& sandbox() {
    std::call_once(is_probed, [this] { probe = probe_sandbox(bubblewrap, trampoline); });
    return probe;
  }
  Result<Launched> launch_isolated(const Command& command, Outcome& outcome,
                                   std::vector<Mask>& masks);
  Result<Outcome> see_through(const Command& command, Launched launched, Outcome outcome,
                              const OutputSink& sink, int stop_event);
};

// Namespaces where they are wanted and can be had; else the process group, with a note why.
Result<Launched> Runner::State::launch_isolated(const Command& command, Outcome& outcome,
                                                std::vector<Mask>& masks) {
  std::string refusal;
  if (command.sandbox != Sandbox::off) {
    refusal = sandbox().refusal;
    if (refusal.empty()) {
      WRIT_TRY(masks, resolve_masks(command));
      auto launched =
          launch(trampoline, sandbox_arguments(probe.bubblewrap, command, masks), command);
      outcome.isolation = Isolation::namespaces;
      // Nothing of the command ran yet, so another attempt without the sandbox is safe.
      if (launched || launched.error().code != Code::unavailable) return launched;
      refusal = launched.error().message;
    }
    if (command.sandbox == Sandbox::require) {
      return fail(Code::unavailable, "a sandbox is required and cannot be had: " + refusal,
                  "Install bubblewrap and allow user namespaces, or set `sandbox: prefer`");
    }
  }
  outcome.isolation = Isolation::process_group;
  outcome.isolation_note = refusal;
  for (const fs::path& mask : command.masked) {
    add_note(outcome, mask.filename().string() + " was not hidden from the command");
  }
  return launch(trampoline, {}, command);
}

Result<Outcome> Runner::State::see_through(const Command& command, Launched launched,
                                           Outcome outcome, const OutputSink& sink,
                                           int stop_event) {
  Capture capture(std::move(launched.out), std::move(launched.err), command.secrets,
                  command.limits.output, sink);
  Watch watch(launched, command, capture, stop_event);
  watch.run();
  const int status = end_child(launched.pid);
  capture.finish();
  const std::optional<Report>& report = watch.report();
  if (report && report->kind == Report::Kind::not_started) return not_started(command, *report);
  if (report) {
    set_report(outcome, *report);
  } else {
    // Its supervisor was ended from outside or by the command itself: look for the rest by token.
    set_without_report(outcome, status);
    WRIT_CHECK(end_orphans(command.token, std::nullopt, Duration(0)));
  }
  set_reason(outcome, watch);
  outcome.elapsed = watch.elapsed();
  outcome.out = capture.take(Stream::out);
  outcome.err = capture.take(Stream::err);
  return outcome;
}

Runner::Runner(fs::path trampoline, fs::path bubblewrap) : state_(std::make_unique<State>()) {
  // /proc/self/exe means another program once bubblewrap is the one to look it up.
  std::error_code error;
  state_->trampoline = fs::canonical(trampoline, error);
  if (error) state_->trampoline = std::move(trampoline);
  state_->bubblewrap = std::move(bubblewrap);
}

Runner::~Runner() = default;

Isolation Runner::best_isolation() const {
  return state_->sandbox().refusal.empty() ? Isolation::namespaces : Isolation::process_group;
}

std::string Runner::isolation_note() const { return state_->sandbox().refusal; }

Result<Outcome> Runner::run(const Command& command, const OutputSink& sink,
                            const std::stop_token& stop, const StartedHook& started) {
  WRIT_CHECK(check(command));
  if (stop.stop_requested()) return cancelled_before_start();
  const FileDescriptor stop_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_event.is_open()) {
    return fail(Code::unavailable, "cannot make an event descriptor: " + errno_text(errno));
  }
  Outcome outcome;
  std::vector<Mask> masks;
  WRIT_TRY(Launched launched, state_->launch_isolated(command, outcome, masks));
  if (started) {
    const auto entry = read_process(launched.pid);
    const Result<void> recorded =
        started({launched.pid, entry ? entry->name.start_ticks : std::uint64_t{0}});
    if (!recorded) {
      end_child(launched.pid);
      remove_made_up(masks);
      return std::unexpected(recorded.error());
    }
  }
  const std::stop_callback on_stop(stop, [&stop_event] { ::eventfd_write(stop_event.get(), 1); });
  auto result =
      state_->see_through(command, std::move(launched), std::move(outcome), sink, stop_event.get());
  remove_made_up(masks);
  return result;
}

}  // namespace writ::process
