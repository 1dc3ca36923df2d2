// The test executable plays three more parts: the trampoline, commands with a special behaviour,
// and a Writ that dies while a command of its own runs.
#include <gtest/gtest.h>

#include "process/command.h"
#include "process/testing/parts.h"

int main(int argc, char** argv) {
  const std::string_view part = argc > 1 ? argv[1] : "";
  if (part == "__exec") return writ::process::exec_trampoline(argc, argv);
  if (part == "__part") return writ::process::play_part(argc - 2, argv + 2);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
