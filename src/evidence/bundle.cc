#include "evidence/bundle.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/json.h"
#include "contract/canonical.h"
#include "evidence/ustar.h"

namespace writ::evidence {
namespace {

constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kBlobs = "blobs/";

// docs/formats/bundle.md lists them too; a test compares.
constexpr std::array kMembers{
    BundleMember{"attestation.dsse.json", Need::optional, "the final attestation, signed"},
    BundleMember{"checkpoint", Need::optional, "the ledger's signed head that covers the run"},
    BundleMember{"decisions.jsonl", Need::required, "every gate's decision with table and facts"},
    BundleMember{"events.jsonl", Need::required, "the run's events as CloudEvents, by seq"},
    BundleMember{"evidence.jsonl", Need::required, "every evidence record"},
    BundleMember{"keys.json", Need::optional, "public keys that are named anywhere"},
    BundleMember{"plan.json", Need::required, "the plan, whole"},
    BundleMember{"receipts.jsonl", Need::optional, "inclusion proof of each event"},
    BundleMember{"run.json", Need::required, "the rows of the run and its steps"},
    BundleMember{"statements.jsonl", Need::optional, "signed statements: approvals and their like"},
    BundleMember{"tree.jsonl", Need::optional, "path, mode and digest of every file of the tree"},
    BundleMember{"trust.yaml", Need::optional, "the trust file at the base revision"},
};

std::unexpected<Error> tampered(std::string message) {
  return fail(Code::tampered, std::move(message),
              "This is not the file that was exported: get it again from where it was made");
}

Result<crypto::Digest> blob_digest(std::string_view name) {
  name.remove_prefix(kBlobs.size());
  WRIT_TRY(const crypto::Digest digest, crypto::Digest::parse_hex(name));
  if (digest.hex() != name) return fail(Code::invalid_input, "not a blob's name");
  return digest;
}

bool is_known(std::string_view name) {
  if (name.starts_with(kBlobs)) return blob_digest(name).has_value();
  return std::any_of(kMembers.begin(), kMembers.end(),
                     [&](const BundleMember& member) { return member.name == name; });
}

template <typename Map>
std::string_view first_missing(const Map& members) {
  for (const BundleMember& member : kMembers) {
    if (member.need == Need::required && !members.contains(member.name)) return member.name;
  }
  return {};
}

Value manifest_row(std::string_view name, std::string_view bytes) {
  return Object{{"name", name}, {"sha256", crypto::sha256(bytes).hex()}, {"size", bytes.size()}};
}

template <typename Map>
std::string manifest_of(const Map& members) {
  Array list;
  for (const auto& [name, bytes] : members) list.push_back(manifest_row(name, bytes));
  const auto manifest =
      contract::canonical_json(Object{{"format", kBundleFormat}, {"members", std::move(list)}});
  WRIT_ASSERT(manifest.has_value());  // names are ASCII
  return *manifest;
}

// The members after the manifest: known names in ascending order, blobs as their names say.
Result<std::map<std::string_view, std::string_view>> collect(std::span<const TarMember> rest) {
  std::map<std::string_view, std::string_view> members;
  std::string_view last;
  for (const TarMember& member : rest) {
    const std::string shown(member.name);
    if (!is_known(member.name)) return tampered("a bundle has no member `" + shown + "`");
    if (member.name <= last) return tampered("member `" + shown + "` comes twice or out of order");
    if (member.name.starts_with(kBlobs) && crypto::sha256(member.bytes) != *blob_digest(shown)) {
      return tampered("`" + shown + "` does not have the digest that it is named by");
    }
    last = member.name;
    members.emplace(member.name, member.bytes);
  }
  return members;
}

// How `manifest`, which is not what follows from the members, differs: the first member that it
// does not list as it is.
template <typename Map>
std::string disagreement(const Map& members, std::string_view manifest) {
  for (const auto& [name, bytes] : members) {
    const auto row = contract::canonical_json(manifest_row(name, bytes));
    WRIT_ASSERT(row.has_value());  // names are ASCII
    if (manifest.find(*row) == std::string_view::npos) {
      return "`" + std::string(name) + "` is not what the manifest says";
    }
  }
  return "the manifest and the members disagree";
}

}  // namespace

std::span<const BundleMember> bundle_members() { return kMembers; }

Result<void> BundleWriter::add(std::string_view name, std::string bytes) {
  if (!is_known(name) || name.starts_with(kBlobs)) {
    return fail(Code::invalid_input, "a bundle has no member `" + std::string(name) + "`");
  }
  if (!members_.emplace(name, std::move(bytes)).second) {
    return fail(Code::conflict, "`" + std::string(name) + "` is in the bundle already");
  }
  return {};
}

void BundleWriter::add_blob(std::string bytes) {
  const std::string name = std::string(kBlobs) + crypto::sha256(bytes).hex();
  members_.emplace(name, std::move(bytes));
}

Result<std::string> BundleWriter::finish() const {
  if (const std::string_view missing = first_missing(members_); !missing.empty()) {
    return fail(Code::invalid_input, "the bundle lacks `" + std::string(missing) + "`");
  }
  const std::string manifest = manifest_of(members_);
  std::vector<TarMember> list{{kManifest, manifest}};
  for (const auto& [name, bytes] : members_) list.push_back({name, bytes});
  return write_tar(list);
}

std::vector<std::string_view> Bundle::names() const {
  std::vector<std::string_view> names;
  names.reserve(members_.size());
  for (const auto& [name, bytes] : members_) names.push_back(name);
  return names;
}

Result<std::string_view> Bundle::get(std::string_view name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) {
    return fail(Code::not_found, "the bundle has no `" + std::string(name) + "`");
  }
  return found->second;
}

Result<std::string_view> Bundle::blob(const crypto::Digest& digest) const {
  return get(std::string(kBlobs) + digest.hex());
}

Result<Bundle> parse_bundle(std::string bytes, const BundleLimits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return fail(Code::invalid_input,
                "the bundle is larger than " + std::to_string(limits.max_bytes) + " bytes");
  }
  Bundle bundle;
  bundle.bytes_ = std::make_unique<const std::string>(std::move(bytes));
  WRIT_TRY(const auto members, read_tar(*bundle.bytes_, limits.max_members));
  if (members.empty() || members.front().name != kManifest) {
    return tampered("the file does not begin with a manifest");
  }
  WRIT_TRY(bundle.members_, collect(std::span(members).subspan(1)));
  if (const std::string_view missing = first_missing(bundle.members_); !missing.empty()) {
    return tampered("the bundle lacks `" + std::string(missing) + "`");
  }
  // The manifest follows from the members, byte for byte.
  if (manifest_of(bundle.members_) != members.front().bytes) {
    return tampered(disagreement(bundle.members_, members.front().bytes));
  }
  bundle.digest_ = crypto::sha256(members.front().bytes);
  return bundle;
}

Result<Bundle> read_bundle(const std::filesystem::path& path, const BundleLimits& limits) {
  WRIT_TRY(std::string bytes, read_file(path, limits.max_bytes));
  return parse_bundle(std::move(bytes), limits);
}

Result<std::string> to_json_lines(std::span<const Value> rows) {
  std::string out;
  for (const Value& row : rows) {
    WRIT_TRY(const std::string line, contract::canonical_json(row));
    out += line + "\n";
  }
  return out;
}

Result<std::vector<Value>> parse_json_lines(std::string_view text, std::string_view name) {
  std::vector<Value> rows;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string where = std::string(name) + " line " + std::to_string(rows.size() + 1);
    if (end == std::string_view::npos) return fail(Code::invalid_input, where + " is cut off");
    const std::string_view line = text.substr(0, end);
    WRIT_TRY(Value row, parse_json(line, where));
    WRIT_TRY(const std::string canonical, contract::canonical_json(row));
    if (canonical != line) return fail(Code::invalid_input, where + " is not canonical JSON");
    rows.push_back(std::move(row));
    text.remove_prefix(end + 1);
  }
  return rows;
}

}  // namespace writ::evidence
