#pragma once
// Sends what the buffer holds to a service, oldest first: POST of gzipped arrays, again and again
// until it says 2xx; only then do events leave the buffer. A service may get an event twice (it
// answered, and nobody heard): `decision_id` tells.
//
// Thread-safe.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "net/client.h"
#include "server/decisions/buffer.h"
#include "server/decisions/chunk.h"
#include "server/decisions/counters.h"
#include "server/decisions/options.h"

namespace writ::server {

class DecisionUploader {
 public:
  // Everything is borrowed. `on_room` is called when events have left the buffer.
  DecisionUploader(const DecisionLogOptions& options, DecisionBuffer& buffer,
                   DecisionCounters& counters, const Clock& clock, Random& random,
                   std::function<void()> on_room);
  ~DecisionUploader();
  DecisionUploader(const DecisionUploader&) = delete;
  DecisionUploader& operator=(const DecisionUploader&) = delete;

  // Uploads on a thread of its own from now on, after a random delay between the configured ones;
  // after a failure sooner, then later and later.
  void start();
  // Ends the thread; an upload that is under way is given up.
  void stop();
  // Sends what it can in so long, without a thread.
  void send_last(std::chrono::milliseconds patience);
  // Sends all that the buffer holds. Errors: unavailable (what the service said), those of the
  // buffer.
  Result<void> send_all(const std::stop_token& stop = {});
  // Why the last upload failed; nothing when it did not.
  std::optional<Error> problem() const;

 private:
  void run(const std::stop_token& stop);
  // False when there was nothing to send.
  Result<bool> send_chunk(const std::stop_token& stop);
  Result<net::Call> call_with(std::string body) const;
  std::chrono::milliseconds delay(unsigned failures);

  const DecisionLogOptions options_;
  DecisionBuffer& buffer_;
  DecisionCounters& counters_;
  Random& random_;
  const std::function<void()> on_room_;
  net::Client client_;

  std::mutex sending_;  // one upload at a time
  ChunkEncoder encoder_;
  mutable std::mutex mutex_;
  std::condition_variable_any wakes_;
  std::optional<Error> problem_;
  std::jthread thread_;
};

}  // namespace writ::server
