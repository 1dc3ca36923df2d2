#include "cli/signing_key.h"

#include <utility>

#include "cli/wiring.h"
#include "crypto/key_file.h"
#include "crypto/keyring.h"
#include "repo/repo.h"

namespace writ::cli {

Result<std::optional<crypto::SecretKey>> named_key(const CommandContext& context) {
  const auto path = context.arguments.value("--key");
  if (!path) return std::nullopt;
  return crypto::load_key_file(context.path(*path), passphrase_of(context.wiring));
}

Result<crypto::SecretKey> own_key(const CommandContext& context) {
  const auto repo = repo::Repo::open(context.global.directory);
  if (!repo) {
    return fail(Code::not_found, "there is no repository here, and so no key of its own",
                "Name yours with --key FILE");
  }
  WRIT_TRY(const crypto::Keyring keys,
           crypto::Keyring::open(ProjectPaths{repo->root()}.keys(), context.wiring.clock));
  return keys.load_active(passphrase_of(context.wiring));
}

Result<crypto::SecretKey> signer_of(const CommandContext& context, const Project& project) {
  WRIT_TRY(auto named, named_key(context));
  if (named) return *std::move(named);
  return project.runner_key();
}

}  // namespace writ::cli
