#include "policy/shelf/bundle_shelf.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/file_lock.h"
#include "policy/bundle/bundle.h"

namespace writ::rego {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kPrivate = 0600;  // policies and data may be secret
constexpr unsigned kPrivateFolder = 0700;
constexpr std::size_t kShort = 16;  // digits of a digest in names of deltas
constexpr std::size_t kLargestOrder = std::size_t{1} << 20;
constexpr std::size_t kRefusals = 100;
constexpr std::string_view kPacked = ".tar.gz";

std::string digest_of(std::string_view bytes) { return crypto::sha256(bytes).hex(); }

struct Order {
  std::string digest;                // what was gone back to; empty: never
  std::vector<std::string> refused;  // the last ones at the end
};

Result<Order> read_order(const fs::path& path) {
  Order out;
  auto text = read_file(path, kLargestOrder);
  if (!text && text.error().code == Code::not_found) return out;
  if (!text) return std::unexpected(std::move(text).error());
  WRIT_TRY(const Value value, parse_json(*text, path.string()));
  out.digest = value.string_or("digest", "");
  const Value* const refused = value.find("refused");
  if (refused == nullptr || !refused->is_array()) {
    return fail(Code::invalid_input, path.string() + " has no array `refused`");
  }
  for (const Value& one : refused->as_array()) {
    if (one.is_string()) out.refused.push_back(one.as_string());
  }
  return out;
}

Result<void> write_order(const fs::path& path, const Order& order) {
  Array refused;
  const std::size_t skipped = order.refused.size() - std::min(order.refused.size(), kRefusals);
  for (std::size_t i = skipped; i < order.refused.size(); ++i) {
    refused.emplace_back(order.refused[i]);
  }
  return replace_file(
      path, to_json(Object{{"digest", order.digest}, {"refused", std::move(refused)}}), kPrivate);
}

bool contains(const std::vector<std::string>& list, const std::string& one) {
  return std::ranges::find(list, one) != list.end();
}

Result<std::string> revision_of(std::string_view bytes) {
  WRIT_TRY(const std::vector<ArchiveFile> files, read_archive(bytes));
  for (const ArchiveFile& file : files) {
    if (file.path != ".manifest") continue;
    WRIT_TRY(const Manifest manifest, parse_manifest(file.bytes));
    return manifest.revision;
  }
  return std::string();
}

}  // namespace

BundleShelf::BundleShelf(const fs::path& directory, std::string name, std::uint64_t size_limit)
    : directory_(directory / "bundles" / name), name_(std::move(name)), size_limit_(size_limit) {}

fs::path BundleShelf::delta(std::string_view digest, std::size_t number) const {
  return directory_ / (std::string(digest.substr(0, kShort)) + "." + std::to_string(number) +
                       ".delta" + std::string(kPacked));
}

Result<std::string> BundleShelf::read(const fs::path& file) const {
  return read_file(file, size_limit_);
}

// The oldest first. What has another name is not ours.
std::vector<BundleShelf::File> BundleShelf::kept() const {
  std::vector<File> out;
  std::error_code error;  // no folder: nothing is kept
  for (fs::directory_iterator at(directory_ / "kept", error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    const std::size_t dash = name.find('-');
    if (dash == std::string::npos || !name.ends_with(kPacked)) continue;
    File file;
    file.path = at->path();
    file.digest = name.substr(dash + 1, name.size() - dash - 1 - kPacked.size());
    const auto [rest, bad] = std::from_chars(name.data(), name.data() + dash, file.number);
    if (bad == std::errc() && rest == name.data() + dash) out.push_back(std::move(file));
  }
  std::ranges::sort(out, {}, &File::number);
  return out;
}

Result<std::vector<std::string>> BundleShelf::deltas_of(const std::string& digest) const {
  std::vector<std::string> out;
  for (std::size_t number = 1; number <= kDeltas; ++number) {
    auto bytes = read(delta(digest, number));
    if (!bytes && bytes.error().code == Code::not_found) break;
    if (!bytes) return std::unexpected(std::move(bytes).error());
    out.push_back(*std::move(bytes));
  }
  return out;
}

Result<std::optional<BundleShelf::Held>> BundleShelf::load() const {
  auto bytes = read(current());
  if (!bytes && bytes.error().code == Code::not_found) return std::optional<Held>();
  if (!bytes) return std::unexpected(std::move(bytes).error());
  Held held{*std::move(bytes), {}};
  WRIT_TRY(const Order order, read_order(order_path()));
  if (contains(order.refused, digest_of(held.bytes))) {
    // Who went back died before the last step.
    for (const File& file : kept()) {
      if (file.digest != order.digest) continue;
      WRIT_TRY(held.bytes, read(file.path));
    }
  }
  WRIT_TRY(held.deltas, deltas_of(digest_of(held.bytes)));
  return std::optional(std::move(held));
}

// Among the good ones, as the newest.
Result<void> BundleShelf::file_away(std::string_view bytes, const std::string& digest) {
  const std::vector<File> files = kept();
  if (!files.empty() && files.back().digest == digest) return {};
  const std::uint64_t number = files.empty() ? 1 : files.back().number + 1;
  const fs::path folder = directory_ / "kept";
  WRIT_CHECK(make_directory(folder, kPrivateFolder));
  return replace_file(folder / (std::to_string(number) + "-" + digest + std::string(kPacked)),
                      bytes, kPrivate);
}

// Files that nobody reads any more; one that cannot be removed is tried again next time.
void BundleShelf::prune(const std::string& digest) const {
  std::error_code ignored;
  std::set<std::string> seen;
  const std::vector<File> files = kept();
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    const bool is_new = seen.size() < kRevisions && seen.insert(file->digest).second;
    if (!is_new) fs::remove(file->path, ignored);
  }
  const std::string ours = digest.substr(0, kShort) + ".";
  std::vector<fs::path> stale;
  for (const fs::path& folder : {directory_, directory_ / "kept"}) {
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end;
         at.increment(ignored)) {
      const std::string name = at->path().filename().string();
      const bool is_other_delta = name.ends_with(".delta.tar.gz") && !name.starts_with(ours);
      // What a process was writing when it died: nobody else writes here now.
      const bool is_litter = name.starts_with(".tmp-");
      if (is_other_delta || is_litter) stale.push_back(at->path());
    }
  }
  for (const fs::path& path : stale) fs::remove(path, ignored);
}

Result<void> BundleShelf::keep(std::string_view bytes) {
  WRIT_CHECK(make_directory(directory_, kPrivateFolder));
  WRIT_TRY(const crypto::FileLock lock, crypto::FileLock::acquire(directory_ / "lock"));
  const std::string digest = digest_of(bytes);
  WRIT_CHECK(file_away(bytes, digest));
  WRIT_CHECK(replace_file(current(), bytes, kPrivate));
  prune(digest);
  return {};
}

Result<void> BundleShelf::keep_delta(std::string_view bytes) {
  WRIT_CHECK(make_directory(directory_, kPrivateFolder));
  WRIT_TRY(const crypto::FileLock lock, crypto::FileLock::acquire(directory_ / "lock"));
  WRIT_TRY(const std::string base, read(current()));
  const std::string digest = digest_of(base);
  std::error_code ignored;
  for (std::size_t number = 1; number <= kDeltas; ++number) {
    const fs::path path = delta(digest, number);
    if (!fs::exists(path, ignored)) return replace_file(path, bytes, kPrivate);
  }
  return fail(Code::overloaded, "bundle \"" + name_ + "\" has " + std::to_string(kDeltas) +
                                    " deltas, and a snapshot is due");
}

Result<std::vector<KeptRevision>> BundleShelf::revisions() const {
  std::vector<KeptRevision> out;
  WRIT_TRY(const Order order, read_order(order_path()));
  WRIT_TRY(const std::optional<Held> held, load());
  const std::string digest = held ? digest_of(held->bytes) : std::string();
  for (const File& file : kept()) {
    WRIT_TRY(const std::string bytes, read(file.path));
    KeptRevision& row = out.emplace_back();
    WRIT_TRY(row.revision, revision_of(bytes));
    row.digest = file.digest;
    row.number = file.number;
    row.is_current = file.digest == digest;
    row.is_refused = contains(order.refused, file.digest);
  }
  std::ranges::reverse(out);
  return out;
}

Result<KeptRevision> BundleShelf::roll_back(const std::optional<std::string>& revision) {
  std::error_code ignored;
  if (!fs::is_directory(directory_, ignored)) {
    return fail(Code::not_found, "nothing is kept of bundle \"" + name_ + "\"",
                "Bundles with `persist: true` are kept in the persistence directory");
  }
  WRIT_TRY(const crypto::FileLock lock, crypto::FileLock::acquire(directory_ / "lock"));
  WRIT_TRY(const std::vector<KeptRevision> all, revisions());
  const auto current_one = std::ranges::find(all, true, &KeptRevision::is_current);
  const auto target = std::find_if(
      revision || current_one == all.end() ? all.begin() : current_one, all.end(),
      [&](const KeptRevision& row) {
        return !row.is_current && (revision ? row.revision == *revision : !row.is_refused);
      });
  if (target == all.end()) {
    return fail(Code::not_found,
                "no " + (revision ? "other revision \"" + *revision + "\"" : "older revision") +
                    " of bundle \"" + name_ + "\" is kept",
                "`writ policy rollback NAME --list` shows what there is");
  }
  WRIT_TRY(Order order, read_order(order_path()));
  std::erase(order.refused, target->digest);
  for (auto newer = all.begin(); newer != target; ++newer) {
    if (newer->digest != target->digest && !newer->is_refused) {
      order.refused.push_back(newer->digest);
    }
  }
  order.digest = target->digest;
  const auto files = kept();
  const auto file = std::ranges::find(files, target->number, &File::number);
  WRIT_TRY(const std::string bytes, read(file->path));
  WRIT_CHECK(write_order(order_path(), order));
  WRIT_CHECK(replace_file(current(), bytes, kPrivate));
  KeptRevision chosen = *target;
  chosen.is_current = true;
  chosen.is_refused = false;
  return chosen;
}

Result<std::set<std::string>> BundleShelf::refused() const {
  WRIT_TRY(const Order order, read_order(order_path()));
  return std::set<std::string>(order.refused.begin(), order.refused.end());
}

std::string BundleShelf::roll_back_stamp() const {
  std::error_code error;
  const auto time = fs::last_write_time(order_path(), error);
  if (error) return {};
  return std::to_string(time.time_since_epoch().count()) + "/" +
         std::to_string(fs::file_size(order_path(), error));
}

}  // namespace writ::rego
