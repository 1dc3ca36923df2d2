#pragma once
// Signatures of bundles: `.signatures.json` holds one JWT that lists every file with its digest.
// Format: https://www.openpolicyagent.org/docs/management-bundles#signature-format
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/bundle/archive.h"
#include "policy/bundle/bundle.h"

namespace writ::rego {

struct BundleKey {
  std::string algorithm = "RS256";  // RS, PS, ES, HS with 256, 384, 512; EdDSA
  std::string key = {};             // PEM of the public key, or the shared secret
  std::string scope = {};           // empty: the one that the verification asks for
};

struct BundleVerification {
  std::map<std::string, BundleKey, std::less<>> keys;  // by key id
  std::string key_id;                 // which one signs this bundle; empty: the token says
  std::string scope;                  // that the token must be for
  std::vector<std::string> excluded;  // files that need not be listed; globs
};

// Every file but `.signatures.json` is listed with its digest, and nothing else is.
// Errors: signature_bad (no signature, a wrong one, an unlisted, changed or missing file),
// invalid_input (no such algorithm, no key of that id, a key that is none).
Result<void> verify_bundle(const std::vector<ArchiveFile>& files, const BundleVerification& how);

struct BundleSigning {
  std::string algorithm = "RS256";
  std::string key = {};  // PEM of the private key, or the shared secret
  std::string key_id = {};
  std::string scope = {};
  std::string claims = {};  // JSON object of more claims; may be empty
};

// The `.signatures.json` of `files`. Errors: invalid_input (no such algorithm, a key that is none
// or of another kind, claims that are no object, a data file that is none).
Result<ArchiveFile> sign_bundle(const std::vector<ArchiveFile>& files, const BundleSigning& how);

// What is digested of a file: the bytes; of JSON and YAML data and of the manifest the canonical
// text, keys sorted, no white space, numbers as they are spelled.
Result<std::string> digested_text(const ArchiveFile& file);

// A bundle out of its files, held to its signature if keys are given. A signed bundle without keys
// is refused, unless the caller has said to look at no signatures.
enum class Signatures : std::uint8_t { checked, ignored };
Result<Bundle> make_verified_bundle(std::vector<ArchiveFile> files,
                                    const std::optional<BundleVerification>& how,
                                    Signatures signatures = Signatures::checked);

}  // namespace writ::rego
