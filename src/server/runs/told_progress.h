#pragma once
// What drives have told, kept for whoever watches: the newest of each run, of the newest runs. Lost
// with the process; what counts is in the log. Thread-safe.
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/value.h"

namespace writ::server {

class ToldProgress {
 public:
  // Messages are numbered from the time at which their drive began: a cursor never means another
  // drive's messages, nor those of a server before this one. `clock` is borrowed.
  explicit ToldProgress(const Clock& clock) : clock_(clock) {}

  // Forgets what earlier drives of the run told.
  void begin(RunId run);
  void tell(RunId run, Value message);

  struct Part {
    std::vector<Value> messages;
    std::uint64_t next = 0;  // where the following ones begin
  };
  // Those from `after` on, at most `limit`; from the first where `after` is of an earlier drive.
  Part read(RunId run, std::uint64_t after, std::size_t limit) const;

 private:
  struct Kept {
    std::deque<Value> messages;
    std::uint64_t first = 0;  // number of the oldest
    std::uint64_t age = 0;
  };
  Kept& make(RunId run);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<RunId, Kept> runs_;
  std::uint64_t begun_ = 0;
};

}  // namespace writ::server
