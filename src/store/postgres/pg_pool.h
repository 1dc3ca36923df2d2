#pragma once
// Connections for transactions that run at the same time: opened on demand, kept for the next, no
// more than the limit. One that lay idle is asked whether it still lives before it is handed out,
// so that a restarted database costs a new connection and not somebody's transaction.
//
// Thread-safe.
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "store/postgres/pg_connection.h"

namespace writ::store {

class PgPool {
 public:
  PgPool(PgSettings settings, std::size_t limit);
  ~PgPool();
  PgPool(const PgPool&) = delete;
  PgPool& operator=(const PgPool&) = delete;

  // A connection for one transaction, given back when it goes out of scope: to the pool if it is
  // fit for another one.
  class Lease {
   public:
    Lease(PgPool& pool, std::unique_ptr<PgConnection> connection);
    Lease(Lease&&) noexcept = default;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    PgConnection& operator*() const { return *connection_; }
    PgConnection* operator->() const { return connection_.get(); }

   private:
    PgPool* pool_;
    std::unique_ptr<PgConnection> connection_;
  };

  // Waits while all are in use. Errors: unavailable (all in use until `deadline`), those of
  // PgConnection::open.
  Result<Lease> take(std::chrono::steady_clock::time_point deadline);

  const PgSettings& settings() const { return settings_; }

 private:
  std::unique_ptr<PgConnection> take_idle();
  void give_back(std::unique_ptr<PgConnection> connection);

  const PgSettings settings_;
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::size_t open_ = 0;  // handed out or idle
  std::vector<std::unique_ptr<PgConnection>> idle_;
};

}  // namespace writ::store
