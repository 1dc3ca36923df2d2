#include "store/directory/blob_writer.h"

#include <utility>

namespace writ::store {

Result<std::unique_ptr<BlobWriter>> DirectoryBlobWriter::create(BlobLayout& layout,
                                                                const Clock& clock) {
  std::unique_ptr<DirectoryBlobWriter> out(new DirectoryBlobWriter(layout, clock));
  WRIT_TRY(out->file_, create_temporary(layout.temporary(), out->path_));
  return out;
}

DirectoryBlobWriter::~DirectoryBlobWriter() {
  // What cannot be removed now is litter that the collector takes.
  if (!path_.empty()) static_cast<void>(remove_file(path_));
}

Result<void> DirectoryBlobWriter::write(std::string_view bytes) {
  if (is_broken_) return fail(Code::internal, "a blob is written to after it failed or ended");
  auto done = encoder_.write(bytes, file_, path_);
  is_broken_ = !done;
  if (!done) return done;
  digest_.update(bytes);
  size_ += bytes.size();
  return {};
}

Result<BlobRef> DirectoryBlobWriter::finish() {
  if (std::exchange(is_broken_, true)) {
    return fail(Code::internal, "a blob is finished after it failed or ended");
  }
  WRIT_CHECK(encoder_.finish(file_, path_));
  WRIT_CHECK(sync_file(file_, path_));
  const BlobRef ref{digest_.finish(), size_};
  WRIT_CHECK(publish(ref.digest));
  return ref;
}

// Replaces an equal blob that is there already: the new file's age tells collectors that somebody
// is about to refer to it.
Result<void> DirectoryBlobWriter::publish(const crypto::Digest& digest) {
  WRIT_CHECK(layout_.ensure_folder(digest));
  WRIT_CHECK(set_file_time(path_, clock_.wall()));
  WRIT_TRY(const File lock, layout_.lock(LockKind::shared));
  WRIT_CHECK(rename_file(path_, layout_.path_of(digest)));
  path_.clear();
  return sync_directory(layout_.folder_of(digest));
}

}  // namespace writ::store
