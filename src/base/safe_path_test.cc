#include "base/safe_path.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/testing/temporary_directory.h"

namespace writ {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

TEST(NormalizeRelative, TakesOutWhatSaysNothing) {
  constexpr std::pair<std::string_view, std::string_view> kPaths[] = {
      {"a", "a"},     {"a/b", "a/b"}, {"a/./b//c", "a/b/c"},  {"./a", "a"},   {"a/", "a"},
      {".", "."},     {".//./", "."}, {"..a/b..", "..a/b.."}, {"...", "..."}, {"a b/é", "a b/é"},
      {"~/a", "~/a"}, {"a:b", "a:b"}, {".git", ".git"}};
  for (const auto& [path, normal] : kPaths) {
    EXPECT_EQ(normalize_relative(path).value(), normal) << path;
  }
}

TEST(NormalizeRelative, RefusesWhatCouldLeadElsewhere) {
  for (const std::string_view path :
       {""sv, "/"sv, "/etc/passwd"sv, "//x"sv, ".."sv, "a/.."sv, "../a"sv, "a/../../b"sv, "a\0b"sv,
        "a\nb"sv, "a\x7f"sv, "a\\b"sv, "\\\\host\\x"sv, "C:\\x"sv, "C:/x"sv, "c:"sv, "a\xff"sv}) {
    const auto normal = normalize_relative(path);
    ASSERT_FALSE(normal) << path;
    EXPECT_EQ(normal.error().code, Code::invalid_input);
    EXPECT_FALSE(normal.error().remediation.empty());
  }
  EXPECT_FALSE(normalize_relative(std::string(5000, 'a')));
}

class JoinInside : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  fs::path root_ = directory_.path() / "root";

  JoinInside() {
    directory_.write("root/src/book.cc", "inside");
    directory_.write("outside/secret", "outside");
  }
  void link(std::string_view target, std::string_view name) const {
    fs::create_symlink(target, root_ / name);
  }
  void expect_refused(std::string_view relative) const {
    const auto path = join_inside(root_, relative);
    ASSERT_FALSE(path) << relative;
    EXPECT_EQ(path.error().code, Code::invalid_input);
    EXPECT_NE(path.error().message.find(relative), std::string::npos);
  }
};

TEST_F(JoinInside, JoinsWhatExistsAndWhatDoesNotYet) {
  EXPECT_EQ(join_inside(root_, "src/./book.cc").value(), root_ / "src/book.cc");
  EXPECT_EQ(join_inside(root_, "new/deep/file").value(), root_ / "new/deep/file");
  EXPECT_EQ(join_inside(root_, ".").value(), root_);
  EXPECT_EQ(join_inside("/", "etc").value(), fs::path("/etc"));
}

TEST_F(JoinInside, FollowsLinksThatStayInside) {
  link("src", "alias");
  link((root_ / "src").string(), "absolute");
  link("src/../src/book.cc", "book");
  EXPECT_EQ(join_inside(root_, "alias/book.cc").value(), root_ / "alias/book.cc");
  EXPECT_EQ(join_inside(root_, "absolute/new").value(), root_ / "absolute/new");
  EXPECT_EQ(join_inside(root_, "book").value(), root_ / "book");
}

TEST_F(JoinInside, WorksBelowARootThatIsALink) {
  fs::create_directory_symlink(root_, directory_.path() / "entry");
  EXPECT_EQ(join_inside(directory_.path() / "entry", "src/book.cc").value(),
            directory_.path() / "entry/src/book.cc");
}

TEST_F(JoinInside, RefusesLinksThatLeaveTheRoot) {
  link("../outside", "up");
  link("/etc", "etc");
  link("up", "chain");
  fs::create_symlink("../../outside/secret", root_ / "src/file");
  expect_refused("up");
  expect_refused("up/secret");
  expect_refused("up/new");
  expect_refused("etc/passwd");
  expect_refused("chain/secret");
  expect_refused("src/file");
}

TEST_F(JoinInside, RefusesALinkToAFileOutsideThatIsYetToBeWritten) {
  link("../outside/new", "dangling");
  link("missing/../../outside/new", "through-nothing");
  expect_refused("dangling");
  expect_refused("through-nothing");
}

TEST_F(JoinInside, DoesNotTakeANeighbourForTheRoot) {
  directory_.write("root-of-others/x", "");
  link("../root-of-others", "neighbour");
  expect_refused("neighbour/x");
}

TEST_F(JoinInside, RefusesCirclesOfLinks) {
  link("b", "a");
  link("a", "b");
  expect_refused("a");
  expect_refused("a/x");
}

TEST_F(JoinInside, RefusesTheTextualEscapes) {
  expect_refused("../outside/secret");
  expect_refused("/etc/passwd");
}

TEST_F(JoinInside, NeedsARoot) {
  const auto path = join_inside(directory_.path() / "none", "a");
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, Code::invalid_input);
}

}  // namespace
}  // namespace writ
