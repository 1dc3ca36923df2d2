#include "cli/begin_run.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/document.h"
#include "base/file.h"
#include "cli/wiring.h"
#include "crypto/digest.h"
#include "execution/replan.h"
#include "execution/state.h"
#include "protocol/load.h"

namespace writ::cli {
namespace {

constexpr std::size_t kRunsLookedAt = 10'000;
constexpr std::size_t kMaxInput = 64u << 20;  // as when it was bound

std::unexpected<Error> edited(const execution::RunRow& run, const std::string& file) {
  return fail(Code::invalid_input, file + " was edited since run " + run.id.text() + " began",
              "`writ resume --replan` goes on under the edited text and keeps what still holds; "
              "or bring the old text back");
}

// Where a gate's module stands, as far as that is known: it names its facts there.
std::string file_of(const policy::RegoGate& gate, const std::string& step) {
  const std::string file = gate.places.empty() ? "" : gate.places.begin()->second.file;
  return file.empty() ? "the gate of step " + step : file;
}

// The plan has the text of a gate, not the name of the file that it was read from: the documents,
// which are known to be the same, are read once more to see what they say now. Packs of the binary
// may be of another version than they were.
Result<void> expect_same_gates(const std::filesystem::path& root, const protocol::Plan& plan,
                               const execution::RunRow& run) {
  const auto is_given = [](const protocol::PlanStep& step) {
    return step.gate && step.gate->rego() != nullptr && !step.origin.file.starts_with("builtin:");
  };
  if (std::ranges::none_of(plan.steps, is_given)) return {};
  protocol::LoadOptions options{root, {}};
  for (const protocol::BoundDocument& input : plan.inputs) {
    options.bound_inputs.emplace(input.name,
                                 input.uri.starts_with("file:") ? input.uri : input.path);
  }
  WRIT_TRY(const protocol::Plan now, protocol::load_plan(root / run.spec_file, options));
  for (const protocol::PlanStep& step : plan.steps) {
    const std::size_t index = now.find(step.path);
    if (!is_given(step) || index >= now.steps.size()) continue;
    const auto& gate = now.steps[index].gate;
    if (!gate || gate->rego() == nullptr || gate->rego()->module == step.gate->rego()->module) {
      continue;
    }
    return edited(run, file_of(*gate->rego(), step.path));
  }
  return {};
}

// The spec, its protocols, its inputs and its gates as they stand must still be those of the plan.
// Packs of the binary are in the plan itself.
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
  return expect_same_gates(root, plan, run);
}

// What the spec's newest run put off and nobody settled goes on being open in the next one.
Result<std::vector<execution::Deferral>> left_open(Project& project, const std::string& spec_id) {
  WRIT_TRY(const auto rows, execution::list_runs(project.store(), kRunsLookedAt));
  const auto newest = std::ranges::find(rows, spec_id, &execution::RunRow::spec_id);
  if (newest == rows.end()) return std::vector<execution::Deferral>{};
  return execution::open_deferrals(*newest);
}

}  // namespace

Result<ReadyRun> begin_run(const Wiring& wiring, Project& project, protocol::Plan plan,
                           repo::CommitId base, execution::Progress& progress,
                           std::optional<RunId> id) {
  WRIT_TRY(auto room, RunRoom::open(wiring, project, plan, {std::move(base)}, progress));
  execution::RunBinding binding = room->binding();
  WRIT_TRY(binding.deferrals, left_open(project, plan.spec_id));
  WRIT_TRY(const RunId run, room->engine().start(std::move(plan), binding, id));
  return ReadyRun{run, std::move(room)};
}

Result<void> expect_active(const execution::RunRow& run) {
  if (run.status == execution::RunStatus::active) return {};
  return fail(Code::conflict,
              "run " + run.id.text() + " has ended: it is " +
                  std::string(execution::status_name(run.status)),
              "`writ apply " + run.spec_file + "` starts another");
}

Result<ReadyRun> reopen_run(const Wiring& wiring, Project& project,
                            const execution::Journal& journal, execution::Progress& progress,
                            const execution::EngineOptions& options) {
  const execution::RunRow& row = journal.state().run;
  WRIT_CHECK(expect_active(row));
  WRIT_CHECK(expect_unchanged(project, journal.plan(), row));
  WRIT_TRY(auto room, RunRoom::open(wiring, project, journal.plan(), RunRoom::place_of(row),
                                    progress, options));
  if (room->binding().trust != row.trust) {
    return fail(Code::tampered, "the trust at the base revision is not what the run began with",
                "Start another run with `writ apply`");
  }
  return ReadyRun{row.id, std::move(room)};
}

Result<protocol::Plan> load_plan_again(const Wiring& wiring, const Project& project,
                                       const execution::RunRow& run,
                                       std::map<std::string, std::string> inputs) {
  WRIT_TRY(const repo::Repo tree, project.open_tree(run.worktree));
  const std::filesystem::path& root = tree.root();
  WRIT_TRY(protocol::Plan plan,
           protocol::load_plan((root / run.spec_file).lexically_proximate(wiring.directory),
                               {root, std::move(inputs)}));
  plan.spec_file = run.spec_file;
  return plan;
}

Result<ReadyRun> replan_run(const Wiring& wiring, Project& project,
                            const execution::RunRow& old_run, protocol::Plan plan,
                            execution::Progress& progress, std::optional<RunId> id) {
  WRIT_TRY(auto room, RunRoom::open(wiring, project, plan, RunRoom::place_of(old_run), progress));
  WRIT_TRY(const RunId run,
           execution::supersede(project.journal_deps(room->runner().id()), room->engine(),
                                old_run.id, std::move(plan), room->binding(), id));
  return ReadyRun{run, std::move(room)};
}

Result<void> cancel_run(const Wiring& wiring, Project& project, RunId run) {
  WRIT_TRY(const auto journal,
           execution::Journal::open(project.journal_deps(crypto::KeyId{}), run));
  execution::QuietProgress progress;
  WRIT_TRY(const auto room, RunRoom::open(wiring, project, journal.plan(),
                                          RunRoom::place_of(journal.state().run), progress));
  return room->engine().cancel(run);
}

}  // namespace writ::cli
