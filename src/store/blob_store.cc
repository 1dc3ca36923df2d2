#include "store/blob_store.h"

namespace writ::store {

Result<BlobRef> BlobStore::put(std::string_view bytes) {
  WRIT_TRY(const auto writer, create());
  WRIT_CHECK(writer->write(bytes));
  return writer->finish();
}

}  // namespace writ::store
