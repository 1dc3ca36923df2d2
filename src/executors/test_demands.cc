#include "executors/test_demands.h"

#include <algorithm>

#include "base/safe_path.h"
#include "evidence/test_doubles.h"
#include "scan/imports.h"

namespace writ::executors {
namespace {

using execution::Problem;

Problem problem_at(std::string file, std::uint32_t line, std::string rule, std::string message,
                   std::string remedy) {
  Problem problem;
  problem.file = std::move(file);
  if (line != 0) problem.at = {line, 1};
  problem.rule = std::move(rule);
  problem.message = std::move(message);
  problem.remedy = std::move(remedy);
  return problem;
}

bool matches_one(const Value& globs, std::string_view text) {
  return std::ranges::any_of(
      globs.as_array(), [&](const Value& glob) { return glob_matches(glob.as_string(), text); });
}

bool proves_something(const evidence::SourceTest& test) {
  return !test.is_disabled && !test.is_assertion_free() && !test.is_status_only();
}

void check_categories(const Value& categories, std::span<const evidence::SourceTest> tests,
                      std::vector<Problem>& out) {
  for (const Member& category : categories.as_object()) {
    const bool is_proved = std::ranges::any_of(tests, [&](const evidence::SourceTest& test) {
      return proves_something(test) && matches_one(category.value, test.full_name());
    });
    if (is_proved) continue;
    out.push_back(problem_at("", 0, "category." + category.key,
                             "no test proves the category " + category.key,
                             "Write a test that asserts contents and matches " +
                                 category.value.as_array().front().as_string()));
  }
}

void check_doubles(const Value& contracts, std::span<const evidence::TestSource> sources,
                   const std::function<bool(std::string_view)>& has_file,
                   std::vector<Problem>& out) {
  for (const evidence::TestDouble& one : evidence::find_test_doubles(sources)) {
    const std::string_view contract = contracts.string_or(one.name, "");
    if (!contract.empty() && has_file(contract)) continue;
    out.push_back(problem_at(one.path, one.line, "double",
                             contract.empty() ? "no contract backs the double " + one.name
                                              : "the contract of the double " + one.name + ", " +
                                                    std::string(contract) + ", is not in the tree",
                             "Name its contract under `doubles`, or test with the real thing"));
  }
}

// A source that tests nothing of the tree, or only a copy of it, proves nothing about it.
void check_models(const Value& models, std::span<const evidence::TestSource> sources,
                  std::span<const evidence::SourceTest> tests, std::vector<Problem>& out) {
  for (const evidence::TestSource& source : sources) {
    const bool has_tests =
        std::ranges::any_of(tests, [&](const auto& test) { return test.path == source.path; });
    if (!has_tests || !scan::import_style(source.path)) continue;
    const auto imports = scan::read_imports(source.path, source.text);
    const bool has_model = std::ranges::any_of(
        imports, [&](const scan::Import& import) { return matches_one(models, import.name); });
    if (has_model) continue;
    out.push_back(problem_at(
        source.path, 1, "model", "its tests import no real model",
        "Include what is tested: a header that matches " + models.as_array().front().as_string()));
  }
}

}  // namespace

std::vector<Problem> unmet_demands(const Value& parameters,
                                   std::span<const evidence::SourceTest> tests,
                                   std::span<const evidence::TestSource> sources,
                                   const std::function<bool(std::string_view)>& has_file) {
  std::vector<Problem> out;
  if (const Value* categories = parameters.find("categories")) {
    check_categories(*categories, tests, out);
  }
  if (const Value* doubles = parameters.find("doubles")) {
    check_doubles(*doubles, sources, has_file, out);
  }
  if (const Value* models = parameters.find("models")) check_models(*models, sources, tests, out);
  return out;
}

}  // namespace writ::executors
