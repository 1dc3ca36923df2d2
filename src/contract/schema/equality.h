#pragma once
// Equality of JSON data over any representation, `enum` and `uniqueItems`. Never quadratic in the
// size of what an outsider sends: wide objects and long arrays are sorted first.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contract/schema/node.h"
#include "contract/schema/program.h"

namespace writ::contract {

inline bool is_number(Value::Kind kind) {
  return kind == Value::Kind::integer || kind == Value::Kind::real;
}

template <typename A, typename B>
bool equal(const A& a, const B& b);

template <typename Node>
std::vector<std::pair<std::string_view, Node>> sorted_members(const Node& object) {
  std::vector<std::pair<std::string_view, Node>> members;
  members.reserve(object.member_count());
  for (auto all = object.members(); !all.done(); all.next()) {
    members.emplace_back(all.key(), all.value());
  }
  std::sort(members.begin(), members.end(),
            [](const auto& x, const auto& y) { return x.first < y.first; });
  return members;
}

template <typename A, typename B>
bool equal_objects(const A& a, const B& b) {
  if (a.member_count() != b.member_count()) return false;
  const auto left = sorted_members(a);
  const auto right = sorted_members(b);
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& x, const auto& y) { return x.first == y.first && equal(x.second, y.second); });
}

template <typename A, typename B>
bool equal_arrays(const A& a, const B& b) {
  if (a.item_count() != b.item_count()) return false;
  auto right = b.items();
  for (auto left = a.items(); !left.done(); left.next(), right.next()) {
    if (!equal(left.value(), right.value())) return false;
  }
  return true;
}

template <typename A, typename B>
bool equal(const A& a, const B& b) {
  const Value::Kind kind = a.kind();
  if (is_number(kind)) {
    return is_number(b.kind()) && compare(a.number(), b.number()) == 0;
  }
  if (kind != b.kind()) return false;
  switch (kind) {
    case Value::Kind::boolean:
      return a.boolean() == b.boolean();
    case Value::Kind::string:
      return a.string() == b.string();
    case Value::Kind::array:
      return equal_arrays(a, b);
    case Value::Kind::object:
      return equal_objects(a, b);
    default:
      return true;  // null
  }
}

template <typename Node>
bool is_enumerated(const Enumeration& row, Node node) {
  if (node.kind() == Value::Kind::string) return row.strings.find(node.string()) != KeyTable::kNone;
  if (row.only_strings) return false;
  for (const Value& value : row.values) {
    if (equal(node, ValueNode(value))) return true;
  }
  return false;
}

// Text that two nodes share exactly when they are equal; to sort by, not to read.
template <typename Node>
void append_sort_text(std::string& out, const Node& node) {
  const auto append_sized = [&out](std::string_view text) {
    out.append(std::to_string(text.size())).append(":").append(text);
  };
  switch (node.kind()) {
    case Value::Kind::null:
      out += 'n';
      return;
    case Value::Kind::boolean:
      out += node.boolean() ? 't' : 'f';
      return;
    case Value::Kind::integer:
    case Value::Kind::real: {
      const Number n = node.number();
      // A double that is an integer in range equals that integer.
      const bool fits = n.is_integer || (n.is_integral() && n.real >= -0x1p63 && n.real < 0x1p63);
      if (fits) {
        out.append("i").append(
            std::to_string(n.is_integer ? n.integer : static_cast<std::int64_t>(n.real)));
      } else {
        char bits[sizeof n.real];
        std::memcpy(bits, &n.real, sizeof bits);
        out.append("d").append(bits, sizeof bits);
      }
      return;
    }
    case Value::Kind::string:
      out += 's';
      append_sized(node.string());
      return;
    case Value::Kind::array:
      out += '[';
      for (auto all = node.items(); !all.done(); all.next()) append_sort_text(out, all.value());
      out += ']';
      return;
    case Value::Kind::object:
      out += '{';
      for (const auto& [key, value] : sorted_members(node)) {
        append_sized(key);
        append_sort_text(out, value);
      }
      out += '}';
      return;
  }
}

template <typename Node>
bool are_unique(const Node& array) {
  constexpr std::size_t kPairwise = 8;
  std::vector<Node> items;
  items.reserve(array.item_count());
  for (auto all = array.items(); !all.done(); all.next()) items.push_back(all.value());
  if (items.size() <= kPairwise) {
    for (std::size_t i = 1; i < items.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (equal(items[i], items[j])) return false;
      }
    }
    return true;
  }
  std::vector<std::string> texts(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) append_sort_text(texts[i], items[i]);
  std::sort(texts.begin(), texts.end());
  return std::adjacent_find(texts.begin(), texts.end()) == texts.end();
}

}  // namespace writ::contract
