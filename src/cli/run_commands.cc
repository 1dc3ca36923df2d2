// writ plan, apply, resume, cancel: the main job.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/document.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/annotations.h"
#include "cli/handlers.h"
#include "cli/junit_report.h"
#include "cli/progress_events.h"
#include "cli/progress_tree.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/run_room.h"
#include "cli/wiring.h"
#include "crypto/digest.h"
#include "execution/replan.h"
#include "protocol/load.h"
#include "protocol/render.h"

namespace writ::cli {
namespace {

using execution::Standing;

constexpr std::size_t kRunsLookedAt = 10'000;
constexpr std::size_t kMaxInput = 64u << 20;  // as when it was bound

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

// The spec of a run that is there, as it stands now.
Result<protocol::Plan> load_plan_again(const CommandContext& context, const Project& project,
                                       const execution::RunRow& run) {
  const std::string& spec_file = run.spec_file;
  WRIT_TRY(const repo::Repo tree, project.open_tree(run.worktree));
  const std::filesystem::path& root = tree.root();
  WRIT_TRY(const protocol::LoadOptions options, load_options(context, root));
  WRIT_TRY(protocol::Plan plan,
           protocol::load_plan((root / spec_file).lexically_proximate(context.wiring.directory),
                               options));
  plan.spec_file = spec_file;
  return plan;
}

std::unexpected<Error> edited(const execution::RunRow& run, const std::string& file) {
  return fail(Code::invalid_input, file + " was edited since run " + run.id.text() + " began",
              "`writ resume --replan` goes on under the edited text and keeps what still holds; "
              "or bring the old text back");
}

// The spec, its protocols and its inputs as they stand must still be those of the plan. Packs of
// the binary are in the plan itself.
Result<void> expect_unchanged(const Project& project, const protocol::Plan& plan,
                              const execution::RunRow& run) {
  WRIT_TRY(const repo::Repo tree, project.open_tree(run.worktree));
  const std::filesystem::path& root = tree.root();
  WRIT_TRY(const Document spec, load_document(root / run.spec_file));
  if (crypto::sha256(spec.text).hex() != run.spec_digest) return edited(run, run.spec_file);
  for (const protocol::BoundDocument& protocol : plan.protocols) {
    if (protocol.path.starts_with("builtin:")) continue;
    WRIT_TRY(const Document document, load_document(root / protocol.path));
    if (crypto::sha256(document.text).hex() != protocol.digest) return edited(run, protocol.path);
  }
  for (const protocol::BoundDocument& input : plan.inputs) {
    WRIT_TRY(const std::string bytes, read_file(root / input.path, kMaxInput));
    if (crypto::sha256(bytes).hex() != input.digest) return edited(run, input.path);
  }
  return {};
}

// What the spec's newest run put off and nobody settled goes on being open in the next one.
Result<std::vector<execution::Deferral>> left_open(Project& project, const std::string& spec_id) {
  WRIT_TRY(const auto rows, execution::list_runs(project.store(), kRunsLookedAt));
  const auto newest = std::ranges::find(rows, spec_id, &execution::RunRow::spec_id);
  if (newest == rows.end()) return std::vector<execution::Deferral>{};
  return execution::open_deferrals(*newest);
}

Result<int> drive(const CommandContext& context, Project& project, RunRoom& room, RunId run) {
  WRIT_TRY(const Standing standing, room.drive(run, context.wiring.stop));
  if (const auto path = context.arguments.value("--junit")) {
    WRIT_CHECK(write_junit(project, run, context.path(*path)));
  }
  const execution::OutcomeRow& row = execution::outcome_row(standing.outcome);
  if (context.global.is_quiet && !context.global.is_json) {
    context.wiring.out << row.name << " " << run.text() << "\n";
  }
  return row.exit_code;
}

Result<int> replan(const CommandContext& context, Project& project,
                   const execution::RunRow& old_run) {
  WRIT_TRY(protocol::Plan plan, load_plan_again(context, project, old_run));
  const auto progress = make_progress(context);
  WRIT_TRY(const auto room,
           RunRoom::open(context.wiring, project, plan, RunRoom::place_of(old_run), *progress));
  WRIT_TRY(const RunId run,
           execution::supersede(project.journal_deps(room->runner().id()), room->engine(),
                                old_run.id, std::move(plan), room->binding()));
  return drive(context, project, *room, run);
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
  WRIT_TRY(const repo::Repo repo, repo::Repo::open(context.global.directory));
  WRIT_TRY(protocol::Plan plan, load_named_plan(context, repo.root()));
  WRIT_TRY(const repo::CommitId base, repo.resolve(plan.scope.base));
  WRIT_TRY(const auto project, open_project(context));
  const auto progress = make_progress(context);
  WRIT_TRY(const auto room, RunRoom::open(context.wiring, *project, plan, {base}, *progress));
  execution::RunBinding binding = room->binding();
  WRIT_TRY(binding.deferrals, left_open(*project, plan.spec_id));
  WRIT_TRY(const RunId run, room->engine().start(std::move(plan), binding));
  return drive(context, *project, *room, run);
}

Result<int> resume(const CommandContext& context) {
  WRIT_TRY(const auto project, open_project(context));
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
  WRIT_CHECK(expect_unchanged(*project, journal.plan(), row));
  const auto progress = make_progress(context);
  WRIT_TRY(const auto room, RunRoom::open(context.wiring, *project, journal.plan(),
                                          RunRoom::place_of(row), *progress));
  if (room->binding().trust != row.trust) {
    return fail(Code::tampered, "the trust at the base revision is not what the run began with",
                "Start another run with `writ apply`");
  }
  return drive(context, *project, *room, run);
}

Result<int> cancel(const CommandContext& context) {
  WRIT_TRY(const auto project, open_project(context));
  WRIT_TRY(const RunId run, project->resolve_run(context.arguments.positional("RUN")));
  WRIT_TRY(const auto journal,
           execution::Journal::open(project->journal_deps(crypto::KeyId{}), run));
  execution::QuietProgress progress;
  WRIT_TRY(const auto room, RunRoom::open(context.wiring, *project, journal.plan(),
                                          RunRoom::place_of(journal.state().run), progress));
  WRIT_CHECK(room->engine().cancel(run));
  report(context, Object{{"run", run.text()}, {"act", "cancelled"}},
         "cancelled run " + run.text() + "\n");
  return 0;
}

}  // namespace writ::cli
