#pragma once
// A repository in a temporary directory, for tests that load plans.
#include <filesystem>
#include <string>
#include <string_view>

#include "base/testing/temporary_directory.h"
#include "protocol/load.h"

namespace writ::protocol::testing {

class Repository {
 public:
  const std::filesystem::path& root() const { return directory_.path(); }
  void write(std::string_view path, std::string_view text) const;
  // A protocol of the repository: .writ/protocols/<name>.yaml.
  void write_protocol(std::string_view name, std::string_view text) const;
  // Writes spec.yaml and loads it.
  Result<Plan> load(std::string_view spec, std::map<std::string, std::string> inputs = {}) const;

 private:
  TemporaryDirectory directory_;
};

// "2:3 message | 5:1 message": what is wrong, without remedies; the file is given where it is not
// spec.yaml. Empty when the plan loads.
std::string problems_of(const Result<Plan>& plan);

// A table of the plan: one line a step, "stage slot path kind <- needs".
std::string outline(const Plan& plan);

}  // namespace writ::protocol::testing
