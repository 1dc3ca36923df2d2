#pragma once
// Runs a program under the fault shim and says how it went. For any test that wants to let the
// n-th call with which a program changes files go wrong: count first (at = 0), then go through
// 1 … calls.
#include <cstdint>
#include <string>
#include <vector>

namespace writ::chaos {

struct FaultPlan {
  // Only files under this directory count.
  std::string under;
  // "kill", "torn", "eio", "enospc"; see fault_shim.cc.
  std::string kind = "kill";
  // 0: nothing goes wrong, calls are counted.
  std::uint64_t at = 0;
  bool is_lasting = false;
  // Name of the only executable whose calls count; empty: all that the program starts.
  std::string program = {};
};

struct FaultyRun {
  int exit_code = -1;  // of a program that ended by itself
  int signal = 0;      // that ended it
  std::uint64_t calls = 0;
  std::string output;  // its standard output
  std::string errors;  // its standard error
};

// Waits for the program's end. `directory`: where it runs. The environment is this process's.
FaultyRun run_with_fault(const std::vector<std::string>& command, const std::string& directory,
                         const FaultPlan& plan);

}  // namespace writ::chaos
