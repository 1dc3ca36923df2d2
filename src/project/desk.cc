#include "project/desk.h"

#include <utility>

#include "crypto/keyring.h"
#include "project/project.h"

namespace writ::project {
namespace {

// The public key that the run says it is driven with. The keyring is read anew: the key may be
// younger than the project that was opened.
Result<crypto::PublicKey> runner_of(const Project& project, const Clock& clock,
                                    const identity::Trust& trust, const std::string& id) {
  WRIT_TRY(const crypto::Keyring keyring, crypto::Keyring::open(project.paths().keys(), clock));
  for (const crypto::KeyInfo& key : keyring.list()) {
    if (key.id.hex == id) return key.key;
  }
  if (const identity::TrustedKey* key = trust.find(crypto::KeyId{id})) return key->key;
  return fail(Code::not_found, "the key that drives the run is not known here: " + id,
              "Act in the repository that the run belongs to");
}

}  // namespace

Result<std::unique_ptr<Desk>> Desk::open(const Project& project, execution::JournalDeps deps,
                                         RunId run) {
  WRIT_TRY(execution::Journal journal, execution::Journal::open(deps, run));
  std::unique_ptr<Desk> desk(new Desk(std::move(deps), project.news(), std::move(journal)));
  const execution::RunRow& row = desk->journal_.state().run;
  WRIT_TRY(repo::Repo repo, project.open_tree(row.worktree));
  WRIT_TRY(desk->trust_, project.trust_at(repo, repo::CommitId{row.base}));
  WRIT_TRY(const crypto::PublicKey runner,
           runner_of(project, desk->deps_.clock, desk->trust_, row.runner));
  desk->authority_ = std::make_unique<identity::Authority>(desk->trust_, runner);
  desk->repo_ = std::make_unique<repo::Repo>(std::move(repo));
  desk->workspace_ =
      std::make_unique<execution::RepoWorkspace>(*desk->repo_, desk->journal_.plan().scope.outputs);
  return desk;
}

}  // namespace writ::project
