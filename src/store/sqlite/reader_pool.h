#pragma once
// Connections for concurrent snapshot reads: opened on demand, kept for the next reader.
//
// Thread-safe.
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/sqlite/connection.h"

namespace writ::store {

class ReaderPool {
 public:
  ReaderPool(std::string path, ConnectionOptions options);

  // A connection for the caller alone; given back by `give_back` unless something is wrong with
  // it, in which case it is simply dropped.
  Result<std::unique_ptr<Connection>> take();
  void give_back(std::unique_ptr<Connection> connection);

 private:
  const std::string path_;
  const ConnectionOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace writ::store
