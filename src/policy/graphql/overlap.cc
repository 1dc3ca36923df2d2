// Fields that come out under one name must be the same field with the same arguments, or their
// parents must be objects of different types; their selections are compared in turn.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "policy/graphql/walker.h"

namespace writ::rego::graphql {
namespace {

struct Field {
  Term node;
  const Definition* parent;
  const Term* definition;
};

// The fields of a selection by the name they come out under, and the fragments it spreads.
struct Collected {
  std::vector<std::string> order;
  std::map<std::string, std::vector<Field>> fields;
  std::vector<std::string> spreads;
};

struct Conflict {
  std::string name;
  std::string reason;
  Term at;
};

bool same_value(const Term& a, const Term& b) {
  return value_kind(a) == value_kind(b) && text(a, "Raw") == text(b, "Raw");
}

bool same_arguments(const Term& a, const Term& b) {
  const auto first = list(a, "Arguments");
  const auto second = list(b, "Arguments");
  if (first.size() != second.size()) return false;
  for (const Term& one : first) {
    const Term* const other = find_named(second, text(one, "Name"));
    if (other == nullptr || !same_value(child(one, "Value"), child(*other, "Value"))) return false;
  }
  return true;
}

class Comparison {
 public:
  Comparison(const Schema& schema, const Term& document) : schema_(schema), document_(document) {}

  std::vector<Problem> within(const Definition* parent, std::span<const Term> selections) {
    std::vector<Conflict> conflicts;
    const Collected all = collect(parent, selections);
    for (const std::string& name : all.order) {
      const std::vector<Field>& fields = all.fields.at(name);
      for (std::size_t i = 0; i < fields.size(); ++i) {
        for (std::size_t k = i + 1; k < fields.size(); ++k) {
          compare(false, fields[i], fields[k], conflicts);
        }
      }
    }
    std::set<std::string> compared;
    for (std::size_t i = 0; i < all.spreads.size(); ++i) {
      with_fragment(false, all, all.spreads[i], compared, conflicts);
      for (std::size_t k = i + 1; k < all.spreads.size(); ++k) {
        between_fragments(false, all.spreads[i], all.spreads[k], conflicts);
      }
    }
    return problems(conflicts, selections);
  }

 private:
  static constexpr int kMostSteps = 200'000;
  static constexpr int kDeepest = 100;

  bool spend() { return ++steps_ <= kMostSteps; }

  std::vector<Problem> problems(const std::vector<Conflict>& conflicts,
                                std::span<const Term> selections) const {
    std::vector<Problem> out;
    for (const Conflict& conflict : conflicts) {
      out.push_back(problem_at(
          conflict.at, fmt::format("Fields \"{}\" conflict because {}. Use different aliases on "
                                   "the fields to fetch both if this was intentional.",
                                   conflict.name, conflict.reason)));
    }
    if (steps_ > kMostSteps) {
      out.push_back(problem_at(selections[0], "Query is too complex to be compared with itself."));
    }
    return out;
  }

  Collected collect(const Definition* parent, std::span<const Term> selections) {
    Collected out;
    collect_into(parent, selections, out, 0);
    return out;
  }

  void collect_into(const Definition* parent, std::span<const Term> selections, Collected& out,
                    int depth) {
    if (depth > kDeepest) return;
    for (const Term& selection : selections) {
      if (!spend()) return;
      const std::string name(text(selection, "Name"));
      switch (selection_kind(selection)) {
        case SelectionKind::field: {
          const std::string_view alias = text(selection, "Alias");
          const std::string shown(alias.empty() ? name : alias);
          auto& fields = out.fields[shown];
          if (fields.empty()) out.order.push_back(shown);
          fields.push_back({selection, parent, field_of(parent, name)});
          break;
        }
        case SelectionKind::inline_fragment: {
          const std::string_view condition = text(selection, "TypeCondition");
          collect_into(condition.empty() ? parent : schema_.type(condition),
                       list(selection, "SelectionSet"), out, depth + 1);
          break;
        }
        case SelectionKind::spread:
          if (std::ranges::find(out.spreads, name) == out.spreads.end()) {
            out.spreads.push_back(name);
          }
          break;
      }
    }
  }

  const Collected* fragment(const std::string& name) {
    const auto known = fragments_.find(name);
    if (known != fragments_.end()) return &known->second;
    const Term* const node = find_named(list(document_, "Fragments"), name);
    if (node == nullptr) return nullptr;
    return &fragments_
                .emplace(name, collect(schema_.type(text(*node, "TypeCondition")),
                                       list(*node, "SelectionSet")))
                .first->second;
  }

  void between(bool exclusive, const Collected& a, const Collected& b,
               std::vector<Conflict>& conflicts) {
    for (const std::string& name : a.order) {
      const auto others = b.fields.find(name);
      if (others == b.fields.end()) continue;
      for (const Field& one : a.fields.at(name)) {
        for (const Field& other : others->second) compare(exclusive, one, other, conflicts);
      }
    }
  }

  void with_fragment(bool exclusive, const Collected& fields, const std::string& name,
                     std::set<std::string>& compared, std::vector<Conflict>& conflicts) {
    if (!compared.insert(name).second || !spend()) return;
    const Collected* const inside = fragment(name);
    if (inside == nullptr) return;
    between(exclusive, fields, *inside, conflicts);
    for (const std::string& next : inside->spreads) {
      if (next != name) with_fragment(exclusive, fields, next, compared, conflicts);
    }
  }

  void between_fragments(bool exclusive, const std::string& a, const std::string& b,
                         std::vector<Conflict>& conflicts) {
    if (a == b || !spend()) return;
    const auto pair = std::minmax(a, b);
    const std::string key = pair.first + '\0' + pair.second;
    const auto known = pairs_.find(key);
    // Compared as possibly equal includes compared as exclusive.
    if (known != pairs_.end() && (exclusive || !known->second)) return;
    pairs_[key] = exclusive;
    const Collected* const first = fragment(a);
    const Collected* const second = fragment(b);
    if (first == nullptr || second == nullptr) return;
    between(exclusive, *first, *second, conflicts);
    for (const std::string& next : second->spreads)
      between_fragments(exclusive, a, next, conflicts);
    for (const std::string& next : first->spreads) between_fragments(exclusive, next, b, conflicts);
  }

  bool types_conflict(const Term& a, const Term& b) const {
    const Term& inner_a = child(a, "Elem");
    const Term& inner_b = child(b, "Elem");
    if (inner_a.is_object() != inner_b.is_object()) return true;
    if (inner_a.is_object()) return types_conflict(inner_a, inner_b);
    if (flag(a, "NonNull") != flag(b, "NonNull")) return true;
    const Definition* const first = schema_.type(text(a, "NamedType"));
    const Definition* const second = schema_.type(text(b, "NamedType"));
    return first != nullptr && second != nullptr && first->is_leaf() && second->is_leaf() &&
           first != second;
  }

  std::string difference(bool exclusive, const Field& a, const Field& b) const {
    if (!exclusive) {
      if (text(a.node, "Name") != text(b.node, "Name")) {
        return fmt::format("\"{}\" and \"{}\" are different fields", text(a.node, "Name"),
                           text(b.node, "Name"));
      }
      if (!same_arguments(a.node, b.node)) return "they have differing arguments";
    }
    if (a.definition == nullptr || b.definition == nullptr) return {};
    const Term& first = child(*a.definition, "Type");
    const Term& second = child(*b.definition, "Type");
    if (!types_conflict(first, second)) return {};
    return fmt::format("they return conflicting types \"{}\" and \"{}\"", type_text(first),
                       type_text(second));
  }

  void compare(bool parents_exclusive, const Field& a, const Field& b,
               std::vector<Conflict>& conflicts) {
    if (a.parent == nullptr || b.parent == nullptr || !spend() || depth_ > kDeepest) return;
    const bool exclusive =
        parents_exclusive ||
        (a.parent != b.parent && a.parent->kind == "OBJECT" && b.parent->kind == "OBJECT" &&
         a.definition != nullptr && b.definition != nullptr);
    const std::string_view alias = text(a.node, "Alias");
    const std::string name(alias.empty() ? text(a.node, "Name") : alias);
    std::string reason = difference(exclusive, a, b);
    if (reason.empty()) reason = inner_difference(exclusive, a, b);
    if (!reason.empty()) conflicts.push_back({name, std::move(reason), b.node});
  }

  const Definition* type_of(const Field& field) const {
    return field.definition == nullptr ? nullptr
                                       : schema_.type(type_name(child(*field.definition, "Type")));
  }

  std::string inner_difference(bool exclusive, const Field& a, const Field& b) {
    const auto first = list(a.node, "SelectionSet");
    const auto second = list(b.node, "SelectionSet");
    if (first.empty() || second.empty()) return {};
    ++depth_;
    const Collected x = collect(type_of(a), first);
    const Collected y = collect(type_of(b), second);
    std::vector<Conflict> conflicts;
    between(exclusive, x, y, conflicts);
    for (const std::string& name : y.spreads) {
      std::set<std::string> compared;
      with_fragment(exclusive, x, name, compared, conflicts);
    }
    for (const std::string& name : x.spreads) {
      std::set<std::string> compared;
      with_fragment(exclusive, y, name, compared, conflicts);
    }
    for (const std::string& one : x.spreads) {
      for (const std::string& other : y.spreads)
        between_fragments(exclusive, one, other, conflicts);
    }
    --depth_;
    std::string out;
    for (const Conflict& conflict : conflicts) {
      out += fmt::format("{}subfields \"{}\" conflict because {}", out.empty() ? "" : " and ",
                         conflict.name, conflict.reason);
    }
    return out;
  }

  const Schema& schema_;
  const Term& document_;
  std::map<std::string, Collected> fragments_;
  std::map<std::string, bool> pairs_;  // whether compared as exclusive only
  int steps_ = 0;
  int depth_ = 0;
};

}  // namespace

std::vector<Problem> overlapping_fields(const Schema& schema, const Term& document,
                                        const Definition* parent,
                                        std::span<const Term> selections) {
  if (selections.empty()) return {};
  return Comparison(schema, document).within(parent, selections);
}

}  // namespace writ::rego::graphql
