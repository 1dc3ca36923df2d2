#pragma once
// What the commands of `writ policy` take about signatures of bundles.
#include <optional>

#include "cli/command.h"
#include "policy/bundle/signature.h"

namespace writ::cli {

// --verification-key and what belongs to it; nothing when it was not given. Errors: those of
// reading the key's file.
Result<std::optional<rego::BundleVerification>> bundle_verification(const CommandContext& context);
// --signing-key and what belongs to it.
Result<std::optional<rego::BundleSigning>> bundle_signing(const CommandContext& context);

}  // namespace writ::cli
