#pragma once
// The store in use: the one that was named, or where it has moved since.
#include <filesystem>
#include <string>

#include "base/result.h"
#include "project/project.h"
#include "project/store_mover.h"

namespace writ::project {

struct StorePlace {
  std::string own_url = {};             // of the project's own file; empty: there is no project
  std::filesystem::path settings = {};  // that name the other stores; need not be there
  std::filesystem::path blobs = {};     // of stores whose blobs are files
  std::string source = {};              // of events
};

// Errors: those of Means::open_store and of open_moved.
Result<OpenedStore> open_used_store(const Means& means, const std::string& url,
                                    const StorePlace& place);

}  // namespace writ::project
