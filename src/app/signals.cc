#include "app/signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>

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
    if (source_.stop_requested()) ::_exit(kCancelled);
    source_.request_stop();
  }
}

}  // namespace writ::app
