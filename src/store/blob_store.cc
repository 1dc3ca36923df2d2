#include "store/blob_store.h"

#include <optional>
#include <utility>

#include "store/blob_references.h"

namespace writ::store {

Result<BlobRef> BlobStore::put(std::string_view bytes) {
  WRIT_TRY(const auto writer, create());
  WRIT_CHECK(writer->write(bytes));
  return writer->finish();
}

Result<void> BlobWriter::read_back(const BlobSink&) {
  return fail(Code::unsupported, "what has been written of this blob cannot be read back");
}

Result<void> BlobStore::check(Store& store, const GoOn& go_on) {
  return for_each_referenced(store, [&](const BlobRef& ref) -> Result<void> {
    std::uint64_t size = 0;
    std::optional<Error> end;
    auto done = stream(ref.digest, [&](std::string_view piece) -> Result<void> {
      size += piece.size();
      auto may_go_on = go_on ? go_on() : Result<void>{};
      if (!may_go_on) end = may_go_on.error();
      return may_go_on;
    });
    if (end) return std::unexpected(*std::move(end));
    if (!done && done.error().code != Code::not_found) return done;
    if (done && size == ref.size) return {};
    return fail(Code::tampered,
                "the blob " + ref.digest.hex() +
                    (done ? " does not have the size on record" : " is referenced but missing"),
                "Restore it from a backup or another copy of the run");
  });
}

}  // namespace writ::store
