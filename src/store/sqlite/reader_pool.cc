#include "store/sqlite/reader_pool.h"

#include <cstddef>
#include <utility>

namespace writ::store {
namespace {

// Idle connections kept; each costs a file descriptor or two and its page cache.
constexpr std::size_t kIdleLimit = 16;

}  // namespace

ReaderPool::ReaderPool(std::string path, ConnectionOptions options)
    : path_(std::move(path)), options_(std::move(options)) {}

Result<std::unique_ptr<Connection>> ReaderPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  WRIT_TRY(auto connection, Connection::open(path_, options_));
  WRIT_CHECK(connection->execute("PRAGMA query_only = ON"));
  return connection;
}

void ReaderPool::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleLimit) idle_.push_back(std::move(connection));
}

}  // namespace writ::store
