#include "store/sqlite/file_watch.h"

#include <utility>
#include <vector>

namespace writ::store {
namespace {

// Connection, where one fails.
constexpr std::chrono::milliseconds kBeforeAnother{1'000};

}  // namespace

FileWatch::FileWatch(std::string path, ConnectionOptions options, WatchHub& hub,
                     std::chrono::milliseconds pause)
    : path_(std::move(path)), options_(std::move(options)), hub_(hub), pause_(pause) {}

FileWatch::~FileWatch() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stops_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void FileWatch::begin() {
  std::call_once(begun_, [this] { thread_ = std::thread([this] { run(); }); });
}

// Whoever cannot look calls, so that those who watch meet the failure themselves.
void FileWatch::run() {
  do {
    const auto connection = Connection::open(path_, options_);
    if (connection) look(**connection);
    hub_.perhaps();
  } while (rest(kBeforeAnother));
}

void FileWatch::look(Connection& connection) {
  auto seen = connection.query("PRAGMA data_version");
  hub_.perhaps();  // of what came before this count
  while (seen && rest(pause_)) {
    auto now = connection.query("PRAGMA data_version");
    if (!now || *now != *seen) hub_.perhaps();
    seen = std::move(now);
  }
}

bool FileWatch::rest(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !stops_.wait_for(lock, time, [this] { return is_stopping_; });
}

}  // namespace writ::store
