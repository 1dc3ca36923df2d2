#pragma once
// The key that a command signs with.
#include <optional>

#include "cli/command.h"
#include "cli/project.h"
#include "crypto/key.h"

namespace writ::cli {

// The key of --key FILE; nothing: none was named.
Result<std::optional<crypto::SecretKey>> named_key(const CommandContext& context);
// The runner's own key, from the keys of the repository here, whoever keeps its store.
// Errors: not_found (there is no repository here).
Result<crypto::SecretKey> own_key(const CommandContext& context);
// --key FILE, else the runner's own key, which may submit and claim but never approve.
Result<crypto::SecretKey> signer_of(const CommandContext& context, const Project& project);

}  // namespace writ::cli
