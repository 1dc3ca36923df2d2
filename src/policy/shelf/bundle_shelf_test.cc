#include "policy/shelf/bundle_shelf.h"

#include <gtest/gtest.h>

#include "base/testing/temporary_directory.h"
#include "crypto/digest.h"
#include "policy/bundle/archive.h"

namespace writ::rego {
namespace {

std::string bundle(const std::string& revision) {
  return write_archive({{".manifest", R"({"revision": ")" + revision + R"("})"}}).value();
}

class Shelf : public ::testing::Test {
 protected:
  std::string loaded() const {
    const auto held = shelf_.load();
    if (!held) return held.error().text();
    if (!held->has_value()) return "nothing";
    std::string out = read_archive((*held)->bytes).value().front().bytes;
    for (const std::string& delta : (*held)->deltas) out += " + " + delta;
    return out;
  }
  // "r3* r2! r1": the current one, and one that is refused.
  std::string listed() const {
    std::string out;
    const auto rows = shelf_.revisions().value();
    for (const KeptRevision& row : rows) {
      if (!out.empty()) out += ' ';
      out += row.revision + (row.is_current ? "*" : "") + (row.is_refused ? "!" : "");
    }
    return out;
  }
  std::string rolled_back(const std::optional<std::string>& revision = {}) {
    const auto chosen = shelf_.roll_back(revision);
    return chosen ? chosen->revision : chosen.error().message;
  }

  TemporaryDirectory directory_;
  BundleShelf shelf_{directory_.path(), "a/b", 1u << 20};
};

TEST_F(Shelf, KeepsTheLastAndFourBefore) {
  EXPECT_EQ(loaded(), "nothing");
  EXPECT_EQ(listed(), "");
  for (int i = 1; i <= 7; ++i) ASSERT_TRUE(shelf_.keep(bundle("r" + std::to_string(i))));
  EXPECT_EQ(loaded(), R"({"revision": "r7"})");
  EXPECT_EQ(listed(), "r7* r6 r5 r4 r3");
  EXPECT_EQ(read_file(directory_.path() / "bundles/a/b/bundle.tar.gz", 1u << 20).value(),
            bundle("r7"));
}

TEST_F(Shelf, CountsARevisionThatComesAgainOnce) {
  for (const char* revision : {"r1", "r2", "r1", "r1"}) {
    ASSERT_TRUE(shelf_.keep(bundle(revision)));
  }
  EXPECT_EQ(listed(), "r1* r2");
}

TEST_F(Shelf, GoesBackAndForthAndRefusesWhatWasLeft) {
  for (const char* revision : {"r1", "r2", "r3"}) ASSERT_TRUE(shelf_.keep(bundle(revision)));
  EXPECT_EQ(shelf_.roll_back_stamp(), "");
  EXPECT_EQ(rolled_back(), "r2");
  EXPECT_NE(shelf_.roll_back_stamp(), "");
  EXPECT_EQ(loaded(), R"({"revision": "r2"})");
  EXPECT_EQ(listed(), "r3! r2* r1");
  EXPECT_EQ(shelf_.refused().value(), std::set<std::string>{crypto::sha256(bundle("r3")).hex()});
  EXPECT_EQ(rolled_back(), "r1");
  EXPECT_EQ(listed(), "r3! r2! r1*");
  EXPECT_EQ(rolled_back(), "no older revision of bundle \"a/b\" is kept");
  EXPECT_EQ(rolled_back("r3"), "r3");
  EXPECT_EQ(listed(), "r3* r2! r1");
  EXPECT_EQ(rolled_back("r9"), "no other revision \"r9\" of bundle \"a/b\" is kept");
  ASSERT_TRUE(shelf_.keep(bundle("r4")));
  EXPECT_EQ(rolled_back(), "r3");
}

TEST_F(Shelf, SaysThatNothingIsKept) {
  EXPECT_EQ(rolled_back(), "nothing is kept of bundle \"a/b\"");
}

TEST_F(Shelf, KeepsDeltasWithTheirSnapshot) {
  EXPECT_EQ(shelf_.keep_delta("x").error().code, Code::not_found);
  ASSERT_TRUE(shelf_.keep(bundle("r1")));
  ASSERT_TRUE(shelf_.keep_delta("d1"));
  ASSERT_TRUE(shelf_.keep_delta("d2"));
  EXPECT_EQ(loaded(), R"({"revision": "r1"} + d1 + d2)");
  for (std::size_t i = 2; i < BundleShelf::kDeltas; ++i) ASSERT_TRUE(shelf_.keep_delta("d"));
  EXPECT_EQ(shelf_.keep_delta("d").error().message,
            "bundle \"a/b\" has 64 deltas, and a snapshot is due");
  ASSERT_TRUE(shelf_.keep(bundle("r2")));
  EXPECT_EQ(loaded(), R"({"revision": "r2"})");
  EXPECT_EQ(rolled_back(), "r1");
  EXPECT_EQ(loaded(), R"({"revision": "r1"})");
}

TEST_F(Shelf, RefusesToBeginWithWhatItCannotRead) {
  directory_.write("bundles/a/b/bundle.tar.gz", bundle("r1"));
  directory_.write("bundles/a/b/rollback.json", "{\"digest\": \"x\"");
  EXPECT_TRUE(loaded().starts_with("invalid_input")) << loaded();
  EXPECT_EQ(shelf_.refused().error().code, Code::invalid_input);
}

}  // namespace
}  // namespace writ::rego
