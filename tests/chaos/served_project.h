#pragma once
// `writ serve` in a repository of its own, under the fault shim, with people, workers and runs: for
// tests that let the clock of its machine jump or its disk fill while it is under load.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "asker.h"
#include "base/testing/temporary_directory.h"
#include "event_writers.h"
#include "project.h"
#include "serve_process.h"
#include "shared_word.h"

namespace writ::chaos {

// The administrator of every server here.
inline constexpr const char* kRoot = "root@example.org";
inline constexpr const char* kRootPassword = "violet harbour 71 lamps";

// Of a server whose wall clock is wrong by what `clock` says. Nobody is slowed down there.
Environment under_clock(const SharedWord& clock);

// Asks until `holds`; false where it never did.
template <typename Holds>
bool comes_true(Holds holds, std::chrono::seconds patience = std::chrono::seconds(30)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

class ServedProject : public ::testing::Test {
 protected:
  // Steps of the spec that is run here: a command, a second's pause, what an outside agent hands
  // in, another command.
  static constexpr std::size_t kFirst = 0;
  static constexpr std::size_t kPause = 1;
  static constexpr std::size_t kNote = 2;

  void SetUp() override;
  void TearDown() override;
  // A kind of fault_shim.cc: what calls on the project's files meet while `disk_is_full_`.
  virtual std::string fault_kind() const { return "full"; }

  void set_clock(std::chrono::microseconds wrong_by) { clock_.set(wrong_by.count()); }
  std::chrono::microseconds wrong_by() const { return std::chrono::microseconds(clock_.value()); }
  Said sign_in(const std::string& otp = {}) { return asker_->sign_in(kRoot, kRootPassword, otp); }

  std::string start_run();
  // "pending", "waiting", … of a step.
  std::string step_status(const std::string& run, std::size_t step);
  bool waits(const std::string& run, std::size_t step) {
    return comes_true([&] { return step_status(run, step) == "waiting"; });
  }
  bool passes(const std::string& run, std::size_t step) {
    return comes_true([&] { return step_status(run, step) == "passed"; });
  }
  // What an outside agent does, as processes of its own.
  void hand_in_note(const std::string& run);
  void expect_attested(const std::string& run);
  // Of all runs that were attested: each command ran once, each verifies.
  void expect_each_step_once() const;
  // Ends the server.
  void expect_nothing_lost();
  std::string log() const { return (directory_.path() / "log").string(); }

  TemporaryDirectory directory_;
  SharedWord clock_{(directory_.path() / "clock").string()};
  SharedWord disk_is_full_{(directory_.path() / "disk").string()};
  std::unique_ptr<Project> project_;
  std::unique_ptr<ServeProcess> server_;
  std::unique_ptr<Asker> asker_;
  std::string key_;  // an API key, which has no end that a clock could reach
  Board board_{1};

 private:
  std::vector<std::string> attested_;
};

}  // namespace writ::chaos
