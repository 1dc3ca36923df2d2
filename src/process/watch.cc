#include "process/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <limits>

#include "process/process_table.h"

namespace writ::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The trampoline takes up to three seconds to end what the command left; then it is ended itself.
constexpr milliseconds kKillGuard{5000};
// Reads in a row before the other descriptors get their turn.
constexpr int kReadsPerTurn = 16;

steady_clock::time_point after(milliseconds delay) {
  const auto now = steady_clock::now();
  const auto room = std::chrono::duration_cast<milliseconds>(steady_clock::time_point::max() - now);
  return now + std::clamp(delay, milliseconds(0), room);
}

int poll_timeout(const std::optional<steady_clock::time_point>& deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, std::numeric_limits<int>::max()));
}

}  // namespace

Watch::Watch(Launched& launched, const Command& command, Capture& capture, int stop_event)
    : launched_(launched), command_(command), capture_(capture), stop_event_(stop_event) {}

void Watch::run() {
  const auto start = steady_clock::now();
  if (command_.timeout) deadline_ = after(*command_.timeout);
  send(launched_.control, Order::go);
  while (!is_over_) {
    wait_and_read();
    if (capture_.is_over_limit() && phase_ == Phase::running) {
      reason_ = Ending::output_limit;
      kill();
    }
    if (!is_over_ && deadline_ && steady_clock::now() >= *deadline_) on_deadline();
  }
  elapsed_ = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

void Watch::wait_and_read() {
  const int stop = phase_ == Phase::running ? stop_event_ : -1;
  pollfd fds[] = {{capture_.descriptor(Stream::out), POLLIN, 0},
                  {capture_.descriptor(Stream::err), POLLIN, 0},
                  {launched_.control.get(), POLLIN, 0},
                  {stop, POLLIN, 0}};
  if (::poll(fds, 4, poll_timeout(deadline_)) < 0) return;  // EINTR
  for (const auto& [index, stream] : {std::pair{0, Stream::out}, std::pair{1, Stream::err}}) {
    if (fds[index].revents == 0) continue;
    for (int i = 0; i < kReadsPerTurn && capture_.read(stream); ++i) {
    }
  }
  if (fds[2].revents != 0) on_control();
  if (fds[3].revents != 0 && !is_over_) end(Ending::cancelled);
}

void Watch::on_control() {
  const auto report = receive(launched_.control);
  if (!report) {
    is_over_ = true;
  } else if (report->kind != Report::Kind::ready) {
    report_ = report;
  }
}

void Watch::on_deadline() {
  switch (phase_) {
    case Phase::running:
      end(Ending::timed_out);
      return;
    case Phase::terminating:
      kill();
      return;
    case Phase::killing:
      destroy();
      return;
    case Phase::destroyed:
      is_over_ = true;
      return;
  }
}

void Watch::end(Ending reason) {
  reason_ = reason;
  signal_sent_ = SIGTERM;
  phase_ = Phase::terminating;
  deadline_ = after(command_.grace);
  send(launched_.control, Order::terminate);
}

void Watch::kill() {
  signal_sent_ = SIGKILL;
  phase_ = Phase::killing;
  deadline_ = after(kKillGuard);
  send(launched_.control, Order::kill);
}

// The trampoline does not answer: the command stopped it, or the machine is at its limit.
void Watch::destroy() {
  phase_ = Phase::destroyed;
  deadline_ = after(kKillGuard);
  const auto all = list_processes();
  for (const ProcessName& name : descendants_of(launched_.pid, all)) signal_process(name, SIGKILL);
  ::kill(launched_.pid, SIGKILL);
}

}  // namespace writ::process
