#pragma once
// Where an evaluation spends its time: for each statement how long it took itself, how often it was
// tried, and how often it held.
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/observe/observer.h"

namespace writ::rego {

class Profile final : public Observer {
 public:
  // `clock` must outlive the profile.
  explicit Profile(const Clock& clock) : clock_(clock), last_(clock.steady()) {}

  void begin(const Observe& place) override;
  void end(const Observe& place) override;
  void note(std::string_view) override {}

  struct Row {
    std::chrono::nanoseconds time{0};
    std::uint64_t evaluations = 0;
    std::uint64_t redos = 0;        // solutions after which another one was looked for
    std::uint64_t expressions = 0;  // statements on that line
    std::string file;               // "query" of the query itself
    Position at;
  };
  // By time, longest first.
  std::vector<Row> rows() const;

 private:
  void charge();

  const Clock& clock_;
  std::chrono::steady_clock::time_point last_;
  std::vector<const Observe*> active_;
  std::map<const Observe*, Row> rows_;
};

}  // namespace writ::rego
