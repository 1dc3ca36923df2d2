#include "server/runs/drive_operations.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/id.h"
#include "execution/journal.h"
#include "server/api/answers.h"

namespace writ::server {
namespace {

Result<BackgroundRuns*> runs_of(const DriveNeeds& needs) {
  if (needs.runs != nullptr) return needs.runs;
  return fail(Code::not_found, "this server drives no runs",
              "Start `writ serve` in a repository where `writ init` was run");
}

Driven look(const DriveNeeds& needs, RunId run) {
  return needs.runs == nullptr ? Driven() : needs.runs->look(run);
}

Value known_or_not(const std::optional<bool>& answer) {
  return answer ? Value(*answer) : Value("unknown");
}

Result<Object> drive_value(const DriveNeeds& needs, RunId run, const Driven& driven) {
  WRIT_TRY(const auto journal, execution::Journal::open(needs.project.journal_deps(), run));
  Object body{{"run", run.text()},
              {"status", execution::status_name(journal.state().run.status)},
              {"driven", known_or_not(driven.is_driven)},
              {"seen_to", known_or_not(driven.is_seen_to)}};
  if (driven.failure) {
    body.append("failure", Object{{"code", error_row(driven.failure->code).name},
                                  {"detail", driven.failure->message},
                                  {"remediation", driven.failure->remedy()}});
  }
  return body;
}

Result<net::Answer> answer(const DriveNeeds& needs, RunId run, int status) {
  WRIT_TRY(const Object body, drive_value(needs, run, look(needs, run)));
  return json(status, body);
}

Result<RunId> run_of(const DriveNeeds& needs, const Call& call) {
  return project::resolve_run(needs.project.store(), call.text("run"));
}

// Names and paths; none where the body has none, or there is no body.
std::map<std::string, std::string> inputs_of(const Value& body) {
  std::map<std::string, std::string> out;
  const Value* const inputs = body.find("inputs");
  if (inputs == nullptr) return out;
  for (const Member& input : inputs->as_object()) {
    out.emplace(input.key, input.value.as_string());
  }
  return out;
}

Result<net::Answer> start_run(const DriveNeeds& needs, const Call& call) {
  WRIT_TRY(BackgroundRuns* const runs, runs_of(needs));
  project::RunOrder order{RunId{Uuid::v7(needs.clock, needs.random)},
                          std::string(call.body.string_or("spec", ""))};
  if (const Value* id = call.body.find("id")) {
    WRIT_TRY(order.id, RunId::parse(id->as_string()));
  }
  order.inputs = inputs_of(call.body);
  WRIT_CHECK(runs->begin(order));
  return answer(needs, order.id, 201);
}

Result<net::Answer> replan_run(const DriveNeeds& needs, const Call& call) {
  WRIT_TRY(BackgroundRuns* const runs, runs_of(needs));
  project::ReplanOrder order;
  WRIT_TRY(order.old_run, run_of(needs, call));
  order.id = RunId{Uuid::v7(needs.clock, needs.random)};
  if (const Value* id = call.body.find("id")) {
    WRIT_TRY(order.id, RunId::parse(id->as_string()));
  }
  order.inputs = inputs_of(call.body);
  WRIT_CHECK(runs->replan(order));
  return answer(needs, order.id, 201);
}

Result<net::Answer> export_run(const DriveNeeds& needs, const Call& call) {
  WRIT_TRY(const BackgroundRuns* const runs, runs_of(needs));
  WRIT_TRY(const RunId run, run_of(needs, call));
  net::Response response;
  response.content_type = "application/x-tar";
  WRIT_TRY(response.body, runs->bundle(run));
  return response;
}

Result<net::Answer> get_drive(const DriveNeeds& needs, const Call& call) {
  WRIT_TRY(const RunId run, run_of(needs, call));
  return answer(needs, run, 200);
}

// Looked at before what was told is read: once it is not driven, all has been told.
Result<net::Answer> get_progress(const DriveNeeds& needs, const Call& call) {
  WRIT_TRY(const RunId run, run_of(needs, call));
  WRIT_TRY(Object body, drive_value(needs, run, look(needs, run)));
  ToldProgress::Part part;
  if (needs.runs != nullptr) {
    part = needs.runs->told().read(run, static_cast<std::uint64_t>(call.integer("after")),
                                   static_cast<std::size_t>(call.integer("limit")));
  }
  Array messages;
  for (Value& message : part.messages) messages.push_back(std::move(message));
  body.append("messages", std::move(messages));
  body.append("next", part.next);
  return json(200, body);
}

Result<net::Answer> resume_run(const DriveNeeds& needs, const Call& call) {
  WRIT_TRY(BackgroundRuns* const runs, runs_of(needs));
  WRIT_TRY(const RunId run, run_of(needs, call));
  WRIT_CHECK(runs->resume(run));
  return answer(needs, run, 200);
}

Result<net::Answer> cancel_run(const DriveNeeds& needs, const Call& call) {
  WRIT_TRY(BackgroundRuns* const runs, runs_of(needs));
  WRIT_TRY(const RunId run, run_of(needs, call));
  WRIT_CHECK(runs->cancel(run));
  return answer(needs, run, 200);
}

using Function = Result<net::Answer> (*)(const DriveNeeds&, const Call&);

}  // namespace

std::vector<Binding> drive_operations(const DriveNeeds& needs) {
  const auto bound = [&needs](Function function) {
    return [needs, function](const Call& call) { return function(needs, call); };
  };
  return {
      {"startRun", bound(&start_run)},          {"getRunDrive", bound(&get_drive)},
      {"getRunProgress", bound(&get_progress)}, {"resumeRun", bound(&resume_run)},
      {"cancelRun", bound(&cancel_run)},        {"replanRun", bound(&replan_run)},
      {"exportRun", bound(&export_run)},
  };
}

}  // namespace writ::server
