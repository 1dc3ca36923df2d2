#pragma once
// How each configured bundle stands, for /v1/status, /health and /metrics. Thread-safe; readers
// get copies.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "policy/parse/policy_error.h"

namespace writ::bundles {

struct BundleStatus {
  std::string revision;  // that is active
  bool is_delta = false;
  std::uint64_t size = 0;
  std::optional<WallTime> last_request;
  std::optional<WallTime> last_successful_request;
  std::optional<WallTime> last_successful_download;
  std::optional<WallTime> last_successful_activation;
  // What went wrong last; empty once it went well again.
  std::string message;
  rego::PolicyErrors errors;
  int http_code = 0;  // of the answer that was wrong
  // How long the last one took, under OPA's names: timer_bundle_request_ns, …
  std::map<std::string, std::int64_t> timers;
  std::uint64_t loaded = 0;
  std::uint64_t failed = 0;
};

class BundleBoard {
 public:
  void add(const std::string& name);
  template <typename Change>
  void change(const std::string& name, Change&& what) {
    {
      const std::lock_guard lock(mutex_);
      std::forward<Change>(what)(rows_[name]);
    }
    changed_.notify_all();
  }
  std::map<std::string, BundleStatus> rows() const;
  // Whether each of them has been active once.
  bool is_ready() const;
  // Waits until that is so, at most `patience`; returns whether it is.
  bool wait_until_ready(std::chrono::milliseconds patience) const;

 private:
  bool are_all_active() const;  // requires the lock

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, BundleStatus> rows_;
};

}  // namespace writ::bundles
