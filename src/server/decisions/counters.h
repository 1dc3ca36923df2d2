#pragma once
// What a decision log has done, counted. One row each: the name in /metrics and in /v1/status, and
// what it counts. Thread-safe.
#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace writ::server {

#define WRIT_DECISION_COUNTERS(X)                                                          \
  X(logged, "Events that were taken for the log.")                                         \
  X(dropped_buffer_size_limit_exceeded, "Events lost because there was no room for them.") \
  X(dropped_by_policy, "Events that the drop policy did not want.")                        \
  X(dropped_rate_limit_exceeded, "Events lost because there were too many in a second.")   \
  X(encoding_failure, "Events lost because they were larger than an upload may be.")       \
  X(mask_failure, "Events that were kept without input and result, as the mask failed.")   \
  X(nd_builtin_cache_dropped, "Events that lost their nd_builtin_cache to fit an upload.") \
  X(rotated, "Events that went to make room, where no service takes them.")                \
  X(upload_failure, "Uploads that failed and are tried again.")                            \
  X(uploaded, "Events that a service has taken.")                                          \
  X(write_failure, "Writes of the buffer that failed and are tried again.")

enum class DecisionCounter : std::uint8_t {
#define WRIT_ROW(name, help) name,
  WRIT_DECISION_COUNTERS(WRIT_ROW)
#undef WRIT_ROW
};

struct DecisionCounterRow {
  std::string_view name;
  std::string_view help;
};
inline constexpr DecisionCounterRow kDecisionCounters[] = {
#define WRIT_ROW(name, help) {#name, help},
    WRIT_DECISION_COUNTERS(WRIT_ROW)
#undef WRIT_ROW
};

class DecisionCounters {
 public:
  void add(DecisionCounter counter, std::uint64_t count = 1) {
    counts_[static_cast<std::size_t>(counter)].fetch_add(count, std::memory_order_relaxed);
  }
  std::uint64_t of(DecisionCounter counter) const {
    return counts_[static_cast<std::size_t>(counter)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, std::size(kDecisionCounters)> counts_{};
};

}  // namespace writ::server
