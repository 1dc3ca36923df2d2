// writ plan, apply, resume, cancel: the main job.
#include <ostream>

#include "base/file.h"
#include "base/json.h"
#include "cli/annotations.h"
#include "cli/begin_run.h"
#include "cli/handlers.h"
#include "cli/junit_report.h"
#include "cli/progress_events.h"
#include "cli/progress_tree.h"
#include "cli/project.h"
#include "cli/remote_desk.h"
#include "cli/remote_run.h"
#include "cli/report.h"
#include "cli/run_room.h"
#include "cli/server_client.h"
#include "cli/wiring.h"
#include "protocol/load.h"
#include "protocol/render.h"

namespace writ::cli {
namespace {

using execution::Standing;

std::unique_ptr<execution::Progress> make_progress(const CommandContext& context) {
  const Wiring& wiring = context.wiring;
  if (context.global.is_json) return std::make_unique<ProgressEvents>(wiring.out, wiring.clock);
  std::unique_ptr<execution::Progress> shown;
  if (context.global.is_quiet) {
    shown = std::make_unique<execution::QuietProgress>();
  } else {
    shown =
        std::make_unique<ProgressTree>(wiring.out, wiring.clock, Style(context.global.has_color),
                                       wiring.is_terminal ? wiring.columns : 0);
  }
  const auto actions = wiring.environment.find("GITHUB_ACTIONS");
  const bool is_on_github = actions != wiring.environment.end() && actions->second == "true";
  if (!is_on_github && !context.arguments.has("--annotations")) return shown;
  return std::make_unique<Annotations>(wiring.out, std::move(shown));
}

Result<protocol::LoadOptions> load_options(const CommandContext& context,
                                           const std::filesystem::path& root) {
  protocol::LoadOptions options{root, {}};
  for (const std::string& bound : context.arguments.values("--input")) {
    const std::size_t equals = bound.find('=');
    if (equals == std::string::npos) {
      return fail(Code::usage, "--input takes NAME=PATH, not " + bound);
    }
    const std::string name = bound.substr(0, equals);
    if (!options.bound_inputs.emplace(name, bound.substr(equals + 1)).second) {
      return fail(Code::usage, "--input binds " + name + " twice", "Name one document for it");
    }
  }
  return options;
}

// The spec that was named. Errors show the file as seen from where the user stands; the plan
// knows it by its path from the repository's root.
Result<protocol::Plan> load_named_plan(const CommandContext& context,
                                       const std::filesystem::path& root) {
  const std::filesystem::path path = context.path(context.arguments.positional("SPEC"));
  WRIT_TRY(const protocol::LoadOptions options, load_options(context, root));
  WRIT_TRY(protocol::Plan plan,
           protocol::load_plan(path.lexically_proximate(context.wiring.directory), options));
  std::error_code ignored;  // it was read a moment ago
  plan.spec_file = std::filesystem::proximate(path, root, ignored).generic_string();
  return plan;
}

int show_outcome(const CommandContext& context, RunId run, const Standing& standing) {
  const execution::OutcomeRow& row = execution::outcome_row(standing.outcome);
  if (context.global.is_quiet && !context.global.is_json) {
    context.wiring.out << row.name << " " << run.text() << "\n";
  }
  return row.exit_code;
}

Result<void> write_junit(const CommandContext& context, const protocol::Plan& plan,
                         const execution::RunState& state) {
  const auto path = context.arguments.value("--junit");
  if (!path) return {};
  return replace_file(context.path(*path), junit_xml(plan, state));
}

Result<int> drive(const CommandContext& context, Project& project, const ReadyRun& ready) {
  WRIT_TRY(const Standing standing, ready.room->drive(ready.run, context.wiring.stop));
  if (context.arguments.has("--junit")) {
    WRIT_TRY(const auto journal,
             execution::Journal::open(project.journal_deps(crypto::KeyId{}), ready.run));
    WRIT_CHECK(write_junit(context, journal.plan(), journal.state()));
  }
  return show_outcome(context, ready.run, standing);
}

// A run that a server has driven as far as it goes.
Result<int> show_driven(const CommandContext& context, std::unique_ptr<ServerClient> server,
                        RunId run, const Standing& standing) {
  if (context.arguments.has("--junit")) {
    WRIT_TRY(const auto desk, open_remote_desk(context, std::move(server), run.text()));
    WRIT_CHECK(write_junit(context, desk->plan(), desk->state()));
  }
  return show_outcome(context, run, standing);
}

RunId new_run(const CommandContext& context) {
  return RunId{Uuid::v7(context.wiring.clock, context.wiring.random)};
}

// Paths mean what they mean here; the server sees them from its repository's root.
Result<int> apply_there(const CommandContext& context, std::unique_ptr<ServerClient> server) {
  const std::string named = context.arguments.positional("SPEC");
  const auto repo = repo::Repo::open(context.global.directory);
  std::error_code ignored;
  project::RunOrder order{
      new_run(context),
      repo ? std::filesystem::proximate(context.path(named), repo->root(), ignored).generic_string()
           : named};
  WRIT_TRY(const protocol::LoadOptions options, load_options(context, {}));
  order.inputs = options.bound_inputs;
  const auto progress = make_progress(context);
  WRIT_TRY(const Standing standing, apply_at(context.wiring, *server, order, *progress));
  return show_driven(context, std::move(server), order.id, standing);
}

Result<int> replan_there(const CommandContext& context, std::unique_ptr<ServerClient> server,
                         RunId old_run) {
  WRIT_TRY(const protocol::LoadOptions options, load_options(context, {}));
  const project::ReplanOrder order{old_run, new_run(context), options.bound_inputs};
  const auto progress = make_progress(context);
  WRIT_TRY(const Standing standing, replan_at(context.wiring, *server, order, *progress));
  return show_driven(context, std::move(server), order.id, standing);
}

Result<int> resume_there(const CommandContext& context, std::unique_ptr<ServerClient> server) {
  WRIT_TRY(const RunId run, resolve_run_at(*server, context.arguments.positional("RUN")));
  if (context.arguments.has("--replan")) return replan_there(context, std::move(server), run);
  const auto progress = make_progress(context);
  WRIT_TRY(const Standing standing, resume_at(context.wiring, *server, run, *progress));
  return show_driven(context, std::move(server), run, standing);
}

Result<int> replan(const CommandContext& context, Project& project,
                   const execution::RunRow& old_run) {
  WRIT_TRY(const protocol::LoadOptions options, load_options(context, {}));
  WRIT_TRY(protocol::Plan plan,
           load_plan_again(context.wiring, project, old_run, options.bound_inputs));
  const auto progress = make_progress(context);
  WRIT_TRY(const ReadyRun ready,
           replan_run(context.wiring, project, old_run, std::move(plan), *progress));
  return drive(context, project, ready);
}

// The server that drives a run has to let go of it first: the one that lives here is asked, too.
Result<RunId> cancel_somewhere(const CommandContext& context) {
  const std::string named = context.arguments.positional("RUN");
  WRIT_TRY(const auto server, ServerClient::find(context));
  if (server != nullptr) {
    WRIT_TRY(const RunId run, resolve_run_at(*server, named));
    WRIT_CHECK(cancel_at(*server, run));
    return run;
  }
  WRIT_TRY(const auto project, open_project(context));
  WRIT_TRY(const RunId run, project->resolve_run(named));
  auto cancelled = cancel_run(context.wiring, *project, run);
  // A store was named, and yet it may be the server here that drives the run.
  if (!cancelled && cancelled.error().code == Code::unavailable) {
    const auto here = ServerClient::find_here(context);
    if (here != nullptr && cancel_at(*here, run)) cancelled = {};
  }
  if (!cancelled) return std::unexpected(std::move(cancelled).error());
  return run;
}

}  // namespace

Result<int> plan(const CommandContext& context) {
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  WRIT_TRY(const protocol::Plan plan, load_named_plan(context, repo.root()));
  context.wiring.out << (context.global.is_json ? to_pretty_json(plan.to_value())
                                                : protocol::render_plan(plan));
  return 0;
}

// Everything that a document can be refused for comes before anything is written.
Result<int> apply(const CommandContext& context) {
  WRIT_TRY(auto server, ServerClient::find(context));
  if (server != nullptr) return apply_there(context, std::move(server));
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  WRIT_TRY(protocol::Plan plan, load_named_plan(context, repo.root()));
  WRIT_TRY(const repo::CommitId base, repo.resolve(plan.scope.base));
  WRIT_TRY(const auto project, open_project(context));
  const auto progress = make_progress(context);
  WRIT_TRY(const ReadyRun ready,
           begin_run(context.wiring, *project, std::move(plan), base, *progress));
  return drive(context, *project, ready);
}

Result<int> resume(const CommandContext& context) {
  WRIT_TRY(auto server, ServerClient::find(context));
  if (server != nullptr) return resume_there(context, std::move(server));
  WRIT_TRY(const auto project, open_project(context));
  WRIT_TRY(const RunId run, project->resolve_run(context.arguments.positional("RUN")));
  WRIT_TRY(const auto journal,
           execution::Journal::open(project->journal_deps(crypto::KeyId{}), run));
  const execution::RunRow& row = journal.state().run;
  WRIT_CHECK(expect_active(row));
  if (context.arguments.has("--replan")) return replan(context, *project, row);
  const auto progress = make_progress(context);
  WRIT_TRY(const ReadyRun ready, reopen_run(context.wiring, *project, journal, *progress));
  return drive(context, *project, ready);
}

Result<int> cancel(const CommandContext& context) {
  WRIT_TRY(const RunId run, cancel_somewhere(context));
  report(context, Object{{"run", run.text()}, {"act", "cancelled"}},
         "cancelled run " + run.text() + "\n");
  return 0;
}

}  // namespace writ::cli
