#pragma once
// A run opened for somebody to act on it.
#include <memory>

#include "cli/command.h"
#include "cli/project.h"
#include "execution/acts.h"
#include "execution/repo_workspace.h"
#include "identity/authority.h"

namespace writ::cli {

// The runner's secret key is not needed to act: who approves need not be able to run. Whole once
// `open_desk` returned it; references point into it, so it is not moved.
struct Desk {
  std::unique_ptr<Project> project;
  std::unique_ptr<execution::Journal> journal;
  identity::Trust trust;
  std::unique_ptr<identity::Authority> authority;
  std::unique_ptr<repo::Repo> repo;  // of the tree that the run works on
  std::unique_ptr<execution::RepoWorkspace> workspace;

  RunId run() const { return journal->state().run.id; }
  execution::ActDeps act_deps(const crypto::KeyId& actor) {
    return {project->journal_deps(actor), *workspace, *authority};
  }
};

// The run of the positional RUN. Errors: those of opening; not_found.
Result<std::unique_ptr<Desk>> open_desk(const CommandContext& context);

// --key FILE, else the runner's own key, which may submit and claim but never approve.
Result<crypto::SecretKey> signer_of(const CommandContext& context, const Project& project);

}  // namespace writ::cli
