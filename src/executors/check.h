#pragma once
// check: the mechanical checks, by name. One table; protocol/check_names.h lists the same names
// with their parameters, and a test holds the two together.
//
// A check that finds something fails with a Problem for each finding; what becomes of that
// (failure, FIX_REQUIRED) is the plan's.
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "execution/step_executor.h"
#include "process/command.h"

namespace writ::executors {

// What some checks need beside their context. All borrowed.
struct CheckDeps {
  process::Runner& runner;
  const std::map<std::string, std::string>& environment;
  std::vector<std::filesystem::path> masked = {};  // `.writ`: hidden from what a check runs
};

using CheckFunction = Result<execution::StepResult> (*)(const execution::StepContext& context,
                                                        const CheckDeps& deps,
                                                        std::stop_token stop);
struct CheckRow {
  std::string_view name;
  CheckFunction run;
  std::string_view meaning;  // one line for people
};
std::span<const CheckRow> check_table();

class Check final : public execution::StepExecutor {
 public:
  explicit Check(CheckDeps deps) : deps_(std::move(deps)) {}
  Result<execution::StepResult> execute(const execution::StepContext& context,
                                        std::stop_token stop) override;

 private:
  CheckDeps deps_;
};

// The checks, one function a file of their family.
Result<execution::StepResult> check_acceptance(const execution::StepContext&, const CheckDeps&,
                                               std::stop_token);
Result<execution::StepResult> check_artifacts(const execution::StepContext&, const CheckDeps&,
                                              std::stop_token);
Result<execution::StepResult> check_baseline(const execution::StepContext&, const CheckDeps&,
                                             std::stop_token);
Result<execution::StepResult> check_budget(const execution::StepContext&, const CheckDeps&,
                                           std::stop_token);
Result<execution::StepResult> check_context(const execution::StepContext&, const CheckDeps&,
                                            std::stop_token);
Result<execution::StepResult> check_contract(const execution::StepContext&, const CheckDeps&,
                                             std::stop_token);
Result<execution::StepResult> check_imports(const execution::StepContext&, const CheckDeps&,
                                            std::stop_token);
Result<execution::StepResult> check_register(const execution::StepContext&, const CheckDeps&,
                                             std::stop_token);
Result<execution::StepResult> check_risk(const execution::StepContext&, const CheckDeps&,
                                         std::stop_token);
Result<execution::StepResult> check_scan(const execution::StepContext&, const CheckDeps&,
                                         std::stop_token);
Result<execution::StepResult> check_scope(const execution::StepContext&, const CheckDeps&,
                                          std::stop_token);
Result<execution::StepResult> check_test_evidence(const execution::StepContext&, const CheckDeps&,
                                                  std::stop_token);
Result<execution::StepResult> check_tests(const execution::StepContext&, const CheckDeps&,
                                          std::stop_token);

// What problems are called: {"violation", "violations"}.
struct CountedNoun {
  std::string_view one;
  std::string_view many;
};

// A failed result that shows `problems`; passed when there are none.
execution::StepResult from_problems(std::vector<execution::Problem> problems, CountedNoun what);

}  // namespace writ::executors
