#pragma once
// A run opened for somebody to act on it (execution/acts.h): its trust, who runs it, and its tree.
// The runner's secret key is not needed: who approves need not be able to run. References point
// into it, so it is not moved. One thread at a time; several desks of one project at once are fine.
#include <memory>

#include "base/result.h"
#include "execution/acts.h"
#include "execution/journal.h"
#include "execution/repo_workspace.h"
#include "identity/authority.h"
#include "identity/trust.h"
#include "repo/repo.h"

namespace writ::project {

class Project;

class Desk {
 public:
  // `project` is borrowed; `deps` say where the run stands, and who acts where a word does not
  // tell. Errors: not_found, those of opening.
  static Result<std::unique_ptr<Desk>> open(const Project& project, execution::JournalDeps deps,
                                            RunId run);

  RunId run() const { return journal_.state().run.id; }
  const execution::Journal& journal() const { return journal_; }
  execution::Workspace& workspace() { return *workspace_; }
  // Good for as long as the desk.
  execution::ActDeps acts() { return {deps_, *workspace_, *authority_, news_}; }

 private:
  Desk(execution::JournalDeps deps, execution::RunNews& news, execution::Journal journal)
      : deps_(std::move(deps)), news_(&news), journal_(std::move(journal)) {}

  execution::JournalDeps deps_;
  execution::RunNews* news_ = nullptr;
  execution::Journal journal_;
  identity::Trust trust_;
  std::unique_ptr<identity::Authority> authority_;
  std::unique_ptr<repo::Repo> repo_;  // of the tree that the run works on; the workspace guards it
  std::unique_ptr<execution::RepoWorkspace> workspace_;
};

}  // namespace writ::project
