#include "ledger/tiles.h"

#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "base/testing/temporary_directory.h"
#include "ledger/tables.h"
#include "ledger/testing/sample.h"

namespace writ::ledger {
namespace {

namespace fs = std::filesystem;

std::set<std::string> files_in(const fs::path& directory) {
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files.insert(fs::relative(entry.path(), directory).string());
  }
  return files;
}

void export_numbered(SampleLog& log, std::uint64_t from, std::uint64_t to, const fs::path& path) {
  std::vector<Entry> entries;
  for (std::uint64_t i = from; i < to; ++i) entries.push_back(sample_entry(i));
  ASSERT_TRUE(log.store->write([&](store::Tx& tx) { return log.ledger->append_all(tx, entries); }));
  ASSERT_TRUE(log.ledger->checkpoint(log.key));
  const auto done = export_tiles(*log.ledger, path);
  ASSERT_TRUE(done) << done.error().text();
}

TEST(TilePath, GroupsDigitsByThree) {
  EXPECT_EQ(tile_path(0, 256), "000");
  EXPECT_EQ(tile_path(999, 256), "999");
  EXPECT_EQ(tile_path(1000, 256), "x001/000");
  EXPECT_EQ(tile_path(1234067, 256), "x001/x234/067");
  EXPECT_EQ(tile_path(5, 17), "005.p/17");
}

TEST(Tiles, HoldWhatTheLayoutAsksForAtEverySize) {
  SampleLog log;
  const TemporaryDirectory directory;
  const fs::path& path = directory.path();
  using Files = std::set<std::string>;
  export_numbered(log, 0, 0, path);
  EXPECT_EQ(files_in(path), (Files{"checkpoint"}));
  export_numbered(log, 0, 255, path);
  EXPECT_EQ(files_in(path), (Files{"checkpoint", "tile/0/000.p/255", "tile/entries/000.p/255"}));
  export_numbered(log, 255, 256, path);
  EXPECT_EQ(files_in(path),
            (Files{"checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"}))
      << "full tiles replace their partial ones";
  export_numbered(log, 256, 600, path);
  EXPECT_EQ(files_in(path), (Files{"checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88",
                                   "tile/1/000.p/1", "tile/1/000.p/2", "tile/entries/000",
                                   "tile/entries/001", "tile/entries/002.p/88"}))
      << "partial tiles of earlier checkpoints stay until a full one is there";
  EXPECT_EQ(fs::file_size(path / "tile/0/001"), 8192u);
  EXPECT_EQ(read_file(path / "checkpoint", 1 << 16).value(),
            log.ledger->newest_checkpoint()->value().note);
}

TEST(Tiles, NeedACheckpoint) {
  SampleLog log;
  const TemporaryDirectory directory;
  EXPECT_EQ(export_tiles(*log.ledger, directory.path()).error().code, Code::unavailable);
}

TEST(Tiles, AreNotPublishedOfALogThatWasChanged) {
  SampleLog log;
  log.append_numbered(0, 5);
  ASSERT_TRUE(log.ledger->checkpoint(log.key));
  ASSERT_TRUE(log.store->write([&](store::Tx& tx) -> Result<void> {
    WRIT_TRY(const auto rows, tx.scan(kEvents, everything(), 1));
    std::string value = rows.front().value;
    value[20] = static_cast<char>(value[20] ^ 1);
    return tx.put(kEvents, rows.front().key, value);
  }));
  const TemporaryDirectory directory;
  EXPECT_EQ(export_tiles(*log.ledger, directory.path()).error().code, Code::tampered);
  EXPECT_FALSE(fs::exists(directory.path() / "checkpoint"));
}

}  // namespace
}  // namespace writ::ledger
