#pragma once
// The one place that knows every concrete type: clock, randomness, store, blobs, executors. Owns
// them for as long as a command runs.
#include <map>
#include <memory>
#include <string>

#include "app/signals.h"
#include "base/clock.h"
#include "base/random.h"
#include "cli/wiring.h"

namespace writ::app {

class Parts {
 public:
  // `signals` is borrowed.
  explicit Parts(SignalStop& signals);
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts();

  const cli::Wiring& wiring() const { return *wiring_; }

 private:
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<cli::Wiring> wiring_;
};

}  // namespace writ::app
