#pragma once
// What `writ policy eval` and `test` are asked to watch while they evaluate: --coverage, --profile,
// --explain, --metrics.
#include <optional>
#include <string>
#include <vector>

#include "base/value.h"
#include "cli/command.h"
#include "policy/observe/coverage.h"
#include "policy/observe/profile.h"
#include "policy/observe/trace.h"

namespace writ {
class Clock;
}

namespace writ::cli {

class PolicyWatch {
 public:
  // Errors: usage (--explain with another word, --profile-limit that is no number).
  static Result<PolicyWatch> create(const CommandContext& context);
  bool observes() const { return coverage_ || profile_ || trace_; }
  // nullptr when nothing is to be watched. Lives as long as the watch stays where it is.
  rego::Observer* observer();

  // Members that go beside "result" under OPA's names.
  Object members(const rego::Program& program,
                 const std::vector<std::pair<std::string, std::int64_t>>& timers) const;
  // The same as tables and lines for people.
  std::string text(const rego::Program& program,
                   const std::vector<std::pair<std::string, std::int64_t>>& timers) const;
  const std::optional<rego::Coverage>& coverage() const { return coverage_; }

 private:
  std::vector<rego::Profile::Row> profile_rows() const;

  bool has_metrics_ = false;
  std::size_t profile_limit_ = 10;
  rego::Trace::Detail detail_ = rego::Trace::Detail::full;
  std::optional<rego::Coverage> coverage_;
  std::optional<rego::Profile> profile_;
  std::optional<rego::Trace> trace_;
  rego::ObserverList list_;
};

// Lines of cells, the first of them the heads, in a frame of signs.
std::string drawn_table(const std::vector<std::vector<std::string>>& lines);

}  // namespace writ::cli
