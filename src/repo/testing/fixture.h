#pragma once
// A git repository in a temporary directory, untouched by the machine's own git configuration.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "repo/repo.h"

namespace writ::repo {

class RepoTest : public testing::Test {
 protected:
  RepoTest();
  ~RepoTest() override;

  // Writes a file, and the directories it needs.
  void write(const std::string& path, std::string_view text);
  // Lets the files' times fall behind the clock, so that the cache may trust them.
  void age(const std::string& path);
  // Runs bash in the working tree, and returns what it printed. Fails the test where that fails.
  std::string bash(const std::string& script);
  void commit_all(const std::string& message = "commit");
  Repo open();
  std::string tree(std::vector<std::string> outputs = {});
  std::vector<std::string> paths(std::vector<std::string> outputs = {});

  std::filesystem::path directory_;  // removed in the end
  std::filesystem::path root_;       // directory_/work, a repository
};

}  // namespace writ::repo
