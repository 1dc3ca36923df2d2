#include "protocol/reading.h"

#include <algorithm>

#include "base/safe_path.h"
#include "protocol/enum_text.h"
#include "protocol/rule_names.h"

namespace writ::protocol {
namespace {

constexpr std::string_view kGlobCharacters = "*?[";

std::string_view literal_prefix(std::string_view glob) {
  return glob.substr(0, glob.find_first_of(kGlobCharacters));
}

// Whether a path may match both. Between two globs this errs towards yes: a rule that might apply
// applies.
bool may_meet(std::string_view touches, std::string_view changes) {
  if (changes.find_first_of(kGlobCharacters) == std::string_view::npos) {
    return glob_matches(touches, changes);
  }
  const std::string_view a = literal_prefix(touches);
  const std::string_view b = literal_prefix(changes);
  return a.starts_with(b) || b.starts_with(a);
}

std::string listed(const std::vector<std::string>& texts, std::string_view joint) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += joint;
    out += text;
  }
  return out;
}

}  // namespace

void Reading::report(Position at, std::string message, std::string remedy) {
  problems_.push_back(source_.document.diagnostic(at, std::move(message), std::move(remedy)));
}

std::vector<NameAt> Reading::names(const Value* value) {
  std::vector<NameAt> out;
  if (value == nullptr) return out;
  if (value->is_string()) out.push_back({value->as_string(), value->at()});
  if (!value->is_array()) return out;
  for (const Value& element : value->as_array()) {
    if (element.is_string()) out.push_back({element.as_string(), element.at()});
  }
  return out;
}

std::vector<std::string> Reading::texts(const Value* value) {
  std::vector<std::string> out;
  for (NameAt& name : names(value)) out.push_back(std::move(name.name));
  return out;
}

std::optional<Duration> Reading::duration(const Value* value) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  auto parsed = parse_duration(value->as_string());
  if (parsed) return *parsed;
  report(value->at(), parsed.error().message, std::string(parsed.error().remedy()));
  return std::nullopt;
}

std::string Reading::path(const Value& value) {
  if (!value.is_string()) return {};
  auto normal = normalize_relative(value.as_string());
  if (normal) return *std::move(normal);
  report(value.at(), normal.error().message, std::string(normal.error().remedy()));
  return {};
}

std::vector<std::string> Reading::paths(const Value* value) {
  std::vector<std::string> out;
  const auto take = [&](const Value& element) {
    if (std::string normal = path(element); !normal.empty()) out.push_back(std::move(normal));
  };
  if (value != nullptr && value->is_string()) take(*value);
  if (value != nullptr && value->is_array()) std::ranges::for_each(value->as_array(), take);
  return out;
}

bool Reading::is_id(std::string_view id) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto is_part = [&](char c) { return is_word(c) || c == '.' || c == '_' || c == '-'; };
  return !id.empty() && id.size() <= 64 && is_word(id[0]) && std::ranges::all_of(id, is_part);
}

bool Reading::applies(const Value* when, const Circumstances& circumstances, std::string& why) {
  if (when == nullptr || !when->is_object()) return true;
  const std::vector<std::string> touches = texts(when->find("touches"));
  if (!touches.empty() && circumstances.is_scope_locked) {
    const bool meets = std::ranges::any_of(touches, [&](const std::string& glob) {
      return std::ranges::any_of(circumstances.may_change,
                                 [&](const std::string& path) { return may_meet(glob, path); });
    });
    if (!meets) why = "nothing that may change touches " + listed(touches, ", ");
    if (!meets) return false;
  }
  const std::vector<std::string> types = texts(when->find("work_type"));
  const std::string_view type = to_text(circumstances.work_type);
  if (!types.empty() && std::ranges::find(types, type) == types.end()) {
    why = "the work type is " + std::string(type) + ", not " + listed(types, " or ");
    return false;
  }
  const std::vector<std::string> kinds = texts(when->find("module_kind"));
  const std::string& kind = circumstances.module_kind;
  if (!kinds.empty() && std::ranges::find(kinds, kind) == kinds.end()) {
    why = kind.empty() ? "the spec gives no module.kind; this is for " + listed(kinds, " or ")
                       : "module.kind is " + kind + ", not " + listed(kinds, " or ");
    return false;
  }
  for (const NameAt& name : names(when->find("rule"))) {
    if (!holds(name, circumstances.rules)) {
      why = "rule " + name.name + " does not hold";
      return false;
    }
  }
  return true;
}

bool Reading::holds(const NameAt& name, const std::vector<ComposedRule>& rules) {
  const RuleRow* row = find_rule(name.name);
  if (row == nullptr || row->type != "boolean") {
    report(name.at, "there is no rule `" + name.name + "` that is true or false",
           "Name one, as in `rule: docs.required`");
  }
  const auto found = std::ranges::find(rules, name.name, &ComposedRule::name);
  return found != rules.end() && found->value == Value(true);
}

}  // namespace writ::protocol
