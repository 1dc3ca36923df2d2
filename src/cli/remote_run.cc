#include "cli/remote_run.h"

#include <chrono>
#include <condition_variable>
#include <map>
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
      WRIT_TRY(const bool has_more, replay_all(replay, *told));
      after = told->integer_or("next", after);
      if (has_more) continue;
      const Value* const driven = told->find("driven");
      const bool is_known = driven != nullptr && driven->is_bool();
      in_vain = is_known ? 0 : in_vain + 1;
      if (in_vain >= kLooksInVain) return never_ended(*told, run);
      if (is_known && !driven->as_bool()) {
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

// `id` is of the run that is to be.
Value order_value(Object body, RunId id, const std::map<std::string, std::string>& inputs) {
  body.append("id", id.text());
  Object named;
  for (const auto& [name, path] : inputs) named.append(name, path);
  if (!inputs.empty()) body.append("inputs", std::move(named));
  return body;
}

}  // namespace

Result<execution::Standing> apply_at(const Wiring& wiring, ServerClient& server,
                                     const project::RunOrder& order,
                                     execution::Progress& progress) {
  WRIT_CHECK(server.post("/runs", order_value({{"spec", order.spec}}, order.id, order.inputs)));
  return watch(wiring, server, order.id, progress);
}

Result<execution::Standing> resume_at(const Wiring& wiring, ServerClient& server, RunId run,
                                      execution::Progress& progress) {
  WRIT_CHECK(server.post("/runs/" + run.text() + "/resume", Value()));
  return watch(wiring, server, run, progress);
}

Result<execution::Standing> replan_at(const Wiring& wiring, ServerClient& server,
                                      const project::ReplanOrder& order,
                                      execution::Progress& progress) {
  WRIT_CHECK(server.post("/runs/" + order.old_run.text() + "/replan",
                         order_value({}, order.id, order.inputs)));
  return watch(wiring, server, order.id, progress);
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
