#pragma once
// How decisions are logged: the section `decision_logs` of a configuration, in OPA's form, with
// Writ's own `buffer` beside it.
//
//   decision_logs:
//     service: control            # one of `services`; absent: kept here only
//     partition_name: eu
//     mask_decision: /system/log/mask
//     reporting: {min_delay_seconds: 5, max_delay_seconds: 30}
//     buffer: {store: "sqlite:/var/lib/writ/decisions.db", flush: each}
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace writ::server {

// Where events go. What the configuration says of a service under `services`.
struct LogService {
  std::string url;  // "https://control.example.org/v1"; empty: nowhere
  std::vector<std::pair<std::string, std::string>> headers;
  std::string bearer_token;       // empty: none
  std::string bearer_token_path;  // read anew for each upload; wins over bearer_token
  std::chrono::milliseconds timeout{10'000};
  std::string ca_file;  // PEM; empty: the system's
};

struct ReportingOptions {
  std::chrono::milliseconds min_delay{300'000};
  std::chrono::milliseconds max_delay{600'000};
  std::size_t upload_bytes = 32'768;  // of one compressed chunk
  // What the buffer may hold that no service has taken yet.
  std::uint64_t buffer_bytes = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t buffer_events = std::numeric_limits<std::uint64_t>::max();
  double decisions_per_second = 0;  // 0: as many as there are
};

// When an answer may leave.
enum class Flush : std::uint8_t {
  interval,  // at once; a crash loses the events of at most one interval
  each,      // when its event is durable
};
// What becomes of a decision for whose event there is no room.
enum class WhenFull : std::uint8_t {
  block,  // it waits, at last it is refused
  drop,   // it is answered, its event is counted as dropped
};

struct BufferOptions {
  // URL of a store; empty: events are kept in memory until they are uploaded or printed.
  std::string store;
  Flush flush = Flush::interval;
  std::chrono::milliseconds flush_interval{100};
  std::size_t queue_bytes = std::size_t{64} << 20;  // in memory, on their way to the store
  WhenFull when_full = WhenFull::block;
};

struct DecisionLogOptions {
  std::string service;     // its name; empty: none
  std::string resource;    // path below the service's URL: "/logs", "/logs/eu"
  LogService destination;  // filled in by whoever knows `services`
  std::vector<std::string> mask_decision{"system", "log", "mask"};
  std::vector<std::string> drop_decision{"system", "log", "drop"};
  std::vector<std::string> headers;  // of requests that events tell
  bool console = false;              // each event as a line of JSON
  bool nd_builtin_cache = false;     // the configuration's own member of that name
  ReportingOptions reporting;
  BufferOptions buffer;
};

// Reads the section; `file` is what diagnostics name. Errors: invalid_input with a diagnostic for
// each unknown key ("did you mean") and each value that cannot be meant.
Result<DecisionLogOptions> read_decision_log_options(const Value& section, std::string_view file);

}  // namespace writ::server
