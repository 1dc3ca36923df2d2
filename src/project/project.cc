#include "project/project.h"

#include <algorithm>

#include "base/document.h"
#include "contract/validate_document.h"
#include "project/migrations.h"
#include "project/used_store.h"

namespace writ::project {
namespace {

constexpr std::size_t kRunsSearched = 10'000;

// Whoever works in a packet's tree is in the project that the packet is a part of.
std::optional<std::filesystem::path> project_of_worktree(const std::filesystem::path& root) {
  const std::filesystem::path worktrees = root.parent_path();
  const std::filesystem::path writ = worktrees.parent_path();
  if (worktrees.filename() != "worktrees" || writ.filename() != ".writ") return std::nullopt;
  return writ.parent_path();
}

}  // namespace

std::optional<std::string_view> Means::passphrase() const {
  const auto at = environment.find("WRIT_KEY_PASSPHRASE");
  if (at == environment.end()) return std::nullopt;
  return at->second;
}

Project::Project(Means means, ProjectPaths paths, repo::Repo repo, crypto::Keyring keyring)
    : means_(std::move(means)),
      paths_(std::move(paths)),
      repo_(std::move(repo)),
      keyring_(std::move(keyring)) {}

Result<std::unique_ptr<Project>> Project::open(Means means, const std::filesystem::path& dir,
                                               std::string_view store_url) {
  WRIT_TRY(repo::Repo repo, repo::Repo::open(dir));
  if (const auto parent = project_of_worktree(repo.root())) {
    WRIT_TRY(repo, repo::Repo::open(*parent));
  }
  ProjectPaths paths{repo.root()};
  std::error_code ignored;
  if (!std::filesystem::exists(paths.config(), ignored)) {
    return fail(Code::not_found, paths.root.string() + " is not set up for Writ",
                "Run `writ init` there");
  }
  WRIT_TRY(const Document config, load_document(paths.config()));
  WRIT_CHECK(contract::validate_document("config", config, contract::Values::hidden));
  WRIT_TRY(crypto::Keyring keyring, crypto::Keyring::open(paths.keys(), means.clock));
  std::unique_ptr<Project> project(
      new Project(std::move(means), std::move(paths), std::move(repo), std::move(keyring)));
  const Means& with = project->means_;
  project->id_ = config.root.string_or("project", "");
  WRIT_CHECK(project->open_chosen_store(store_url));
  WRIT_CHECK(project->store_->migrate(project_migrations(), store::DryRun::no));
  WRIT_TRY(project->blobs_,
           with.open_blobs(project->url_, *project->store_, project->paths_.blobs()));
  ledger::LedgerOptions options;
  options.origin = "writ.local/" + project->id_;
  WRIT_TRY(project->ledger_,
           ledger::Ledger::open(*project->store_, with.clock, with.random, std::move(options)));
  return project;
}

Result<std::unique_ptr<Project>> Project::beside(Means means) const {
  WRIT_TRY(repo::Repo repo, repo::Repo::open(paths_.root));
  WRIT_TRY(crypto::Keyring keyring, crypto::Keyring::open(paths_.keys(), means.clock));
  std::unique_ptr<Project> other(
      new Project(std::move(means), paths_, std::move(repo), std::move(keyring)));
  other->id_ = id_;
  other->url_ = url_;
  other->store_ = store_;
  other->blobs_ = blobs_;
  other->ledger_ = ledger_;
  other->news_ = news_;
  other->shelf_ = shelf_;
  return other;
}

// Git looks for a repository above a directory that has none: a worktree that is gone would be
// taken for the tree of the project.
Result<repo::Repo> Project::open_tree(const std::string& worktree) const {
  const std::filesystem::path place = paths_.tree(worktree);
  auto tree = repo::Repo::open(place);
  if (tree && tree->root() == place) return tree;
  if (worktree.empty()) return tree;
  return fail(Code::not_found, "the worktree " + worktree + " is gone",
              "`writ resume` of the run that the packet is a part of makes it again");
}

// What was asked for counts before what the environment says, and that before the project's own.
std::string Project::choose_store(std::string_view asked) const {
  if (!asked.empty()) return std::string(asked);
  const auto found = means_.environment.find("WRIT_STORE");
  const bool is_set = found != means_.environment.end() && !found->second.empty();
  return is_set ? found->second : paths_.store_url();
}

Result<void> Project::open_chosen_store(std::string_view asked) {
  WRIT_TRY(OpenedStore opened, open_used_store(means_, choose_store(asked),
                                               {.own_url = paths_.store_url(),
                                                .settings = paths_.settings(),
                                                .blobs = paths_.blobs(),
                                                .source = source()}));
  url_ = std::move(opened.url);
  store_ = std::move(opened.store);
  news_ = std::make_shared<execution::RunNews>(*store_);
  return {};
}

Result<crypto::SecretKey> Project::runner_key() const {
  return keyring_.load_active(means_.passphrase());
}

Result<identity::Trust> Project::trust_at(const repo::CommitId& base) const {
  return trust_at(repo_, base);
}

Result<identity::Trust> Project::trust_at(const repo::Repo& repo,
                                          const repo::CommitId& base) const {
  const auto text = repo.read_at(base, ".writ/trust.yaml");
  if (!text && text.error().code == Code::not_found) {
    if (keyring_.active() == nullptr) {
      return fail(Code::not_found, "there is no active key", "Run `writ init`");
    }
    return identity::Trust::self_signed(keyring_.active()->key);
  }
  if (!text) return std::unexpected(text.error());
  WRIT_TRY(const Document document, parse_document(".writ/trust.yaml", *text));
  return identity::Trust::parse(document);
}

execution::JournalDeps Project::journal_deps(const crypto::KeyId& actor) {
  return {*store_,     *blobs_,     *ledger_, means_.clock, source(), "key:" + actor.hex,
          means_.tool, shelf_.get()};
}

Result<RunId> resolve_run(store::Store& store, std::string_view text) {
  if (text.empty() || text == "latest") {
    WRIT_TRY(const auto latest, execution::latest_run(store));
    if (latest) return *latest;
    return fail(Code::not_found, "there is no run yet", "`writ apply SPEC` starts one");
  }
  if (const auto id = RunId::parse(text)) return *id;
  WRIT_TRY(const auto rows, execution::list_runs(store, kRunsSearched));
  std::vector<RunId> fitting;
  for (const execution::RunRow& row : rows) {
    if (row.id.text().starts_with(text)) fitting.push_back(row.id);
  }
  if (fitting.size() == 1) return fitting.front();
  return fail(Code::not_found, std::string(fitting.empty() ? "no run" : "more than one run") +
                                   " begins with " + std::string(text));
}

Result<RunId> Project::resolve_run(std::string_view text) {
  return project::resolve_run(*store_, text);
}

}  // namespace writ::project
