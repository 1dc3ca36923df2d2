#pragma once
// Notices what other processes commit to the file: SQLite counts the commits of all others for
// each connection, so one that does nothing else looks at its count now and then.
//
// `begin` is thread-safe.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "store/sqlite/connection.h"
#include "store/watch_hub.h"

namespace writ::store {

class FileWatch {
 public:
  // `hub` is borrowed.
  FileWatch(std::string path, ConnectionOptions options, WatchHub& hub,
            std::chrono::milliseconds pause = std::chrono::milliseconds(25));
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  // Looks from now on, if it does not yet.
  void begin();

 private:
  void run();
  // Until it is time to stop, or nothing can be seen.
  void look(Connection& connection);
  // False when it is time to stop.
  bool rest(std::chrono::milliseconds time);

  const std::string path_;
  const ConnectionOptions options_;
  WatchHub& hub_;
  const std::chrono::milliseconds pause_;
  std::mutex mutex_;
  std::condition_variable stops_;
  bool is_stopping_ = false;
  std::once_flag begun_;
  std::thread thread_;
};

}  // namespace writ::store
