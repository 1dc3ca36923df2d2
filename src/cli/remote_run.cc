#include "cli/remote_run.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "cli/progress_messages.h"
#include "cli/remote_desk.h"
#include "cli/wiring.h"

namespace writ::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{200};
// How often in a row a server may be away, or ask for patience: it may be begun anew meanwhile.
constexpr int kLooksInVain = 50;

// False: the command is to stop.
bool pause(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wakes;
  std::unique_lock lock(mutex);
  wakes.wait_for(lock, stop, kBetweenLooks, [] { return false; });
  return !stop.stop_requested();
}

// What the server could not drive to an end, as the error that it was.
Result<execution::Standing> never_ended(const Value& told, RunId run) {
  const Value* const failure = told.find("failure");
  if (failure == nullptr) {
    return fail(Code::unavailable, "the server drives run " + run.text() + " no longer",
                "`writ status` shows how it stands; `writ resume` goes on with it");
  }
  return fail(code_named(failure->string_or("code", "")),
              std::string(failure->string_or("detail", "")),
              std::string(failure->string_or("remediation", "")));
}

Result<Value> look(ServerClient& server, RunId run, std::int64_t after) {
  return server.get("/runs/" + run.text() + "/progress?after=" + std::to_string(after));
}

bool may_pass(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::overloaded ||
         error.code == Code::timed_out;
}

// Whether there were any.
Result<bool> replay_all(ProgressReplay& replay, const Value& told) {
  const Value* const messages = told.find("messages");
  if (messages == nullptr || !messages->is_array()) return false;
  for (const Value& message : messages->as_array()) WRIT_CHECK(replay.take(message));
  return !messages->as_array().empty();
}

Result<execution::Standing> watch(const Wiring& wiring, ServerClient& server, RunId run,
                                  execution::Progress& progress) {
  ProgressReplay replay(server, progress);
  std::int64_t after = 0;
  for (int in_vain = 0;;) {
    const auto told = look(server, run, after);
    if (!told && !(may_pass(told.error()) && ++in_vain < kLooksInVain)) {
      return std::unexpected(told.error());
    }
    if (told) {
      in_vain = 0;
      WRIT_TRY(const bool has_more, replay_all(replay, *told));
      after = told->integer_or("next", after);
      if (has_more) continue;
      if (!told->bool_or("driven", false)) {
        const auto standing = replay.ended(run);
        return standing ? Result<execution::Standing>(*standing) : never_ended(*told, run);
      }
    }
    if (!pause(wiring.stop)) {
      return fail(Code::cancelled, "the run goes on at the server",
                  "`writ status` shows how it stands; `writ cancel` ends it");
    }
  }
}

}  // namespace

Result<execution::Standing> apply_at(const Wiring& wiring, ServerClient& server,
                                     const project::RunOrder& order,
                                     execution::Progress& progress) {
  Object body{{"spec", order.spec}, {"id", order.id.text()}};
  Object inputs;
  for (const auto& [name, path] : order.inputs) inputs.append(name, path);
  if (!order.inputs.empty()) body.append("inputs", std::move(inputs));
  WRIT_CHECK(server.post("/runs", body));
  return watch(wiring, server, order.id, progress);
}

Result<execution::Standing> resume_at(const Wiring& wiring, ServerClient& server, RunId run,
                                      execution::Progress& progress) {
  WRIT_CHECK(server.post("/runs/" + run.text() + "/resume", Value()));
  return watch(wiring, server, run, progress);
}

Result<void> cancel_at(ServerClient& server, RunId run) {
  WRIT_CHECK(server.post("/runs/" + run.text() + "/cancel", Value()));
  return {};
}

Result<RunId> resolve_run_at(ServerClient& server, std::string_view run) {
  const std::string name(run.empty() ? "latest" : run);
  WRIT_CHECK(expect_run_name(name));
  WRIT_TRY(const Value drive, server.get("/runs/" + name + "/drive"));
  return RunId::parse(drive.string_or("run", ""));
}

}  // namespace writ::cli
