#include "store/blob_store.h"

#include "store/blob_references.h"

namespace writ::store {

Result<BlobRef> BlobStore::put(std::string_view bytes) {
  WRIT_TRY(const auto writer, create());
  WRIT_CHECK(writer->write(bytes));
  return writer->finish();
}

Result<void> BlobStore::check(Store& store) {
  return for_each_referenced(store, [&](const BlobRef& ref) -> Result<void> {
    std::uint64_t size = 0;
    auto done = stream(ref.digest, [&](std::string_view piece) -> Result<void> {
      size += piece.size();
      return {};
    });
    if (!done && done.error().code != Code::not_found) return done;
    if (done && size == ref.size) return {};
    return fail(Code::tampered,
                "the blob " + ref.digest.hex() +
                    (done ? " does not have the size on record" : " is referenced but missing"),
                "Restore it from a backup or another copy of the run");
  });
}

}  // namespace writ::store
