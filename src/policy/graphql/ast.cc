#include "policy/graphql/ast.h"

#include <fmt/format.h>

#include "policy/builtins/go_format.h"
#include "policy/term/build.h"
#include "policy/term/number.h"

namespace writ::rego::graphql {

std::string_view text(const Term& node, std::string_view name) {
  const Term& member = child(node, name);
  return member.is_string() ? member.text() : std::string_view();
}

std::span<const Term> list(const Term& node, std::string_view name) {
  const Term& member = child(node, name);
  return member.is_array() ? member.items() : std::span<const Term>();
}

bool flag(const Term& node, std::string_view name) { return child(node, name).is_true(); }

const Term& child(const Term& node, std::string_view name) {
  static const Term kNothing;
  const Term* const found = node.is_object() ? node.find(name) : nullptr;
  return found == nullptr ? kNothing : *found;
}

ValueKind value_kind(const Term& value) {
  const Term& kind = child(value, "Kind");
  const auto number = kind.is_number() ? to_int64(kind) : std::nullopt;
  constexpr auto kLast = static_cast<std::int64_t>(ValueKind::object);
  return number && *number >= 0 && *number <= kLast ? static_cast<ValueKind>(*number)
                                                    : ValueKind::null;
}

const Term* find_named(std::span<const Term> nodes, std::string_view name) {
  for (const Term& node : nodes) {
    if (text(node, "Name") == name) return &node;
  }
  return nullptr;
}

std::string_view type_name(const Term& type) {
  const Term* at = &type;
  while (text(*at, "NamedType").empty() && child(*at, "Elem").is_object()) at = &child(*at, "Elem");
  return text(*at, "NamedType");
}

std::string type_text(const Term& type) {
  std::string out(text(type, "NamedType"));
  if (out.empty()) out = "[" + (type.is_object() ? type_text(child(type, "Elem")) : "") + "]";
  return flag(type, "NonNull") ? out + "!" : out;
}

std::string value_text(const Term& value) {
  std::string raw(text(value, "Raw"));
  std::string out;
  switch (value_kind(value)) {
    case ValueKind::variable:
      return "$" + raw;
    case ValueKind::string:
    case ValueKind::block:
      return go_quote(raw);
    case ValueKind::list:
      for (const Term& one : list(value, "Children")) {
        out += (out.empty() ? "" : ",") + value_text(child(one, "Value"));
      }
      return "[" + out + "]";
    case ValueKind::object:
      for (const Term& one : list(value, "Children")) {
        out += (out.empty() ? "" : ",") + std::string(text(one, "Name")) + ":" +
               value_text(child(one, "Value"));
      }
      return "{" + out + "}";
    default:
      return raw;
  }
}

std::string Problem::text() const {
  return line == 0 ? "input: " + message : fmt::format("input:{}:{}: {}", line, column, message);
}

Problem problem_at(const Term& node, std::string message) {
  const auto position = list(node, "Position");
  if (position.size() != 2 || !position[0].is_small_integer() || !position[1].is_small_integer()) {
    return {std::move(message)};
  }
  return {std::move(message), position[0].as_small_integer(), position[1].as_small_integer()};
}

Term without_positions(Arena& arena, const Term& node) {
  if (node.is_array()) {
    std::vector<Term> items;
    for (const Term& item : node.items()) {
      const Term kept = without_positions(arena, item);
      if (!kept.is_null() && !(kept.is_collection() && kept.size() == 0)) items.push_back(kept);
    }
    return make_array(arena, items);
  }
  if (!node.is_object()) return node;
  std::vector<Member> members;
  for (std::size_t i = 0; i < node.size(); ++i) {
    const Term& key = node.keys()[i];
    if (key.is_string() && key.text() == "Position") continue;
    const Term kept = without_positions(arena, node.values()[i]);
    if (kept.is_null() || (kept.is_collection() && kept.size() == 0)) continue;
    members.push_back({key, kept});
  }
  return make_object(arena, std::move(members));
}

}  // namespace writ::rego::graphql
