#pragma once
// A run in one file, for checking offline: what `writ export` writes and `writ verify FILE` reads.
// A deterministic tar whose first member is a manifest with the digest of every other member.
// Reading accepts only what writing makes: any changed, added or missing byte is found. That the
// bytes are also true is for signatures and proofs inside to say.
// Format: docs/formats/bundle.md.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "crypto/digest.h"

namespace writ::evidence {

inline constexpr std::string_view kBundleFormat = "https://writ.dev/bundle/v1";

enum class Need : std::uint8_t { required, optional };

struct BundleMember {
  std::string_view name;
  Need need;
  std::string_view meaning;  // one line for documentation
};

// Every member that a bundle may have besides manifest.json and `blobs/<hex>`, sorted by name.
std::span<const BundleMember> bundle_members();

struct BundleLimits {
  std::uint64_t max_bytes = std::uint64_t{1} << 30;  // of the file, read into memory
  std::size_t max_members = 100'000;
};

// Collects members in memory, in any order. One thread at a time.
class BundleWriter {
 public:
  // Errors: invalid_input (a name that no bundle has), conflict (added already).
  Result<void> add(std::string_view name, std::string bytes);
  // As `blobs/<hex>`. The same blob again changes nothing.
  void add_blob(std::string bytes);

  // The file's bytes: the same members give the same bytes.
  // Errors: invalid_input (a required member is missing).
  Result<std::string> finish() const;

 private:
  std::map<std::string, std::string, std::less<>> members_;
};

class Bundle {
 public:
  // Digest of the manifest: names the whole content.
  const crypto::Digest& digest() const { return digest_; }
  // In order of name, without manifest.json.
  std::vector<std::string_view> names() const;
  bool has(std::string_view name) const { return members_.contains(name); }
  // A view into the bundle. Errors: not_found.
  Result<std::string_view> get(std::string_view name) const;
  Result<std::string_view> blob(const crypto::Digest& digest) const;

 private:
  friend Result<Bundle> parse_bundle(std::string bytes, const BundleLimits& limits);

  std::unique_ptr<const std::string> bytes_;  // on the heap: the views survive a move
  std::map<std::string_view, std::string_view> members_;
  crypto::Digest digest_;
};

// Errors: tampered (any byte is not as a writer makes it), invalid_input (a limit passed).
Result<Bundle> parse_bundle(std::string bytes, const BundleLimits& limits = {});
// The same from a file. Errors: also not_found, storage_failed.
Result<Bundle> read_bundle(const std::filesystem::path& path, const BundleLimits& limits = {});

// Rows of a `.jsonl` member: one RFC 8785 value a line. Errors: invalid_input (text that is no
// UTF-8, a number that is not finite).
Result<std::string> to_json_lines(std::span<const Value> rows);
// Errors: invalid_input with the line (malformed, not canonical, no line break at the end).
Result<std::vector<Value>> parse_json_lines(std::string_view text, std::string_view name);

}  // namespace writ::evidence
