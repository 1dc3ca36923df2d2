#pragma once
// What `init --from-repo` writes, while it is put together; private to from_repo*.cc.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace writ::cli {

struct SpecDraft {
  std::vector<std::string> outputs;  // globs of what the steps make
  std::string steps;                 // YAML, a list
  std::vector<std::string> notes;

  // `- {id: ID, run: COMMAND}`
  void add_step(std::string_view id, std::string_view command);
  // The step `test`, whose report opens the gate; `stdout`: what it prints is the report.
  void add_tests(std::string_view command, std::string_view report, std::string_view env = {});
  // The step `test` where no report can be read: only the exit code decides.
  void add_unreported_tests(std::string_view command);
};

bool has_file(const std::filesystem::path& root, std::string_view name);
// "" where there is none, or none of a sensible size.
std::string text_of(const std::filesystem::path& root, std::string_view name);

// from_repo_npm.cc
SpecDraft npm_draft(const std::filesystem::path& root);

}  // namespace writ::cli
