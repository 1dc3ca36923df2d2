#pragma once
// Signals as calls. SIGINT and SIGTERM are a stop request. The first asks the command to stop,
// which ends running steps and leaves the run resumable; the second ends the process at once.
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace writ::app {

class SignalStop {
 public:
  // Blocks the signals for this thread and all that it starts: make it before any other thread.
  // Also ignores SIGPIPE, so that a closed reader is an error of writing.
  SignalStop();
  SignalStop(const SignalStop&) = delete;
  SignalStop& operator=(const SignalStop&) = delete;
  ~SignalStop();

  std::stop_token token() const { return source_.get_token(); }
  // What SIGHUP calls, on a thread of its own; without it SIGHUP is a stop request too. When this
  // returns, what was set before is not being called any more.
  void on_hangup(std::function<void()> act);

 private:
  void watch();
  void take(unsigned signal);

  std::stop_source source_;
  int signals_ = -1;  // signalfd
  int end_ = -1;      // eventfd: this object goes
  std::mutex mutex_;
  std::function<void()> on_hangup_;
  std::thread watcher_;
};

}  // namespace writ::app
