#include "server/config/substitute.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/yaml.h"

namespace writ::server {
namespace {

// Members that hold numbers and booleans, by how their names end.
constexpr std::array<std::string_view, 7> kUntextual = {
    "_seconds", "_bytes", "_events", "_per_second", "_cache", "console", "persist"};

bool is_textual(std::string_view key) {
  return std::ranges::none_of(kUntextual, [&](std::string_view end) { return key.ends_with(end); });
}

std::string substituted(const std::string& text, const Environment& environment) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = text.find("${", at);
    const std::size_t end =
        begin == std::string::npos ? std::string::npos : text.find('}', begin + 2);
    if (end == std::string::npos) return out + text.substr(at);
    out += text.substr(at, begin - at);
    const auto variable = environment.find(text.substr(begin + 2, end - begin - 2));
    if (variable != environment.end()) out += variable->second;
    at = end + 1;
  }
}

bool is_one_variable(const std::string& text) {
  return text.starts_with("${") && text.find('}') == text.size() - 1;
}

void substitute_text(Value& value, std::string_view key, const Environment& environment) {
  const std::string& text = value.as_string();
  if (!text.contains("${")) return;
  const Position at = value.at();
  std::string after = substituted(text, environment);
  if (is_one_variable(text) && !is_textual(key)) {
    const Result<Value> scalar = parse_yaml(after);
    value = scalar && (scalar->is_number() || scalar->is_bool()) ? *scalar : Value(after);
  } else {
    value = Value(std::move(after));
  }
  value.set_at(at);
}

void substitute_below(Value& value, std::string_view key, const Environment& environment) {
  if (value.is_string()) {
    substitute_text(value, key, environment);
  } else if (value.is_array()) {
    for (Value& item : value.as_array()) substitute_below(item, key, environment);
  } else if (value.is_object()) {
    for (Member& member : value.as_object()) {
      substitute_below(member.value, member.key, environment);
    }
  }
}

}  // namespace

void substitute_environment(Value& value, const Environment& environment) {
  substitute_below(value, {}, environment);
}

Result<void> apply_override(Value& root, std::string_view assignment) {
  const auto wrong = [&](const std::string& why) {
    return fail(Code::usage,
                "--set " + std::string(assignment.substr(0, assignment.find('='))) + " " + why,
                "Give names with dots between, and a value: labels.region=eu");
  };
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) return wrong("has no value");
  auto parsed = parse_yaml(assignment.substr(equals + 1));
  if (!parsed) return wrong("has a value that is no YAML");
  std::string_view path = assignment.substr(0, equals);
  Value* at = &root;
  while (true) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string name(path.substr(0, dot));
    if (name.empty()) return wrong("has an empty name");
    if (!at->is_object()) return wrong("leads through " + std::string(kind_name(at->kind())));
    Object& object = at->as_object();
    if (dot == path.size()) {
      object.set(name, *std::move(parsed));
      return {};
    }
    Value* const next = object.find(name);
    at = next != nullptr ? next : &object.set(name, Object{});
    path.remove_prefix(dot + 1);
  }
}

}  // namespace writ::server
