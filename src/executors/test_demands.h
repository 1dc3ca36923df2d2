#pragma once
// What a law demands of the tests beyond assertions (LAW-14), as `check: test-evidence` takes it:
// categories that tests prove, contracts behind doubles, real models in every test source.
// Private to the module.
#include <span>
#include <vector>

#include "base/value.h"
#include "evidence/gtest_sources.h"
#include "execution/step_executor.h"

namespace writ::executors {

// `parameters` is the check's `with`, as protocol/read_test_demands.h left it. `has_file` says
// whether a path is in the tree.
std::vector<execution::Problem> unmet_demands(
    const Value& parameters, std::span<const evidence::SourceTest> tests,
    std::span<const evidence::TestSource> sources,
    const std::function<bool(std::string_view path)>& has_file);

}  // namespace writ::executors
