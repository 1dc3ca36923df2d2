#include "policy/conformance/conformance.h"

#include <fmt/format.h>
#include <algorithm>

#include "base/file.h"
#include "policy/conformance/run_case.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

constexpr std::size_t kLargestFile = std::size_t{64} << 20;

std::vector<std::filesystem::path> files_below(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> out;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(directory, error), end; at != end;
       at.increment(error)) {
    if (error) break;
    if (at->is_regular_file() && at->path().extension() == ".json") out.push_back(at->path());
  }
  std::ranges::sort(out);
  return out;
}

Result<void> run_file(const std::filesystem::path& path, const ModuleRewrite& rewrite,
                      ConformanceReport& report) {
  WRIT_TRY(const std::string text, read_file(path, kLargestFile));
  Arena arena;
  WRIT_TRY(const Term root, parse_json(arena, text));
  const Term* cases = root.is_object() ? root.find("cases") : nullptr;
  if (cases == nullptr || !cases->is_array()) {
    return fail(Code::invalid_input, path.string() + " has no `cases`");
  }
  const std::string category = path.parent_path().filename().string();
  auto& count = report.categories[category];
  for (std::size_t i = 0; i < cases->size(); ++i) {
    const Term& one = cases->items()[i];
    const std::string problem = run_case(one, rewrite);
    if (problem.empty()) {
      ++count.passed;
      ++report.passed;
      continue;
    }
    ++count.failed;
    const Term* note = one.find("note");
    report.failures.push_back(
        {category,
         fmt::format("{}#{} {}", path.filename().string(), i,
                     note != nullptr && note->is_string() ? note->text() : ""),
         problem});
  }
  return {};
}

}  // namespace

Result<ConformanceReport> run_conformance(const std::filesystem::path& directory,
                                          std::string_view only, const ModuleRewrite& rewrite) {
  if (!std::filesystem::is_directory(directory)) {
    return fail(Code::not_found, "no directory " + directory.string());
  }
  ConformanceReport report;
  for (const auto& path : files_below(directory)) {
    if (!path.parent_path().filename().string().contains(only)) continue;
    auto ran = run_file(path, rewrite, report);
    if (!ran) return std::unexpected(std::move(ran).error().context("reading " + path.string()));
  }
  return report;
}

}  // namespace writ::rego
