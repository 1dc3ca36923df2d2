#include "store/postgres/pg_pool.h"

#include <utility>

namespace writ::store {
namespace {

using std::chrono::steady_clock;

// What lay longer is asked before it is handed out.
constexpr std::chrono::seconds kFresh{1};
// What lay longer is closed.
constexpr std::chrono::minutes kKept{5};

}  // namespace

PgPool::PgPool(PgSettings settings, std::size_t limit)
    : settings_(std::move(settings)), limit_(limit) {}

PgPool::~PgPool() = default;

PgPool::Lease::Lease(PgPool& pool, std::unique_ptr<PgConnection> connection)
    : pool_(&pool), connection_(std::move(connection)) {}

PgPool::Lease::~Lease() {
  if (connection_) pool_->give_back(std::move(connection_));
}

std::unique_ptr<PgConnection> PgPool::take_idle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (steady_clock::now() - connection->last_used() < kKept) return connection;
    --open_;
  }
  return nullptr;
}

Result<PgPool::Lease> PgPool::take(steady_clock::time_point deadline) {
  for (;;) {
    std::unique_ptr<PgConnection> connection;
    {
      std::unique_lock lock(mutex_);
      const bool has_room =
          returned_.wait_until(lock, deadline, [&] { return !idle_.empty() || open_ < limit_; });
      if (!has_room) {
        return fail(Code::unavailable,
                    "all " + std::to_string(limit_) + " connections to the database are in use");
      }
      connection = take_idle();
      if (!connection) ++open_;
    }
    if (!connection) {
      auto opened = PgConnection::open(settings_);
      if (opened) return Lease(*this, *std::move(opened));
      give_back(nullptr);
      return std::unexpected(std::move(opened).error());
    }
    if (steady_clock::now() - connection->last_used() < kFresh) {
      return Lease(*this, std::move(connection));
    }
    if (connection->is_alive()) return Lease(*this, std::move(connection));
    give_back(nullptr);  // it is gone; the next may be, too
  }
}

void PgPool::give_back(std::unique_ptr<PgConnection> connection) {
  {
    const std::lock_guard lock(mutex_);
    if (connection && connection->is_idle()) {
      idle_.push_back(std::move(connection));
    } else {
      --open_;
    }
  }
  returned_.notify_one();
}

}  // namespace writ::store
