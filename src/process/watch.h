#pragma once
// Sees one launched command through to its end: output, timeout, cancellation, report.
#include <chrono>
#include <optional>
#include <stop_token>

#include "process/capture.h"
#include "process/command.h"
#include "process/launch.h"

namespace writ::process {

class Watch {
 public:
  // All borrowed. `stop_event` becomes readable when the command is to be cancelled.
  Watch(Launched& launched, const Command& command, Capture& capture, int stop_event);

  // Orders `go` and returns when the trampoline is gone. Blocking.
  void run();

  // The last report; nothing where the trampoline was ended before it could give one.
  const std::optional<Report>& report() const { return report_; }
  // What we ended it for, if we did, and the signal we sent last.
  std::optional<Ending> reason() const { return reason_; }
  int signal_sent() const { return signal_sent_; }
  std::chrono::milliseconds elapsed() const { return elapsed_; }

 private:
  enum class Phase : std::uint8_t { running, terminating, killing, destroyed };
  using Time = std::chrono::steady_clock::time_point;

  void wait_and_read();
  void on_control();
  void on_deadline();
  void end(Ending reason);
  void kill();
  void destroy();

  Launched& launched_;
  const Command& command_;
  Capture& capture_;
  int stop_event_;
  Phase phase_ = Phase::running;
  std::optional<Time> deadline_;
  std::optional<Report> report_;
  std::optional<Ending> reason_;
  int signal_sent_ = 0;
  bool is_over_ = false;
  std::chrono::milliseconds elapsed_{0};
};

}  // namespace writ::process
