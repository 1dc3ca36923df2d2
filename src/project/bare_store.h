#pragma once
// A store that belongs to no project: of servers that share a database and stand in no repository.
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/ledger.h"
#include "project/project.h"
#include "store/blob_store.h"
#include "store/store.h"

namespace writ::project {

struct BareStore {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::BlobStore> blobs;
  std::unique_ptr<ledger::Ledger> ledger;  // that was there, or one with a name of its own
  std::string source = "writ:server";      // of its events
};

// Opens and migrates. `directory`: of the files of a server; blobs that are files stand in `blobs`
// below it. Errors: those of the store.
Result<BareStore> open_bare_store(const Means& means, std::string_view url,
                                  const std::filesystem::path& directory);

}  // namespace writ::project
