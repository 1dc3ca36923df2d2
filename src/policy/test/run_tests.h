#pragma once
// Runs the tests that policies bring: rules named test_…. A test passes if its value is defined and
// not false; todo_test_… are skipped. Of a test that is an object every member has to hold.
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/compile/program.h"
#include "policy/eval/evaluator.h"

namespace writ::rego {

enum class TestOutcome : std::uint8_t { pass, fail, error, skipped };

struct TestResult {
  TestOutcome outcome = TestOutcome::pass;
  std::string package;  // "data.app_test"
  std::string name;     // "test_allow"
  std::string file;
  Position at;
  std::chrono::nanoseconds duration{0};
  std::string message;                    // of an error
  std::vector<std::string> failed_parts;  // names of members that do not hold
  std::vector<std::string> printed;
  std::vector<std::string> trace;  // of one that does not pass: what did not hold, and on which way
};

struct TestOptions {
  const Services* services = nullptr;
  Term data = empty_object();
  std::string only;                      // a pattern (RE2) in "data.pkg.test_name"; empty: all
  std::chrono::milliseconds time{5000};  // for each
  std::stop_token stop;
  Observer* observer = nullptr;  // for programs that are observed
  // Tests that do not pass are run once more to be traced. Requires: the program is observed.
  bool is_traced = false;
};

// In the order of files and lines. Errors: invalid_input (`only` is no pattern).
Result<std::vector<TestResult>> run_policy_tests(std::shared_ptr<const Program> program,
                                                 const TestOptions& options);

}  // namespace writ::rego
