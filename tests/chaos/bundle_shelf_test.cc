// A program that keeps bundles on disk meets a fault at every call with which it changes a file:
// what is loaded then is the bundle from before the step or the one from after it, whole.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>

#include "base/testing/temporary_directory.h"
#include "bundle_steps.h"
#include "faulty_process.h"
#include "policy/bundle/bundle.h"
#include "policy/shelf/bundle_shelf.h"

namespace writ::rego {
namespace {

// How many steps were done, by what the worker said.
std::size_t steps_done(const std::string& output) {
  std::size_t out = 0;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) out += line.starts_with("did ") ? 1 : 0;
  return out;
}

// "r2++": the revision, and a sign for each delta.
std::string loaded(const BundleShelf& shelf) {
  const auto held = shelf.load();
  if (!held) return held.error().text();
  if (!held->has_value()) return "nothing";
  const auto bundle = read_bundle((*held)->bytes);
  if (!bundle) return bundle.error().text();
  std::string out = bundle->manifest.revision;
  for (const std::string& delta : (*held)->deltas) {
    out += read_bundle(delta) ? "+" : " and half a delta";
  }
  return out;
}

std::string after(std::size_t steps) {
  return steps == 0 ? "nothing" : kBundleSteps[steps - 1].after;
}

struct Case {
  const char* name;
  const char* kind;
};

class BundleShelfFaults : public ::testing::TestWithParam<Case> {
 protected:
  static chaos::FaultyRun run_worker(const std::string& directory, std::uint64_t at) {
    chaos::FaultPlan plan;
    plan.under = directory;
    plan.kind = GetParam().kind;
    plan.at = at;
    return chaos::run_with_fault({WRIT_BUNDLE_WORKER, directory}, directory, plan);
  }
};

TEST_P(BundleShelfFaults, LeaveTheOldBundleOrTheNew) {
  const TemporaryDirectory counted;
  const auto clean = run_worker(counted.path().string(), 0);
  ASSERT_EQ(clean.exit_code, 0) << clean.output << clean.errors;
  ASSERT_EQ(steps_done(clean.output), std::size(kBundleSteps));
  ASSERT_GT(clean.calls, 50u);
  for (std::uint64_t at = 1; at <= clean.calls && !HasFailure(); ++at) {
    SCOPED_TRACE("fault at call " + std::to_string(at) + " of " + std::to_string(clean.calls));
    const TemporaryDirectory directory;
    const auto run = run_worker(directory.path().string(), at);
    const std::size_t done = steps_done(run.output);
    const BundleShelf shelf(directory.path(), "app", kBundleLimit);
    const std::string found = loaded(shelf);
    const std::string old = after(done);
    const std::string next = after(std::min(done + 1, std::size(kBundleSteps)));
    EXPECT_TRUE(found == old || found == next) << found << " is neither " << old << " nor " << next;
    const auto rows = shelf.revisions();
    ASSERT_TRUE(rows) << rows.error().text();
    // Whoever comes next can go on.
    BundleShelf again(directory.path(), "app", kBundleLimit);
    const auto kept = again.keep(bundle_of("r9"));
    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(loaded(again), "r9");
  }
}

INSTANTIATE_TEST_SUITE_P(AtEveryCall, BundleShelfFaults,
                         ::testing::Values(Case{"Kill", "kill"}, Case{"TornWrite", "torn"},
                                           Case{"IoError", "eio"}, Case{"DiskFull", "enospc"}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace writ::rego
