#pragma once
// What store_worker writes, for itself and for the test that looks at what is left.
#include <memory>
#include <string>
#include <vector>

#include "store/blob_store.h"
#include "store/open.h"
#include "store/store.h"

namespace writ::store {

inline constexpr int kBlobs = 6;
// Key: the blob's number; value: its digest in hex.
inline constexpr Table kBlobNames{"chaos_blob_names"};

inline std::string blob_content(int i) {
  return "blob " + std::to_string(i) + std::string(static_cast<std::size_t>(i) * 3'000, 'x');
}

inline Result<std::unique_ptr<Store>> open_blob_names(const std::string& directory) {
  WRIT_TRY(auto store, open("sqlite:" + directory + "/store.db"));
  auto migrations = blob_migrations();
  Migration names;
  names.module = "chaos";
  names.version = 1;
  names.creates = {kBlobNames};
  migrations.push_back(names);
  WRIT_CHECK(store->migrate(migrations, DryRun::no));
  return store;
}

}  // namespace writ::store
