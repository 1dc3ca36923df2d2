#include "cli/desk.h"

#include "cli/wiring.h"
#include "crypto/key_file.h"

namespace writ::cli {
namespace {

// The public key that the run says it is driven with.
Result<crypto::PublicKey> runner_of(const Project& project, const identity::Trust& trust,
                                    const std::string& id) {
  for (const crypto::KeyInfo& key : project.keyring().list()) {
    if (key.id.hex == id) return key.key;
  }
  if (const identity::TrustedKey* key = trust.find(crypto::KeyId{id})) return key->key;
  return fail(Code::not_found, "the key that drives the run is not known here: " + id,
              "Act in the repository that the run belongs to");
}

}  // namespace

Result<std::unique_ptr<Desk>> open_desk(const CommandContext& context) {
  auto desk = std::make_unique<Desk>();
  WRIT_TRY(desk->project, open_project(context));
  WRIT_TRY(const RunId run, desk->project->resolve_run(context.arguments.positional("RUN")));
  WRIT_TRY(auto journal,
           execution::Journal::open(desk->project->journal_deps(crypto::KeyId{}), run));
  desk->journal = std::make_unique<execution::Journal>(std::move(journal));
  const execution::RunRow& row = desk->journal->state().run;
  WRIT_TRY(desk->trust, desk->project->trust_at(repo::CommitId{row.base}));
  WRIT_TRY(const crypto::PublicKey runner, runner_of(*desk->project, desk->trust, row.runner));
  desk->authority = std::make_unique<identity::Authority>(desk->trust, runner);
  WRIT_TRY(repo::Repo repo, desk->project->open_tree(row.worktree));
  desk->repo = std::make_unique<repo::Repo>(std::move(repo));
  desk->workspace =
      std::make_unique<execution::RepoWorkspace>(*desk->repo, desk->journal->plan().scope.outputs);
  return desk;
}

Result<crypto::SecretKey> signer_of(const CommandContext& context, const Project& project) {
  const auto path = context.arguments.value("--key");
  if (!path) return project.runner_key();
  return crypto::load_key_file(context.path(*path), passphrase_of(context.wiring));
}

}  // namespace writ::cli
