// Our log under other people's eyes: golang.org/x/mod/sumdb reads exported tiles, see
// tlogcheck/main.go. Skipped where Go is not there.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/testing/temporary_directory.h"
#include "crypto/signed_note.h"
#include "ledger/testing/sample.h"
#include "ledger/tiles.h"

namespace writ::ledger {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status = -1;
  std::string output;
};

Outcome run(const std::string& command) {
  Outcome outcome;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.output.append(buffer.data(), got);
  }
  outcome.status = ::pclose(pipe);
  return outcome;
}

class TlogCheck : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TemporaryDirectory();
    const std::string out = (directory_->path() / "tlogcheck").string();
    const Outcome built =
        run("cd " WRIT_SOURCE_DIR
            "/tests/conformance/tlogcheck && GO111MODULE=off "
            "GOFLAGS= GOPATH=/usr/share/gocode GOCACHE=" +
            (directory_->path() / "cache").string() + " go build -o " + out + " .");
    has_checker_ = built.status == 0;
    why_not_ = built.output;
  }
  static void TearDownTestSuite() { delete std::exchange(directory_, nullptr); }

  void SetUp() override {
    if (run("go version").status != 0) GTEST_SKIP() << "Go is not installed";
    if (!fs::exists("/usr/share/gocode/src/golang.org/x/mod")) {
      GTEST_SKIP() << "golang-golang-x-mod-dev is not installed";
    }
    ASSERT_TRUE(has_checker_) << why_not_;
  }

  static std::string vkey(const SampleLog& log) {
    return crypto::NoteKey{"example.org/log", log.key.public_key()}.vkey();
  }
  static Outcome check(const SampleLog& log, const fs::path& tiles) {
    return run((directory_->path() / "tlogcheck").string() + " " + tiles.string() + " '" +
               vkey(log) + "'");
  }
  static void grow(SampleLog& log, std::uint64_t from, std::uint64_t to) {
    std::vector<Entry> entries;
    for (std::uint64_t i = from; i < to; ++i) {
      Entry entry = sample_entry(i);
      entry.payload.clear();
      entries.push_back(std::move(entry));
    }
    const auto done =
        log.store->write([&](store::Tx& tx) { return log.ledger->append_all(tx, entries); });
    ASSERT_TRUE(done) << done.error().text();
    ASSERT_TRUE(log.ledger->checkpoint(log.key));
  }

 private:
  static inline TemporaryDirectory* directory_ = nullptr;
  static inline bool has_checker_ = false;
  static inline std::string why_not_;
};

TEST_F(TlogCheck, AcceptsTheLogAtEverySizeThatFindsMistakes) {
  SampleLog log("memory:", {.origin = {}, .pending_limit = 100'000});
  const TemporaryDirectory tiles;
  std::uint64_t size = 0;
  for (const std::uint64_t next :
       {0u, 1u, 2u, 255u, 256u, 257u, 65'535u, 65'536u, 65'537u, 70'000u}) {
    grow(log, size, next);
    size = next;
    ASSERT_TRUE(export_tiles(*log.ledger, tiles.path()));
    const Outcome outcome = check(log, tiles.path());
    EXPECT_EQ(outcome.output, "OK " + std::to_string(size) + " entries\n");
    EXPECT_EQ(outcome.status, 0);
  }
}

// It would not say much if it accepted everything.
TEST_F(TlogCheck, RefusesAnyFileWithAByteChanged) {
  SampleLog log;
  const TemporaryDirectory tiles;
  grow(log, 0, 300);
  ASSERT_TRUE(export_tiles(*log.ledger, tiles.path()));
  for (const auto& entry : fs::recursive_directory_iterator(tiles.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = read_file(entry.path(), 1 << 20).value();
    std::string changed = bytes;
    changed[bytes.size() / 2] = static_cast<char>(changed[bytes.size() / 2] ^ 1);
    ASSERT_TRUE(replace_file(entry.path(), changed));
    EXPECT_NE(check(log, tiles.path()).status, 0) << entry.path();
    ASSERT_TRUE(replace_file(entry.path(), bytes));
  }
  EXPECT_EQ(check(log, tiles.path()).status, 0);
}

TEST_F(TlogCheck, RefusesACheckpointOfAnotherKey) {
  SampleLog log;
  const TemporaryDirectory tiles;
  grow(log, 0, 3);
  ASSERT_TRUE(export_tiles(*log.ledger, tiles.path()));
  log.key = crypto::SecretKey::from_seed(std::string(32, 'o')).value();
  EXPECT_NE(check(log, tiles.path()).status, 0);
}

}  // namespace
}  // namespace writ::ledger
