#pragma once
// How servers on one database hear of each other's commits. Who commits rings: a notification
// behind the commit, in the same round trip but in a transaction of its own, because PostgreSQL
// lets transactions that notify commit only one after the other, sync and all. Who watches
// listens, on a connection of its own.
//
// A bell can be missed: by who was not connected, or when a server dies right behind its commit.
// So each new connection counts as a call, and so does every five seconds. Where the database has
// no LISTEN (CockroachDB), every quarter of a second does.
//
// Thread-safe.
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "store/postgres/pg_connection.h"
#include "store/tables_written.h"
#include "store/watch_hub.h"

namespace writ::store {

struct BellSettings {
  std::string listen = "LISTEN writ_changed";
  // The longest that somebody who watches goes without a call.
  std::chrono::milliseconds round{5'000};
  // The same where the database cannot tell.
  std::chrono::milliseconds unheard_round{250};
};

class PgBell {
 public:
  // `hub` is borrowed.
  PgBell(const PgSettings& settings, WatchHub& hub, BellSettings bell = {});
  ~PgBell();
  PgBell(const PgBell&) = delete;
  PgBell& operator=(const PgBell&) = delete;

  // Queues the news of a commit behind it.
  void ring(PgConnection& connection, const TablesWritten& tables) const;
  // Begins to listen, if it does not yet.
  void listen();

 private:
  void run();
  // Until the connection is lost or it is time to stop.
  void listen_on(PgConnection& connection);
  // The same without a connection.
  void call_now_and_then();
  void tell(std::string_view news);
  // Until it is time to stop, if that comes first.
  void pause(std::chrono::milliseconds time) const;

  const PgSettings settings_;
  const BellSettings bell_;
  WatchHub& hub_;
  // Of this store: what it rings itself it has told already.
  const std::string name_;
  std::atomic<bool> is_stopping_ = false;
  const int stop_;  // a file descriptor that can be read once it is time to stop
  std::once_flag begun_;
  std::thread thread_;
};

}  // namespace writ::store
