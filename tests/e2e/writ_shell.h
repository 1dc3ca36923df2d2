#pragma once
// The real binary in a git repository of a test's own. Nothing of the machine gets in: HOME, git's
// configuration and the environment are the test's.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/temporary_directory.h"
#include "base/value.h"

namespace writ::e2e {

struct Ran {
  int exit = -1;  // 128 + signal when one ended it
  std::string out;
  std::string err;

  // For messages of failed expectations.
  std::string text() const;
};

class WritTest : public testing::Test {
 protected:
  WritTest();

  std::filesystem::path root() const { return directory_.path() / "work"; }
  std::filesystem::path beside(std::string_view name) const { return directory_.path() / name; }

  void write(std::string_view path, std::string_view text) const;
  std::string read(std::string_view path) const;
  bool has(std::string_view path) const;
  // Every path below `.writ`, sorted, with sizes: what a command must not have changed.
  std::string listing() const;

  // In root(); the test fails where the script does.
  std::string bash(const std::string& script) const;
  void commit(const std::string& message = "commit") const;
  // `writ init`, and all that is there committed.
  void set_up() const;
  // A reviewer's key beside the repository, trusted as maintainer, committed.
  void trust_reviewer() const;
  std::string reviewer() const { return beside("reviewer.key").string(); }

  Ran writ(const std::vector<std::string>& words, std::string_view input = {}) const;
  // Expects that exit code.
  Ran writ_expecting(int exit, const std::vector<std::string>& words) const;
  // Writes spec.yaml, commits and applies it.
  Ran apply(std::string_view spec) const;

  std::map<std::string, std::string> environment_;

 private:
  TemporaryDirectory directory_;
};

// A spec around `steps`, which is YAML at the left margin.
std::string spec_of(std::string_view steps, std::string_view module = "id: demo");
// One JSON value. The test fails where it is none.
Value json(std::string_view text);
// What is at `keys` and indices of `value`: at(status, {"steps", "0", "status"}). The test fails,
// and null comes back, where there is no such thing.
Value at(const Value& value, std::initializer_list<std::string_view> path);
std::string text_at(const Value& value, std::initializer_list<std::string_view> path);
std::size_t size_at(const Value& value, std::initializer_list<std::string_view> path);
// One value a line.
std::vector<Value> json_lines(std::string_view text);

bool contains(std::string_view text, std::string_view part);

}  // namespace writ::e2e
