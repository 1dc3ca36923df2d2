#include "store/directory/blob_writer.h"

#include <utility>

namespace writ::store {
namespace {

// Of a small blob the digest is known before there is a file, and no file is made of one that is
// there.
constexpr std::size_t kMostHeld = 64u << 10;

}  // namespace

DirectoryBlobWriter::~DirectoryBlobWriter() {
  // What cannot be removed now is litter that the collector takes.
  if (!path_.empty()) static_cast<void>(remove_file(path_));
}

Result<void> DirectoryBlobWriter::write(std::string_view bytes) {
  if (is_broken_) return fail(Code::internal, "a blob is written to after it failed or ended");
  auto done = take(bytes);
  is_broken_ = !done;
  if (!done) return done;
  digest_.update(bytes);
  size_ += bytes.size();
  return {};
}

Result<void> DirectoryBlobWriter::take(std::string_view bytes) {
  if (encoder_ == nullptr && held_.size() + bytes.size() <= kMostHeld) {
    held_ += bytes;
    return {};
  }
  WRIT_CHECK(begin_file());
  return encoder_->write(bytes, file_, path_);
}

Result<void> DirectoryBlobWriter::begin_file() {
  if (encoder_ != nullptr) return {};
  WRIT_TRY(file_, create_temporary(layout_.temporary(), path_));
  encoder_ = std::make_unique<BlobEncoder>();
  WRIT_CHECK(encoder_->write(held_, file_, path_));
  held_ = {};
  return {};
}

Result<BlobRef> DirectoryBlobWriter::finish() {
  if (std::exchange(is_broken_, true)) {
    return fail(Code::internal, "a blob is finished after it failed or ended");
  }
  const BlobRef ref{digest_.finish(), size_};
  WRIT_TRY(const bool is_there, make_young(ref));
  if (is_there) return ref;
  WRIT_CHECK(begin_file());
  WRIT_CHECK(encoder_->finish(file_, path_));
  WRIT_CHECK(sync_file(file_, path_));
  WRIT_CHECK(publish(ref.digest));
  return ref;
}

// An equal blob that is there already and reads as it should: its age tells collectors that
// somebody is about to refer to it, and its bytes need no second sync. One that does not is
// replaced.
Result<bool> DirectoryBlobWriter::make_young(const BlobRef& ref) const {
  const auto path = layout_.path_of(ref.digest);
  {
    WRIT_TRY(const File lock, layout_.lock(LockKind::shared));
    WRIT_TRY(const bool is_there, set_file_time(path, clock_.wall()));
    if (!is_there) return false;
  }
  WRIT_TRY(const auto file, open_for_reading(path));
  if (!file) return false;
  const auto look = [](std::string_view) -> Result<void> { return {}; };
  if (!decode_blob(*file, path, ref.digest, ref.size, look)) return false;
  // Whoever put it there may not have come to this yet.
  WRIT_CHECK(sync_directory(layout_.folder_of(ref.digest)));
  return true;
}

// The new file's age tells collectors likewise.
Result<void> DirectoryBlobWriter::publish(const crypto::Digest& digest) {
  WRIT_CHECK(layout_.ensure_folder(digest));
  WRIT_CHECK(set_file_time(path_, clock_.wall()));
  WRIT_TRY(const File lock, layout_.lock(LockKind::shared));
  WRIT_CHECK(rename_file(path_, layout_.path_of(digest)));
  path_.clear();
  return sync_directory(layout_.folder_of(digest));
}

}  // namespace writ::store
