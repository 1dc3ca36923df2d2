#include "server/iam/key_keeper.h"

#include <chrono>

namespace writ::server {

KeyKeeper::KeyKeeper(const IamServices& services)
    : services_(services), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void KeyKeeper::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    // A store that does not answer now is asked again: until then the old key is valid a little
    // longer, and nothing is lost.
    static_cast<void>(retire_keys(services_));
    std::unique_lock lock(mutex_);
    wakes_.wait_for(lock, stop, std::chrono::minutes(1), [] { return false; });
  }
}

}  // namespace writ::server
