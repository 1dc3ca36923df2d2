#pragma once
// Chains of certificates from a leaf to a root (OpenSSL inside), as Go's x509.Verify builds them.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace writ::rego {

struct ChainOptions {
  std::string dns_name;  // of the leaf; empty: any
  std::int64_t at_seconds = 0;
  // Numbers of Go's ExtKeyUsage, one of which every certificate must allow. Server
  // authentication unless something else is said; 0 means any.
  std::vector<int> usages;
};

// `certificates`: the root, then intermediate ones, then the leaf; each as DER.
// The chain from the leaf to the root.
// Errors: invalid_input (fewer than two), signature_bad (no chain, or it does not hold).
Result<std::vector<std::string>> verify_chain(const std::vector<std::string_view>& certificates,
                                              const ChainOptions& options);

}  // namespace writ::rego
