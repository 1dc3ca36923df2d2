#pragma once
// Decision logging of one server, whole: the buffer, who writes it, who uploads it, and what they
// say of themselves.
//
// Thread-safe. Goes after the server whose threads record.
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "policy/fabric/session.h"
#include "policy/term/arena.h"
#include "policy/term/term.h"
#include "server/decisions/buffer.h"
#include "server/decisions/counters.h"
#include "server/decisions/decision_log.h"
#include "server/decisions/options.h"
#include "server/decisions/recorder.h"
#include "server/decisions/uploader.h"

namespace writ::server {

class Decisions {
 public:
  // Opens the buffer and begins to upload what an earlier process has left there. `labels`: with id
  // and version. The rest is borrowed. Errors: those of the store; invalid_input (no URL for the
  // service).
  static Result<std::unique_ptr<Decisions>> open(DecisionLogOptions options,
                                                 const std::map<std::string, std::string>& labels,
                                                 const Clock& clock, Random& random,
                                                 const DecisionLogStreams& streams);
  // Writes what is queued; what would go with this process is uploaded once more.
  ~Decisions();
  Decisions(const Decisions&) = delete;
  Decisions& operator=(const Decisions&) = delete;

  // For one thread that makes decisions.
  std::unique_ptr<DecisionRecorder> make_recorder(const rego::Fabric& fabric,
                                                  const rego::Services& services);
  DecisionLog& log() { return *log_; }
  const DecisionLogOptions& options() const { return options_; }
  const Clock& clock() const { return clock_; }
  std::string make_id() { return make_decision_id(random_); }
  // Of the next request.
  std::uint64_t next_number() { return numbers_.fetch_add(1, std::memory_order_relaxed) + 1; }

  // What /v1/status says: OK, or ERROR with a message; the counters.
  rego::Term plugin_state(rego::Arena& arena) const;
  rego::Term status(rego::Arena& arena) const;
  // In the text format of Prometheus.
  std::string metrics_text() const;

 private:
  Decisions(DecisionLogOptions options, const Clock& clock, Random& random);
  std::string problem() const;

  const DecisionLogOptions options_;
  const Clock& clock_;
  Random& random_;
  std::string labels_;  // JSON
  DecisionCounters counters_;
  std::atomic<std::uint64_t> numbers_{0};
  bool outlives_process_ = false;  // what the buffer holds
  // In the order in which they need each other.
  std::unique_ptr<DecisionBuffer> buffer_;
  std::unique_ptr<DecisionLog> log_;
  std::unique_ptr<DecisionUploader> uploader_;
};

}  // namespace writ::server
