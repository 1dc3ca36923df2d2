// A program with a store and blobs: writes blob number i, then refers to it and says so in one
// transaction, for i = 0 … 5, and prints "kept i" or "failed i: error" after each.
//
//   store_worker DIRECTORY
#include <cstdio>
#include <string>

#include "base/clock.h"
#include "store/blob_store.h"
#include "store/directory/directory_blob_store.h"
#include "store/open.h"
#include "store_blobs.h"

namespace {

using namespace writ;
using namespace writ::store;

Result<void> keep(Store& store, BlobStore& blobs, int i) {
  WRIT_TRY(const BlobRef ref, blobs.put(blob_content(i)));
  return store.write([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(blobs.add_reference(tx, ref));
    return tx.put(kBlobNames, std::to_string(i), ref.digest.hex());
  });
}

Result<void> run(const std::string& directory) {
  const SystemClock clock;
  WRIT_TRY(const auto store, open_blob_names(directory));
  WRIT_TRY(const auto blobs, open_directory_blob_store(directory + "/blobs", clock));
  for (int i = 0; i < kBlobs; ++i) {
    if (const auto done = keep(*store, *blobs, i); done) {
      std::printf("kept %d\n", i);
    } else {
      std::printf("failed %d: %s\n", i, done.error().text().c_str());
    }
    std::fflush(stdout);
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto done = run(argv[1]);
  if (done) return 0;
  std::printf("failed to start: %s\n", done.error().text().c_str());
  return 9;
}
