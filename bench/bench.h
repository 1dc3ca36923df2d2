#pragma once
// What benchmarks share: a place to write, medians, and the line that says whether a budget is
// met. bench/run.sh gathers those lines of all benchmarks into one table.
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include "base/result.h"

namespace writ::bench {

[[noreturn]] inline void give_up(std::string_view why) {
  fmt::print(stderr, "benchmark: {}\n", why);
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().text());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// A new directory, removed with all that is in it.
class Place {
 public:
  explicit Place(const std::filesystem::path& parent) {
    std::string pattern = (parent / "writ-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) give_up("cannot make a directory in " + pattern);
    path_ = pattern;
  }
  ~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Wall time, and what the threads of this process spent on processors: where other programs run
// beside, only the latter says much.
struct Timing {
  double wall = 0;
  double processor = 0;
};

inline double processor_seconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

template <typename F>
Timing time_of(F&& work) {
  const auto start = std::chrono::steady_clock::now();
  const double processor = processor_seconds();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), processor_seconds() - processor};
}

// The upper one of two in the middle. Requires: not empty.
inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// One row of the table of budgets. Floor (or peer) and ours with their units; `ratio` may be empty.
struct Budget {
  std::string path;
  std::string floor;
  std::string ours;
  std::string ratio;
  std::string target;
  bool is_met = false;
};

inline void report(const Budget& budget) {
  fmt::print("budget\t{}\t{}\t{}\t{}\t{}\t{}\n", budget.path, budget.floor, budget.ours,
             budget.ratio, budget.target, budget.is_met ? "met" : "MISSED");
}

}  // namespace writ::bench
