#pragma once
// Which lines of policies have been evaluated: heads of rules that came to a value, statements that
// were tried. In OPA's form of a report.
#include <map>
#include <set>
#include <string>

#include "base/value.h"
#include "policy/compile/program.h"
#include "policy/observe/observer.h"

namespace writ::rego {

class Coverage final : public Observer {
 public:
  void begin(const Observe& place) override;
  void end(const Observe&) override {}
  void note(std::string_view) override {}

  struct Report {
    Value json;  // {"files": {name: {"covered": [{"start": {"row"}, "end": {"row"}}], …}}, …}
    double percent = 0;
  };
  // Of the modules of `program`, which are the ones that were observed.
  Report report(const Program& program) const;

 private:
  std::map<std::string, std::set<std::uint32_t>, std::less<>> rows_;  // by file
};

}  // namespace writ::rego
