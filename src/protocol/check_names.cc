#include "protocol/check_names.h"

#include <algorithm>
#include <set>

namespace writ::protocol {
namespace {

constexpr CheckRow kChecks[] = {
    {"acceptance", "Acceptance criteria are proved by tests", "", "acceptance",
     "every acceptance criterion has a passed test"},
    {"artifacts", "What the run is to leave is there", "", "artifact",
     "every declared artifact that a step makes is there, addressed by its content"},
    {"baseline", "No failure is new", "command declared report", "baseline",
     "what fails here fails at the base revision too, or is declared"},
    {"budget", "The change is within its budget", "", "diff",
     "files and lines of the change are within the spec's budget"},
    {"context", "Required documents are read", "", "context",
     "every required document exists and can be read"},
    {"contract", "Contracts are valid", "", "", "the schemas among the changed files compile"},
    {"imports", "Imports keep to the rules", "scope", "imports",
     "no source in scope imports what a rule forbids, or lacks what one requires"},
    {"register", "Dependencies and trust boundaries are registered", "", "register",
     "the spec's register holds to its contract and has the sections that the law asks for"},
    {"risk", "Risk is scored and answered", "", "risk",
     "areas scored 4 or 5 have rollback and simulation notes"},
    {"scan", "No forbidden patterns", "rules scope", "scan",
     "the files in scope hold none of the forbidden patterns"},
    {"scope", "The change is within its scope", "", "diff",
     "only files that may change, and new files that are allowed, differ from the base revision"},
    {"test-evidence", "Tests assert what they claim", "categories doubles models", "test_evidence",
     "tests assert contents, not only a status"},
    {"tests", "Tests ran on this tree and passed", "", "",
     "tests passed on this tree, and none failed"},
};

constexpr std::string_view kScanRules[] = {
    "deferred-work",      "demo-data",      "fixme-comment",     "hack-comment",
    "limitation-note",    "mock-in-source", "not-implemented",   "pass-only-body",
    "placeholder-text",   "stub-comment",   "temporary-comment", "todo-comment",
    "workaround-comment", "xxx-comment",
};

constexpr std::string_view kEverySet = "zero-tolerance";

}  // namespace

std::span<const CheckRow> check_table() { return kChecks; }

const CheckRow* find_check(std::string_view name) {
  const auto at = std::ranges::lower_bound(kChecks, name, {}, &CheckRow::name);
  return at != std::end(kChecks) && at->name == name ? at : nullptr;
}

std::span<const std::string_view> scan_rule_ids() { return kScanRules; }

bool is_scan_set(std::string_view name) { return name == kEverySet; }

std::vector<std::string> expand_scan_rules(const std::vector<std::string>& names) {
  std::set<std::string> ids;
  for (const std::string& name : names) {
    if (is_scan_set(name)) {
      ids.insert(std::begin(kScanRules), std::end(kScanRules));
    } else {
      ids.insert(name);
    }
  }
  return {ids.begin(), ids.end()};
}

std::vector<std::string_view> cell_words(std::string_view cell) {
  std::vector<std::string_view> words;
  while (!cell.empty()) {
    const std::size_t end = std::min(cell.find(' '), cell.size());
    if (end > 0) words.push_back(cell.substr(0, end));
    cell.remove_prefix(std::min(end + 1, cell.size()));
  }
  return words;
}

}  // namespace writ::protocol
