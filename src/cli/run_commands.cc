// writ plan, apply, resume, cancel: the main job.
#include <fmt/format.h>

#include <ostream>

#include "base/document.h"
#include "base/json.h"
#include "cli/handlers.h"
#include "cli/junit_report.h"
#include "cli/progress_events.h"
#include "cli/progress_tree.h"
#include "cli/project.h"
#include "cli/run_room.h"
#include "cli/wiring.h"
#include "crypto/digest.h"
#include "execution/replan.h"
#include "protocol/load.h"
#include "protocol/render.h"

namespace writ::cli {
namespace {

using execution::Standing;

std::unique_ptr<execution::Progress> make_progress(const CommandContext& context) {
  const Wiring& wiring = context.wiring;
  if (context.global.is_json) return std::make_unique<ProgressEvents>(wiring.out, wiring.clock);
  if (context.global.is_quiet) return std::make_unique<execution::QuietProgress>();
  return std::make_unique<ProgressTree>(wiring.out, wiring.clock, Style(context.global.has_color),
                                        wiring.is_terminal);
}

Result<protocol::Plan> load_plan(const CommandContext& context, const repo::Repo& repo) {
  protocol::LoadOptions options{repo.root(), {}};
  for (const std::string& bound : context.arguments.values("--input")) {
    const std::size_t equals = bound.find('=');
    if (equals == std::string::npos) {
      return fail(Code::usage, "--input takes NAME=PATH, not " + bound);
    }
    options.bound_inputs.emplace(bound.substr(0, equals), bound.substr(equals + 1));
  }
  return protocol::load_plan(context.path(context.arguments.positional("SPEC")), options);
}

// The spec and its protocols as they stand must still be those of the plan.
Result<void> expect_unchanged(const Project& project, const execution::RunRow& run) {
  WRIT_TRY(const Document spec, load_document(project.paths().root / run.spec_file));
  if (crypto::sha256(spec.text).hex() == run.spec_digest) return {};
  return fail(Code::invalid_input,
              run.spec_file + " was edited since run " + run.id.text() + " began",
              "`writ resume --replan` goes on under the edited spec and keeps what still holds; "
              "or bring the old text back");
}

Result<int> drive(const CommandContext& context, Project& project, RunRoom& room, RunId run) {
  WRIT_TRY(const Standing standing, room.engine().drive(run, context.wiring.stop));
  if (const auto path = context.arguments.value("--junit")) {
    WRIT_CHECK(write_junit(project, run, context.path(*path)));
  }
  return execution::outcome_row(standing.outcome).exit_code;
}

Result<int> replan(const CommandContext& context, Project& project,
                   const execution::RunRow& old_run) {
  WRIT_TRY(protocol::Plan plan, protocol::load_plan(project.paths().root / old_run.spec_file,
                                                    {project.paths().root, {}}));
  const auto progress = make_progress(context);
  const repo::CommitId base{old_run.base};
  WRIT_TRY(const auto room, RunRoom::open(context.wiring, project, plan, base, *progress));
  WRIT_TRY(const RunId run,
           execution::supersede(project.journal_deps(room->runner().id()), room->engine(),
                                old_run.id, std::move(plan), room->binding()));
  return drive(context, project, *room, run);
}

}  // namespace

Result<int> plan(const CommandContext& context) {
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  WRIT_TRY(const protocol::Plan plan, load_plan(context, repo));
  context.wiring.out << (context.global.is_json ? to_pretty_json(plan.to_value())
                                                : protocol::render_plan(plan));
  return 0;
}

Result<int> apply(const CommandContext& context) {
  WRIT_TRY(const auto project,
           Project::open(context.wiring, context.global.directory, context.global.store));
  WRIT_TRY(protocol::Plan plan, load_plan(context, project->repo()));
  WRIT_TRY(const repo::CommitId base, project->repo().resolve(plan.scope.base));
  const auto progress = make_progress(context);
  WRIT_TRY(const auto room, RunRoom::open(context.wiring, *project, plan, base, *progress));
  WRIT_TRY(const RunId run, room->engine().start(std::move(plan), room->binding()));
  return drive(context, *project, *room, run);
}

Result<int> resume(const CommandContext& context) {
  WRIT_TRY(const auto project,
           Project::open(context.wiring, context.global.directory, context.global.store));
  WRIT_TRY(const RunId run, project->resolve_run(context.arguments.positional("RUN")));
  WRIT_TRY(const auto journal,
           execution::Journal::open(project->journal_deps(crypto::KeyId{}), run));
  const execution::RunRow& row = journal.state().run;
  if (row.status != execution::RunStatus::active) {
    return fail(Code::conflict,
                "run " + run.text() + " has ended: it is " +
                    std::string(execution::status_name(row.status)),
                "`writ apply " + row.spec_file + "` starts another");
  }
  if (context.arguments.has("--replan")) return replan(context, *project, row);
  WRIT_CHECK(expect_unchanged(*project, row));
  const auto progress = make_progress(context);
  WRIT_TRY(const auto room, RunRoom::open(context.wiring, *project, journal.plan(),
                                          repo::CommitId{row.base}, *progress));
  if (room->binding().trust != row.trust) {
    return fail(Code::tampered, "the trust at the base revision is not what the run began with",
                "Start another run with `writ apply`");
  }
  return drive(context, *project, *room, run);
}

Result<int> cancel(const CommandContext& context) {
  WRIT_TRY(const auto project,
           Project::open(context.wiring, context.global.directory, context.global.store));
  WRIT_TRY(const RunId run, project->resolve_run(context.arguments.positional("RUN")));
  WRIT_TRY(const auto journal,
           execution::Journal::open(project->journal_deps(crypto::KeyId{}), run));
  execution::QuietProgress progress;
  WRIT_TRY(const auto room, RunRoom::open(context.wiring, *project, journal.plan(),
                                          repo::CommitId{journal.state().run.base}, progress));
  WRIT_CHECK(room->engine().cancel(run));
  context.wiring.out << "cancelled run " << run.text() << "\n";
  return 0;
}

}  // namespace writ::cli
