#pragma once
// All that driving one run takes, put together: the repository at its base, the trust found
// there, the runner's key, executors, attestor, engine. Made per command; references point into
// it, so it is not moved.
#include <memory>
#include <string>

#include "base/result.h"
#include "cli/project.h"
#include "cli/wiring.h"
#include "execution/attest.h"
#include "execution/engine.h"
#include "execution/repo_workspace.h"
#include "identity/authority.h"

namespace writ::cli {

class RunRoom {
 public:
  // `plan` says base and outputs. Errors: those of opening; not_permitted (the runner's key is
  // not trusted to run at the base revision).
  static Result<std::unique_ptr<RunRoom>> open(const Wiring& wiring, Project& project,
                                               const protocol::Plan& plan,
                                               const repo::CommitId& base,
                                               execution::Progress& progress);

  execution::Engine& engine() { return *engine_; }
  const crypto::SecretKey& runner() const { return runner_; }
  execution::RunBinding binding() const;

 private:
  RunRoom(const Wiring& wiring, Project& project, repo::Repo repo, repo::CommitId base,
          identity::Trust trust, crypto::SecretKey runner, std::vector<std::string> outputs,
          execution::Progress& progress);
  Result<executors::ChildRun> drive_child(RunId first, std::string_view spec, std::stop_token stop);
  Result<RunId> settle_child(RunRoom& room, RunId first, protocol::Plan plan);

  const Wiring& wiring_;
  Project& project_;
  repo::Repo repo_;  // its own: the workspace guards it
  repo::CommitId base_;
  identity::Trust trust_;
  crypto::SecretKey runner_;
  identity::Authority authority_;
  execution::RepoWorkspace workspace_;
  execution::Progress& progress_;
  std::unique_ptr<ExecutorSet> executors_;
  std::unique_ptr<execution::Attestor> attestor_;
  std::unique_ptr<execution::Engine> engine_;
};

}  // namespace writ::cli
