#include "cli/server_runs.h"

#include <filesystem>
#include <utility>

#include "base/safe_path.h"
#include "cli/begin_run.h"
#include "cli/kept_run.h"
#include "cli/progress_messages.h"
#include "cli/project.h"
#include "cli/wiring.h"
#include "execution/progress.h"
#include "execution/verify.h"
#include "protocol/load.h"

namespace writ::cli {
namespace {

// Whoever works on a step for longer finds a run that is opened anew, which takes some
// milliseconds.
constexpr Duration kPatience{250};

// What was asked for from elsewhere never leaves the repository. Errors show files as seen from
// where the server was started.
Result<protocol::Plan> plan_of(const std::filesystem::path& directory,
                               const std::filesystem::path& root, const project::RunOrder& order) {
  WRIT_TRY(const std::filesystem::path spec, join_inside(root, order.spec));
  protocol::LoadOptions options{root, {}};
  for (const auto& [name, path] : order.inputs) {
    WRIT_CHECK(join_inside(root, path));
    options.bound_inputs.emplace(name, path);
  }
  WRIT_TRY(protocol::Plan plan, protocol::load_plan(spec.lexically_proximate(directory), options));
  std::error_code ignored;  // it was read a moment ago
  plan.spec_file = std::filesystem::proximate(spec, root, ignored).generic_string();
  return plan;
}

Result<execution::Journal> journal_of(Project& project, RunId run) {
  return execution::Journal::open(project.journal_deps(crypto::KeyId{}), run);
}

}  // namespace

Result<void> ServerRuns::begin(const project::Project& of, const project::RunOrder& order) {
  WRIT_TRY(const auto project, of.beside(means_of(context_.wiring)));
  WRIT_TRY(protocol::Plan plan, plan_of(context_.wiring.directory, project->paths().root, order));
  WRIT_TRY(repo::CommitId base, project->repo().resolve(plan.scope.base));
  execution::QuietProgress progress;
  WRIT_CHECK(
      begin_run(context_.wiring, *project, std::move(plan), std::move(base), progress, order.id));
  return {};
}

Result<execution::Standing> ServerRuns::drive(const project::Project& of, RunId run,
                                              const std::function<void(Value)>& tell,
                                              std::stop_token stop) {
  WRIT_TRY(const auto project, of.beside(means_of(context_.wiring)));
  WRIT_TRY(const auto journal, journal_of(*project, run));
  ProgressMessages progress(tell);
  execution::EngineOptions options;
  options.patience = kPatience;
  options.slots = &slots_;
  options.news = &project->news();
  WRIT_TRY(const ReadyRun ready, reopen_run(context_.wiring, *project, journal, progress, options));
  return ready.room->drive(run, stop);
}

Result<void> ServerRuns::cancel(const project::Project& of, RunId run) {
  WRIT_TRY(const auto project, of.beside(means_of(context_.wiring)));
  return cancel_run(context_.wiring, *project, run);
}

Result<void> ServerRuns::replan(const project::Project& of, const project::ReplanOrder& order) {
  WRIT_TRY(const auto project, of.beside(means_of(context_.wiring)));
  WRIT_TRY(const auto journal, journal_of(*project, order.old_run));
  const execution::RunRow& row = journal.state().run;
  WRIT_CHECK(expect_active(row));
  for (const auto& input : order.inputs) {
    WRIT_CHECK(join_inside(project->paths().root, input.second));
  }
  WRIT_TRY(protocol::Plan plan, load_plan_again(context_.wiring, *project, row, order.inputs));
  execution::QuietProgress progress;
  WRIT_CHECK(replan_run(context_.wiring, *project, row, std::move(plan), progress, order.id));
  return {};
}

Result<std::string> ServerRuns::bundle(const project::Project& of, RunId run) {
  WRIT_TRY(auto project, of.beside(means_of(context_.wiring)));
  WRIT_TRY(const KeptRun kept, load_kept_run(std::move(project), run.text()));
  WRIT_CHECK(execution::verify_run(kept.archive, kept.trust));
  return execution::to_bundle(kept.archive);
}

}  // namespace writ::cli
