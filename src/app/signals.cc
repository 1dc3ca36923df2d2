#include "app/signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace writ::app {
namespace {

constexpr int kCancelled = 130;  // base/error_table.h: cancelled

}  // namespace

SignalStop::SignalStop() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGINT);
  ::sigaddset(&wanted, SIGTERM);
  ::sigaddset(&wanted, SIGHUP);
  end_ = ::eventfd(0, EFD_CLOEXEC);
  signals_ = ::signalfd(-1, &wanted, SFD_CLOEXEC);
  // Without descriptors the signals keep their usual meaning: they end the process.
  if (end_ < 0 || signals_ < 0) return;
  ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  watcher_ = std::thread([this] { watch(); });
}

SignalStop::~SignalStop() {
  if (watcher_.joinable()) {
    const std::uint64_t one = 1;
    // An eventfd that counts to one never blocks and never fails.
    if (::write(end_, &one, sizeof one) != sizeof one) ::_exit(kCancelled);
    watcher_.join();
  }
  if (end_ >= 0) ::close(end_);
  if (signals_ >= 0) ::close(signals_);
}

void SignalStop::watch() {
  pollfd waits[] = {{signals_, POLLIN, 0}, {end_, POLLIN, 0}};
  while (true) {
    if (::poll(waits, 2, -1) < 0) continue;  // EINTR
    if (waits[1].revents != 0) return;
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) != sizeof info) continue;
    take(info.ssi_signo);
  }
}

void SignalStop::take(unsigned signal) {
  if (signal == SIGHUP) {
    const std::lock_guard lock(mutex_);
    if (on_hangup_) return on_hangup_();
  }
  if (source_.stop_requested()) ::_exit(kCancelled);
  source_.request_stop();
}

void SignalStop::on_hangup(std::function<void()> act) {
  const std::lock_guard lock(mutex_);
  on_hangup_ = std::move(act);
}

}  // namespace writ::app
