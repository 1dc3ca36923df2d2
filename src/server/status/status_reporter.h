#pragma once
// Tells a service, and the console, how a server stands: at its start and whenever something has
// changed (server/opa/status.h: news_of). What the service does not take is told again, later and
// later; a newer status takes the place of one that could not be told.
//
// Thread-safe.
#include <chrono>
#include <condition_variable>
#include <functional>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "bundles/config.h"
#include "net/client.h"

namespace writ::server {

// The section `status` of a configuration.
struct StatusOptions {
  std::string service;                  // its name; empty: only the console is told
  std::string resource = "/status";     // path below the service's URL
  bundles::ServiceConfig destination;   // filled in by whoever knows `services`
  bool console = false;                 // each status as a line of JSON
  std::chrono::milliseconds look{250};  // between two looks at what has changed
};

class StatusReporter {
 public:
  struct Status {
    std::string text;  // JSON
    std::string news;  // differs when there is something to tell
  };

  // `clock`, `random` and `console` are borrowed; `console` may be null. `now` is called on the
  // reporter's thread.
  StatusReporter(StatusOptions options, std::function<Status()> now, const Clock& clock,
                 Random& random, std::ostream* console);
  ~StatusReporter();
  StatusReporter(const StatusReporter&) = delete;
  StatusReporter& operator=(const StatusReporter&) = delete;

  // From now on, on a thread of its own.
  void start();
  // Ends the thread.
  void stop();
  // Why the last status could not be told; nothing when it was.
  std::optional<Error> problem() const;

 private:
  void run(const std::stop_token& stop);
  Result<void> tell(const Status& status, const std::stop_token& stop);
  void print(const Status& status) const;

  const StatusOptions options_;
  const std::function<Status()> now_;
  const Clock& clock_;
  std::ostream* const console_;
  net::Client client_;

  mutable std::mutex mutex_;
  std::condition_variable_any wakes_;
  std::optional<Error> problem_;
  std::jthread thread_;
};

}  // namespace writ::server
