// A program that keeps blobs and refers to them meets a fault at every call with which it changes
// a file: whatever it said it kept is there and reads back, nothing is referenced that is not
// there, and what is left over is litter that the collector takes.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "faulty_process.h"
#include "store/directory/directory_blob_store.h"
#include "store/testing/fake_clock.h"
#include "store/testing/temporary_directory.h"
#include "store_blobs.h"

namespace writ::store {
namespace {

namespace fs = std::filesystem;

struct Report {
  std::set<int> kept;
  std::vector<std::string> failures;
};

Report parse(const std::string& output) {
  Report out;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("kept ")) {
      out.kept.insert(std::stoi(line.substr(5)));
    } else {
      out.failures.push_back(line);
    }
  }
  return out;
}

std::size_t files_in(const fs::path& directory) {
  std::size_t out = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    out += entry.is_regular_file() && entry.path().extension() == ".zst" ? 1 : 0;
  }
  return out;
}

// Everything that must hold after the worker has ended, however it did.
void check_what_is_left(const std::string& directory, const Report& report) {
  // Far in the future, so that whatever is unreferenced is old enough to go.
  FakeClock clock;
  clock.pass(std::chrono::hours(24 * 365 * 50));
  auto store = open_blob_names(directory);
  ASSERT_TRUE(store) << store.error().text();
  const auto checked = (*store)->check();
  ASSERT_TRUE(checked) << checked.error().text();
  auto blobs = open_directory_blob_store(directory + "/blobs", clock).value();
  const auto intact = blobs->check(**store);
  ASSERT_TRUE(intact) << intact.error().text();

  const auto rows = (*store)->read([](Tx& tx) { return tx.scan(kBlobNames, {}, 100); });
  ASSERT_TRUE(rows) << rows.error().text();
  std::set<int> referenced;
  for (const Row& row : *rows) {
    const int i = std::stoi(row.key);
    referenced.insert(i);
    const auto digest = crypto::Digest::parse_hex(row.value).value();
    EXPECT_EQ(blobs->read(digest, 1u << 20).value(), blob_content(i));
  }
  for (const int i : report.kept) EXPECT_TRUE(referenced.contains(i)) << "lost blob " << i;
  EXPECT_LE(referenced.size(), report.kept.size() + 1);

  const auto collected = blobs->collect_garbage(**store);
  ASSERT_TRUE(collected) << collected.error().text();
  EXPECT_EQ(files_in(directory + "/blobs"), referenced.size());
  EXPECT_TRUE(fs::is_empty(directory + "/blobs/tmp"));
  EXPECT_TRUE(blobs->check(**store));
}

struct Case {
  const char* name;
  const char* kind;
  bool is_lasting;
};

class StoreBlobs : public ::testing::TestWithParam<Case> {
 protected:
  static chaos::FaultyRun run_worker(const std::string& directory, std::uint64_t at) {
    chaos::FaultPlan plan;
    plan.under = directory;
    plan.kind = GetParam().kind;
    plan.is_lasting = GetParam().is_lasting;
    plan.at = at;
    return chaos::run_with_fault({WRIT_STORE_WORKER, directory}, directory, plan);
  }
};

TEST_P(StoreBlobs, AreAllThereThatWereKept) {
  const bool must_die = std::string(GetParam().kind) == "kill" ||  //
                        std::string(GetParam().kind) == "torn";
  const TemporaryDirectory counted;
  const auto clean = run_worker(counted.path().string(), 0);
  ASSERT_EQ(clean.exit_code, 0) << clean.output << clean.errors;
  ASSERT_EQ(parse(clean.output).kept.size(), static_cast<std::size_t>(kBlobs));
  ASSERT_GT(clean.calls, 100u);
  for (std::uint64_t at = 1; at <= clean.calls && !HasFailure(); ++at) {
    SCOPED_TRACE("fault at call " + std::to_string(at) + " of " + std::to_string(clean.calls));
    const TemporaryDirectory directory;
    const auto run = run_worker(directory.path().string(), at);
    if (must_die) {
      EXPECT_EQ(run.signal, SIGKILL) << run.output;
    } else {
      EXPECT_TRUE(run.exit_code == 0 || run.exit_code == 9) << run.exit_code << run.errors;
    }
    const Report report = parse(run.output);
    for (const auto& failure : report.failures) {
      EXPECT_TRUE(failure.find("storage_failed") != std::string::npos ||
                  failure.find("unavailable") != std::string::npos)
          << failure;
    }
    check_what_is_left(directory.path().string(), report);
  }
}

INSTANTIATE_TEST_SUITE_P(AtEveryCall, StoreBlobs,
                         ::testing::Values(Case{"Kill", "kill", false},
                                           Case{"TornWrite", "torn", false},
                                           Case{"IoError", "eio", false},
                                           Case{"IoErrorFromThenOn", "eio", true},
                                           Case{"DiskFull", "enospc", false},
                                           Case{"DiskFullFromThenOn", "enospc", true}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace writ::store
