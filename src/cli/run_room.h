#pragma once
// All that driving one run takes, put together: the repository at its base, the trust found
// there, the runner's key, executors, attestor, engine. Made per command; references point into
// it, so it is not moved.
#include <memory>
#include <mutex>
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
  // Where a run works: against which commit, and in which tree.
  struct Place {
    repo::CommitId base;
    std::string worktree = {};  // from the repository's root; empty: there
  };
  static Place place_of(const execution::RunRow& row) { return {{row.base}, row.worktree}; }

  // `plan` says outputs. Errors: those of opening; not_permitted (the runner's key is not trusted
  // to run at the base revision).
  static Result<std::unique_ptr<RunRoom>> open(const Wiring& wiring, Project& project,
                                               const protocol::Plan& plan, Place place,
                                               execution::Progress& progress,
                                               const execution::EngineOptions& options = {});

  execution::Engine& engine() { return *engine_; }
  // As Engine::drive; once the run is attested, the trees of its packets are taken away.
  Result<execution::Standing> drive(RunId run, std::stop_token stop);
  const crypto::SecretKey& runner() const { return runner_; }
  execution::RunBinding binding() const;

 private:
  RunRoom(const Wiring& wiring, Project& project, repo::Repo repo, Place place,
          identity::Trust trust, crypto::SecretKey runner, std::vector<std::string> outputs,
          execution::Progress& progress, const execution::EngineOptions& options);
  Result<executors::ChildRun> drive_child(const executors::ChildOrder& order, std::stop_token stop);
  Result<Place> place_of_child(const executors::ChildOrder& order);
  Result<RunId> settle_child(RunRoom& room, const executors::ChildOrder& order,
                             protocol::Plan plan);
  Result<void> bring_back(const RunRoom& packet, executors::ChildRun& child);
  Result<void> remove_packet_trees(RunId run);

  const Wiring& wiring_;
  Project& project_;
  repo::Repo repo_;  // its own: the workspace guards it
  Place place_;
  std::vector<std::string> outputs_;
  identity::Trust trust_;
  crypto::SecretKey runner_;
  identity::Authority authority_;
  execution::RepoWorkspace workspace_;
  execution::Progress& progress_;
  const execution::EngineOptions options_;
  std::unique_ptr<ExecutorSet> executors_;
  std::unique_ptr<execution::Attestor> attestor_;
  std::unique_ptr<execution::Engine> engine_;
  std::mutex packets_;  // one at a time makes or brings back a packet's tree
};

}  // namespace writ::cli
