#include "store/directory/directory_blob_store.h"

#include <limits>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/blob_references.h"
#include "store/directory/blob_file.h"
#include "store/directory/blob_layout.h"
#include "store/directory/blob_writer.h"
#include "store/directory/posix_file.h"

namespace writ::store {
namespace {

using Sink = std::function<Result<void>(std::string_view)>;
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::unexpected<Error> no_such_blob(const crypto::Digest& digest) {
  return fail(Code::not_found, "there is no blob " + digest.hex());
}

class DirectoryBlobStore final : public BlobStore {
 public:
  DirectoryBlobStore(std::filesystem::path directory, const Clock& clock,
                     DirectoryBlobOptions options)
      : layout_(std::move(directory)), clock_(clock), options_(options) {}

  Result<void> create_directories() { return layout_.create(); }

  Result<std::unique_ptr<BlobWriter>> create() override {
    return std::make_unique<DirectoryBlobWriter>(layout_, clock_);
  }
  Result<std::string> read(const crypto::Digest& digest, std::uint64_t max_bytes) override;
  Result<void> stream(const crypto::Digest& digest, const Sink& sink) override {
    return decode(digest, kNoLimit, sink);
  }
  Result<bool> contains(const crypto::Digest& digest) override;
  Result<void> add_reference(Tx& tx, const BlobRef& ref) override;
  Result<void> drop_reference(Tx& tx, const BlobRef& ref) override;
  Result<std::uint64_t> collect_garbage(Store& store) override;

 private:
  Result<void> decode(const crypto::Digest& digest, std::uint64_t max_bytes, const Sink& sink);
  Result<std::uint64_t> collect_in(const std::filesystem::path& folder, Store& store);
  Result<std::uint64_t> collect_blob(const std::filesystem::path& path, Store& store);
  Result<std::uint64_t> collect_temporary(const std::filesystem::path& path);
  bool is_young(const FileStatus& status) const;

  BlobLayout layout_;
  const Clock& clock_;
  const DirectoryBlobOptions options_;
};

Result<void> DirectoryBlobStore::decode(const crypto::Digest& digest, std::uint64_t max_bytes,
                                        const Sink& sink) {
  const auto path = layout_.path_of(digest);
  WRIT_TRY(const auto file, open_for_reading(path));
  if (!file) return no_such_blob(digest);
  return decode_blob(*file, path, digest, max_bytes, sink);
}

Result<std::string> DirectoryBlobStore::read(const crypto::Digest& digest,
                                             std::uint64_t max_bytes) {
  std::string out;
  WRIT_CHECK(decode(digest, max_bytes, [&](std::string_view piece) -> Result<void> {
    out += piece;
    return {};
  }));
  return out;
}

Result<bool> DirectoryBlobStore::contains(const crypto::Digest& digest) {
  WRIT_TRY(const auto status, status_of(layout_.path_of(digest)));
  return status.has_value();
}

// A blob that nobody refers to may be as old as the hills. Made young under the lock it is either
// gone already, and the transaction fails, or safe until the transaction is over.
Result<void> DirectoryBlobStore::add_reference(Tx& tx, const BlobRef& ref) {
  WRIT_TRY(const std::uint64_t before, count_up(tx, ref));
  if (before != 0) return {};
  WRIT_TRY(const File lock, layout_.lock(LockKind::shared));
  WRIT_TRY(const bool is_there, set_file_time(layout_.path_of(ref.digest), clock_.wall()));
  if (!is_there) return no_such_blob(ref.digest);
  return {};
}

Result<void> DirectoryBlobStore::drop_reference(Tx& tx, const BlobRef& ref) {
  WRIT_CHECK(count_down(tx, ref));
  return {};
}

bool DirectoryBlobStore::is_young(const FileStatus& status) const {
  const auto grace = std::chrono::microseconds(options_.grace).count();
  return clock_.wall().micros - status.modified.micros < grace;
}

Result<std::uint64_t> DirectoryBlobStore::collect_blob(const std::filesystem::path& path,
                                                       Store& store) {
  const auto digest = digest_of_name(path);
  if (!digest) return 0;  // somebody else's file
  WRIT_TRY(const auto glance, status_of(path));
  if (!glance || is_young(*glance)) return 0;
  WRIT_TRY(const bool is_used, store.read([&](Tx& tx) { return is_referenced(tx, *digest); }));
  if (is_used) return 0;
  // Whoever refers to it from now on makes it young first, or finds it gone.
  WRIT_TRY(const File lock, layout_.lock(LockKind::exclusive));
  WRIT_TRY(const auto status, status_of(path));
  if (!status || is_young(*status)) return 0;
  WRIT_TRY(const bool is_removed, remove_file(path));
  return is_removed ? status->size : 0;
}

// Left behind by a process that died. A living writer holds a lock on its file.
Result<std::uint64_t> DirectoryBlobStore::collect_temporary(const std::filesystem::path& path) {
  WRIT_TRY(const auto status, status_of(path));
  if (!status || is_young(*status)) return 0;
  WRIT_TRY(const bool is_written_to, is_locked(path));
  if (is_written_to) return 0;
  WRIT_TRY(const bool is_removed, remove_file(path));
  return is_removed ? status->size : 0;
}

Result<std::uint64_t> DirectoryBlobStore::collect_in(const std::filesystem::path& folder,
                                                     Store& store) {
  const bool is_temporary = folder == layout_.temporary();
  std::uint64_t freed = 0;
  std::error_code cause;
  std::filesystem::directory_iterator entry(folder, cause);
  for (; !cause && entry != std::filesystem::directory_iterator(); entry.increment(cause)) {
    WRIT_TRY(const std::uint64_t bytes,
             is_temporary ? collect_temporary(entry->path()) : collect_blob(entry->path(), store));
    freed += bytes;
  }
  if (cause) return io_failure("list", folder, cause.value());
  return freed;
}

Result<std::uint64_t> DirectoryBlobStore::collect_garbage(Store& store) {
  WRIT_TRY(std::uint64_t freed, collect_in(layout_.temporary(), store));
  for (int first = 0; first < 256; ++first) {
    crypto::Digest any;
    any.bytes[0] = static_cast<std::uint8_t>(first);
    const auto folder = layout_.folder_of(any);
    WRIT_TRY(const auto status, status_of(folder));
    if (!status) continue;
    WRIT_TRY(const std::uint64_t bytes, collect_in(folder, store));
    freed += bytes;
  }
  return freed;
}

}  // namespace

Result<std::unique_ptr<BlobStore>> open_directory_blob_store(std::filesystem::path directory,
                                                             const Clock& clock,
                                                             DirectoryBlobOptions options) {
  auto store = std::make_unique<DirectoryBlobStore>(std::move(directory), clock, options);
  WRIT_CHECK(store->create_directories());
  return store;
}

}  // namespace writ::store
