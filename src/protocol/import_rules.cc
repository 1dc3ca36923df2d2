#include "protocol/import_rules.h"

#include <algorithm>

namespace writ::protocol {
namespace {

constexpr std::string_view kFamilies[] = {"architecture", "imports"};

// The lists of a rule and what they say.
struct ListRow {
  std::string_view key;
  std::string_view words;
};
constexpr ListRow kLists[] = {{"forbid", "never "},
                              {"require", "always "},
                              {"may_import", "of this tree only "},
                              {"may_not_import", "never "}};

std::string joined(const Value* list, std::string_view joint) {
  std::string out;
  for (const std::string& text : Reading::texts(list)) {
    out += (out.empty() ? "" : std::string(joint)) + text;
  }
  return out;
}

// A rule in the one form that the check reads: `in` and the globs of folders are normal paths.
Value normal_rule(Reading& reading, const Value& rule) {
  Object out;
  std::vector<std::string> in = reading.paths(rule.find("in"));
  if (in.empty()) in.emplace_back("**");
  out.append("in", Array(in.begin(), in.end()));
  for (const ListRow& row : kLists) {
    const Value* list = rule.find(row.key);
    if (list == nullptr) continue;
    const bool is_folders = row.key.starts_with("may_");
    const auto globs = is_folders ? reading.paths(list) : Reading::texts(list);
    out.append(std::string(row.key), Array(globs.begin(), globs.end()));
  }
  if (out.size() == 1) {
    reading.report(rule.at(), "this rule says nothing about imports",
                   "Give it `forbid`, `require`, `may_import` or `may_not_import`");
  }
  if (const Value* because = rule.find("because")) out.append("because", *because);
  return out;
}

}  // namespace

bool is_import_rule(std::string_view name) {
  return std::ranges::any_of(kFamilies, [&](std::string_view family) {
    return name.size() > family.size() && name.starts_with(family) && name[family.size()] == '.';
  });
}

void read_import_rules(Reading& reading, const Value& rules, Law& law) {
  for (const std::string_view family : kFamilies) {
    const Value* list = rules.find(family);
    if (list == nullptr || !list->is_object()) continue;
    for (const Member& member : list->as_object()) {
      const std::string name = std::string(family) + "." + member.key;
      if (member.value.is_bool()) {
        law.rules.push_back({name, member.value, member.key_at});
      } else if (member.value.is_object()) {
        law.rules.push_back({name, normal_rule(reading, member.value), member.key_at});
      }
    }
  }
}

void apply_import_rules(Plan& plan, std::vector<Diagnostic>& problems) {
  Object standing;
  const ComposedRule* first = nullptr;
  for (const ComposedRule& rule : plan.rules) {
    if (!is_import_rule(rule.name) || !rule.value.is_object()) continue;
    standing.append(rule.name, rule.value);
    if (first == nullptr) first = &rule;
  }
  bool is_checked = false;
  for (PlanStep& step : plan.steps) {
    if (step.kind != StepKind::check || step.with.string_or("check", "") != "imports") continue;
    is_checked = true;
    step.with.as_object().set("rules", standing);
  }
  if (first == nullptr || is_checked) return;
  problems.push_back({first->origin.file, first->origin.at,
                      "nothing holds the rule `" + first->name + "`",
                      "Add a step `check: imports` to stage implement or validate"});
}

std::string import_rule_text(const Value& rule) {
  std::string out = "in " + joined(rule.find("in"), ", ");
  for (const ListRow& row : kLists) {
    const std::string globs = joined(rule.find(row.key), ", ");
    if (!globs.empty()) out += "; " + std::string(row.words) + globs;
  }
  const std::string_view because = rule.string_or("because", "");
  return because.empty() ? out : out + ": " + std::string(because);
}

}  // namespace writ::protocol
