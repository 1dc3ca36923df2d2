#pragma once
// A run of the project's own store, opened for somebody to act on it.
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/project.h"
#include "execution/acts.h"
#include "project/desk.h"

namespace writ::cli {

struct Desk {
  std::unique_ptr<Project> project;
  std::unique_ptr<project::Desk> at;

  RunId run() const { return at->run(); }
  const protocol::Plan& plan() const { return at->journal().plan(); }
  // Events are signed for by `actor`.
  execution::ActDeps act_deps(const crypto::KeyId& actor) const {
    execution::ActDeps deps = at->acts();
    return {project->journal_deps(actor), deps.workspace, deps.authority};
  }
};

// The run of the positional RUN. Errors: those of opening; not_found.
Result<Desk> open_desk(const CommandContext& context);

// The key of --key FILE; nothing: none was named.
Result<std::optional<crypto::SecretKey>> named_key(const CommandContext& context);
// --key FILE, else the runner's own key, which may submit and claim but never approve.
Result<crypto::SecretKey> signer_of(const CommandContext& context, const Project& project);

}  // namespace writ::cli
