// The write-ahead log is cut, or overwritten, at positions all over the last transaction. What
// was acknowledged before it survives; the torn transaction is there only when it is there whole.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "store/testing/temporary_directory.h"
#include "store_workload.h"

namespace writ::store {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A store whose log holds everything, as it lies on disk before and after the last write.
struct Snapshot {
  std::string database;
  std::string log_before;
  std::string log_after;
  std::set<int> before;
  std::set<int> after;
};

Snapshot take_snapshot() {
  const TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  const auto store = open_workload(path, {}).value();
  Snapshot out;
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(workload_write(*store, i));
    out.before.insert(i);
  }
  out.log_before = bytes_of(path + "-wal");
  out.after = out.before;
  out.after.insert(7);
  EXPECT_TRUE(workload_write(*store, 7));
  out.database = bytes_of(path);
  out.log_after = bytes_of(path + "-wal");
  return out;
}

std::set<int> survivors_with_log(const Snapshot& snapshot, const std::string& log) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  write_bytes(path, snapshot.database);
  write_bytes(path + "-wal", log);
  const auto survivors = surviving_writes(path);
  EXPECT_TRUE(survivors) << survivors.error().text();
  return survivors ? *survivors : std::set<int>{};
}

// A prime, so that cuts fall on every kind of position in header and page.
constexpr std::size_t kStep = 61;

TEST(StoreTornTail, LosesOnlyTheTransactionThatIsCut) {
  const Snapshot snapshot = take_snapshot();
  const std::string& log = snapshot.log_after;
  ASSERT_GT(log.size(), snapshot.log_before.size() + 20'000);
  for (std::size_t cut = snapshot.log_before.size(); cut < log.size(); cut += kStep) {
    ASSERT_EQ(survivors_with_log(snapshot, log.substr(0, cut)), snapshot.before) << "at " << cut;
  }
  for (std::size_t missing = 1; missing <= 32; ++missing) {
    const std::size_t cut = log.size() - missing;
    ASSERT_EQ(survivors_with_log(snapshot, log.substr(0, cut)), snapshot.before) << "at " << cut;
  }
  EXPECT_EQ(survivors_with_log(snapshot, log), snapshot.after);
}

TEST(StoreTornTail, LosesOnlyTheTransactionThatIsGarbled) {
  const Snapshot snapshot = take_snapshot();
  const std::string& log = snapshot.log_after;
  for (std::size_t at = snapshot.log_before.size(); at < log.size(); at += kStep * 5) {
    std::string garbled = log;
    garbled[at] = static_cast<char>(~garbled[at]);
    ASSERT_EQ(survivors_with_log(snapshot, garbled), snapshot.before) << "at " << at;
    const std::string zeroed = log.substr(0, at) + std::string(log.size() - at, '\0');
    // Pages may end in zeros as they are.
    ASSERT_EQ(survivors_with_log(snapshot, zeroed),
              zeroed == log ? snapshot.after : snapshot.before)
        << "zeros from " << at;
  }
}

}  // namespace
}  // namespace writ::store
