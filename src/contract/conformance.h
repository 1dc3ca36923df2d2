#pragma once
// Runs cases in the format of the official JSON-Schema-Test-Suite.
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace writ::contract {

struct ConformanceCase {
  std::string file;          // relative to the folder
  std::string group;         // the description of the schema
  std::string test;          // the description of the instance
  std::string detail;        // why it failed; empty: it passed
  bool is_optional = false;  // below a folder named `optional`

  bool passed() const { return detail.empty(); }
};

struct ConformanceReport {
  std::vector<ConformanceCase> cases;  // by file, in their order

  std::size_t passed(bool optional) const;
  std::size_t failed(bool optional) const;
};

struct ConformanceOptions {
  // Its files are what http://localhost:1234/ holds; empty: nothing is there.
  std::filesystem::path remotes;
};

// Every *.json below `folder`. The default dialect is that of the folder's name (draft7,
// draft2019-09, draft2020-12, also of a parent), else 2020-12; `format` asserts for the files of
// optional/format. A case passes when the quick and the reporting validator and the one over bytes
// all give the expected answer.
// Errors: not_found (no such folder, no case in it), invalid_input (a file that is no suite).
Result<ConformanceReport> run_conformance(const std::filesystem::path& folder,
                                          const ConformanceOptions& options = {});

}  // namespace writ::contract
