#include "scan/rules.h"

#include <algorithm>
#include <array>

#include "base/suggest.h"

namespace writ::scan {
namespace {

// Sorted by id. docs/architecture/scan.md lists them with what they find and what they leave.
constexpr std::array kRules{
    RuleInfo{"deferred-work", Region::comment, "work is put off",
             "Do the work now, or record a deferral and remove the note"},
    RuleInfo{"demo-data", Region::any, "invented data stands where real data belongs",
             "Read the value from where it really comes from; move samples into test code"},
    RuleInfo{"fixme-comment", Region::comment, "a FIXME marks a known fault",
             "Correct the fault and remove the comment"},
    RuleInfo{"hack-comment", Region::comment, "the author calls this a hack",
             "Replace it with a sound solution, or explain why this one is sound"},
    RuleInfo{"limitation-note", Region::comment, "a note admits that something is missing",
             "Remove the limitation, or put it into the documented contract"},
    RuleInfo{"mock-in-source", Region::code, "a mock is used outside test code",
             "Use the real implementation; keep doubles in test folders"},
    RuleInfo{"not-implemented", Region::any, "something is said to be missing where it is offered",
             "Implement it, or take it out of the interface"},
    RuleInfo{"pass-only-body", Region::code, "a function does nothing",
             "Implement it, delete it, or say in the body why nothing is to be done"},
    RuleInfo{"placeholder-text", Region::any, "text stands in for the real one",
             "Write the real text"},
    RuleInfo{"stub-comment", Region::comment, "the author calls this a stub",
             "Implement it and remove the comment"},
    RuleInfo{"temporary-comment", Region::comment, "something is meant for now only",
             "Make it final and remove the comment"},
    RuleInfo{"todo-comment", Region::comment, "a TODO marks work that is not done",
             "Do the work and remove the comment"},
    RuleInfo{"workaround-comment", Region::comment, "a workaround hides a cause",
             "Remove the cause, or get the workaround accepted with a justification"},
    RuleInfo{"xxx-comment", Region::comment, "an XXX marks something doubtful",
             "Settle the doubt and remove the comment"},
};

constexpr auto kAllIds = [] {
  std::array<std::string_view, kRules.size()> ids{};
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = kRules[i].id;
  return ids;
}();

constexpr std::array kSets{RuleSet{"zero-tolerance", kAllIds}};

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> names(kAllIds.begin(), kAllIds.end());
  for (const RuleSet& set : kSets) names.push_back(set.name);
  return names;
}

}  // namespace

std::span<const RuleInfo> rule_table() { return kRules; }
std::span<const RuleSet> rule_sets() { return kSets; }

const RuleInfo* find_rule(std::string_view id) {
  const auto found = std::find_if(kRules.begin(), kRules.end(),
                                  [&](const RuleInfo& rule) { return rule.id == id; });
  return found == kRules.end() ? nullptr : &*found;
}

Result<std::vector<std::string_view>> choose_rules(std::span<const std::string> names) {
  std::vector<std::string_view> chosen;
  if (names.empty()) chosen.assign(kAllIds.begin(), kAllIds.end());
  for (const std::string& name : names) {
    const auto set =
        std::find_if(kSets.begin(), kSets.end(), [&](const RuleSet& s) { return s.name == name; });
    if (set != kSets.end()) {
      chosen.insert(chosen.end(), set->rules.begin(), set->rules.end());
    } else if (const RuleInfo* rule = find_rule(name)) {
      chosen.push_back(rule->id);
    } else {
      return fail(Code::invalid_input,
                  "no scan rule or rule set `" + name + "`" + did_you_mean(name, all_names()),
                  "`writ scan --list` shows the rules; zero-tolerance stands for all of them");
    }
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

}  // namespace writ::scan
