#include "policy/load/load.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing/temporary_directory.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

class Load : public ::testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) {
    const auto path = folder_.path() / name;
    ASSERT_TRUE(make_directory(path.parent_path()).has_value());
    ASSERT_TRUE(replace_file(path, text).has_value());
  }
  TemporaryDirectory folder_;
};

TEST_F(Load, PutsDataBelowTheNamesOfItsFolders) {
  write("a.json", R"({"x": 1.0})");
  write("b/c/d.yaml", "y: 2\n");
  write("b/p.rego", "package p\nq := 1\n");
  const auto loaded = load_policies({folder_.path()}, {});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  EXPECT_EQ(to_json(loaded->data), R"({"b":{"c":{"y":2}},"x":1.0})");
  ASSERT_EQ(loaded->modules.size(), 1u);
  EXPECT_TRUE(loaded->errors.empty());
}

TEST_F(Load, TakesOnlyDataFilesFromAFolderThatIsABundle) {
  write("data.json", R"({"x": 1})");
  write("other.json", R"({"y": 1})");
  const auto loaded = load_policies({}, {folder_.path()});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
  EXPECT_EQ(to_json(loaded->data), R"({"x":1})");
}

TEST_F(Load, ReportsEveryModuleThatDoesNotParse) {
  write("a.rego", "package a\np {");
  write("b.rego", "packag b");
  const auto loaded = load_policies({folder_.path()}, {});
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->errors.size(), 2u);
}

TEST_F(Load, NamesTheFileThatIsNoJson) {
  write("x/data.json", "{\"a\": [1,\n 2,, 3]}");
  const auto place = [](const Error& error) {
    const Diagnostic& first = error.diagnostics.at(0);
    return std::filesystem::path(first.file).filename().string() + ":" +
           std::to_string(first.at.line) + ":" + std::to_string(first.at.column);
  };
  EXPECT_EQ(place(load_policies({folder_.path()}, {}).error()), "data.json:2:4");
  const auto bundle = load_policies({}, {folder_.path()});
  EXPECT_EQ(bundle.error().diagnostics.at(0).file, "x/data.json");
  EXPECT_EQ(place(bundle.error()), "data.json:2:4");
}

TEST_F(Load, RefusesWhatIsNotThereAndWhatIsNoData) {
  EXPECT_EQ(load_policies({folder_.path() / "none"}, {}).error().code, Code::not_found);
  write("a.json", "[1]");
  EXPECT_EQ(load_policies({folder_.path()}, {}).error().code, Code::invalid_input);
}

}  // namespace
}  // namespace writ::rego
