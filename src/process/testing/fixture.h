#pragma once
// A temporary directory, a runner whose trampoline is this executable, and named pipes that tell
// whether any process still holds them.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "process/command.h"

namespace writ::process {

// End of file on a named pipe means that no process has it open for writing: proof that every
// holder is gone, without asking the clock.
class LifeLine {
 public:
  explicit LifeLine(std::filesystem::path path);
  ~LifeLine();
  LifeLine(const LifeLine&) = delete;
  LifeLine& operator=(const LifeLine&) = delete;

  std::string path() const { return path_.string(); }
  // Whether some process still has it open. Waits for an end a little, as a killed process of
  // somebody else's takes a moment to go.
  bool is_held() const;
  // Waits until some process wrote to it.
  void await_holder() const;

 private:
  std::filesystem::path path_;
  int fd_;
};

class ProcessTest : public testing::Test {
 protected:
  ProcessTest();
  ~ProcessTest() override;

  static std::string self();
  // A shell command in the test's directory, in no sandbox, under a hang guard.
  Command shell(const std::string& script) const;
  // This executable in one of its parts.
  Command part(std::vector<std::string> words) const;
  Result<Outcome> run(const Command& command);
  Outcome run_well(const Command& command);

  std::filesystem::path directory_;
  Runner runner_;
};

}  // namespace writ::process
