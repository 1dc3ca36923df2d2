#pragma once
// Runs a program over an instance and answers yes or no, over any representation of the instance
// (node.h). Says nothing of why: that is report.h's, which asks a Probe about branches.
#include <cstdint>
#include <vector>

#include "contract/schema/budget.h"
#include "contract/schema/equality.h"
#include "contract/schema/evaluated.h"
#include "contract/schema/kinds.h"
#include "contract/schema/leaf.h"
#include "contract/schema/node.h"
#include "contract/schema/program.h"

namespace writ::contract {

class Probe {
 public:
  Probe(const Program& program, Budget& budget) : program_(program), budget_(budget) {}

  // `outer` collects what the schema evaluated, if it holds; nullptr: nobody asks.
  // Inlined for speed: most schemas are bare and done here.
  template <typename Node>
  [[gnu::always_inline]] bool holds(BlockId id, Node node, Evaluated* outer = nullptr) {
    const Block& block = program_.blocks[id];
    const Value::Kind kind = node.kind();
    if (!has_type(block.types, node, kind)) return false;
    if (block.is_bare) return true;
    return block.is_leaf ? sections_hold(block, node, kind, outer)
                         : tree_holds(block, node, kind, outer);
  }

 private:
  template <typename Node>
  [[gnu::noinline]] bool tree_holds(const Block& block, Node node, Value::Kind kind,
                                    Evaluated* outer) {
    const Level level(program_, block, budget_);
    if (budget_.gave_up) return false;
    if (!block.tracks) return sections_hold(block, node, kind, outer);
    Evaluated own;
    if (!sections_hold(block, node, kind, &own)) return false;
    if (outer != nullptr) outer->merge(own);
    return true;
  }

  template <typename Node>
  [[gnu::noinline]] bool sections_hold(const Block& block, Node node, Value::Kind kind,
                                       Evaluated* seen) {
    for (std::uint32_t i = block.starts[0]; i < block.starts[1]; ++i) {
      if (!any_holds(program_.code[i], node, seen)) return false;
    }
    switch (kind) {
      case Value::Kind::integer:
      case Value::Kind::real:
        return all_hold(block, Section::number, [&, n = node.number()](const Instruction& at) {
          return number_holds(program_, at, n);
        });
      case Value::Kind::string:
        return all_hold(block, Section::string, [&, text = node.string()](const Instruction& at) {
          return string_holds(program_, at, text);
        });
      case Value::Kind::array:
        return all_hold(block, Section::array,
                        [&](const Instruction& at) { return array_holds(at, node, seen); });
      case Value::Kind::object:
        return all_hold(block, Section::object,
                        [&](const Instruction& at) { return object_holds(at, node, seen); });
      default:
        return true;
    }
  }

  template <typename F>
  bool all_hold(const Block& block, Section section, F&& holds_at) {
    const auto number = static_cast<std::size_t>(section);
    const Instruction* at = program_.code.data() + block.starts[number];
    const Instruction* end = program_.code.data() + block.starts[number + 1];
    for (; at != end; ++at) {
      if (!holds_at(*at)) return false;
    }
    return true;
  }

  template <typename Node>
  bool any_holds(const Instruction& at, Node node, Evaluated* seen) {
    switch (at.op) {
      case Op::call:
        return holds(at.operand, node, seen);
      case Op::call_dynamic:
        return holds(dynamic_target(program_, program_.dynamic_calls[at.operand], budget_), node,
                     seen);
      case Op::constant:
        return equal(node, ValueNode(program_.values[at.operand]));
      case Op::enumeration:
        return is_enumerated(program_.enums[at.operand], node);
      case Op::any_of:
        return any_of(program_.branches[at.operand], node, seen);
      case Op::one_of:
        return one_of(program_.branches[at.operand], node, seen);
      case Op::negate:
        return !holds(at.operand, node);
      default:
        return conditional(program_.conditionals[at.operand], node, seen);
    }
  }

  template <typename Node>
  bool branch_holds(BlockId id, Node node, Evaluated* seen) {
    if (seen == nullptr) return holds(id, node);
    Evaluated branch;
    if (!holds(id, node, &branch)) return false;
    seen->merge(branch);
    return true;
  }

  template <typename Node>
  bool any_of(const Branches& row, Node node, Evaluated* seen) {
    bool found = false;
    for (std::uint32_t i = 0; i < row.count; ++i) {
      if (!branch_holds(program_.branch_blocks[row.first + i], node, seen)) continue;
      if (seen == nullptr) return true;
      found = true;  // every branch that holds adds to what is evaluated
    }
    return found;
  }

  template <typename Node>
  bool one_of(const Branches& row, Node node, Evaluated* seen) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < row.count && found < 2; ++i) {
      if (branch_holds(program_.branch_blocks[row.first + i], node, seen)) ++found;
    }
    return found == 1;
  }

  template <typename Node>
  bool conditional(const Conditional& row, Node node, Evaluated* seen) {
    const BlockId next = branch_holds(row.condition, node, seen) ? row.then : row.otherwise;
    return next == kNone || holds(next, node, seen);
  }

  template <typename Node>
  bool array_holds(const Instruction& at, Node node, Evaluated* seen) {
    switch (at.op) {
      case Op::min_items:
        return node.item_count() >= at.operand;
      case Op::max_items:
        return node.item_count() <= at.operand;
      case Op::unique_items:
        return are_unique(node);
      case Op::items:
        return items_hold(program_.item_sets[at.operand], node, seen);
      case Op::contains:
        return contains_holds(program_.contains[at.operand], node, seen);
      default:
        return unevaluated_items_hold(at.operand, node, seen);
    }
  }

  template <typename Node>
  bool items_hold(const ItemSet& set, Node node, Evaluated* seen) {
    const std::size_t prefix = set.prefix.size();
    if (seen != nullptr) {
      if (set.has_rest) seen->mark_all();
      for (std::size_t i = 0; i < std::min(prefix, node.item_count()); ++i) seen->mark(i);
    }
    if (prefix == 0 && set.rest == kNone) return true;
    std::size_t index = 0;
    for (auto all = node.items(); !all.done(); all.next(), ++index) {
      const BlockId block = index < prefix ? set.prefix[index] : set.rest;
      if (block != kNone && !holds(block, all.value())) return false;
    }
    return true;
  }

  template <typename Node>
  bool contains_holds(const Contains& row, Node node, Evaluated* seen) {
    const bool marks = seen != nullptr && row.marks_items;
    std::uint32_t found = 0;
    std::size_t index = 0;
    for (auto all = node.items(); !all.done(); all.next(), ++index) {
      if (!holds(row.block, all.value())) continue;
      ++found;
      if (marks) seen->mark(index);
      const bool is_decided = found >= row.at_least && row.at_most == kNone;
      if (is_decided && !marks) return true;
    }
    return found >= row.at_least && found <= row.at_most;
  }

  template <typename Node>
  bool unevaluated_items_hold(BlockId id, Node node, Evaluated* seen) {
    std::size_t index = 0;
    for (auto all = node.items(); !all.done(); all.next(), ++index) {
      if (!seen->is_marked(index) && !holds(id, all.value())) return false;
    }
    seen->mark_all();
    return true;
  }

  template <typename Node>
  bool object_holds(const Instruction& at, Node node, Evaluated* seen) {
    switch (at.op) {
      case Op::min_properties:
        return node.member_count() >= at.operand;
      case Op::max_properties:
        return node.member_count() <= at.operand;
      case Op::properties:
        return properties_hold(program_.property_sets[at.operand], node, seen);
      case Op::property_names:
        return names_hold(at.operand, node);
      case Op::dependent_required: {
        const DependentRequired& row = program_.dependents_required[at.operand];
        return !has_member(node, row.key) ||
               std::all_of(row.needs.begin(), row.needs.end(),
                           [&](const std::string& key) { return has_member(node, key); });
      }
      case Op::dependent_schema: {
        const DependentSchema& row = program_.dependents_schema[at.operand];
        return !has_member(node, row.key) || holds(row.block, node, seen);
      }
      default:
        return unevaluated_properties_hold(at.operand, node, seen);
    }
  }

  template <typename Node>
  bool names_hold(BlockId id, Node node) {
    for (auto all = node.members(); !all.done(); all.next()) {
      if (!holds(id, NameNode(all.key()))) return false;
    }
    return true;
  }

  template <typename Node>
  static bool has_member(Node node, std::string_view wanted) {
    for (auto all = node.members(); !all.done(); all.next()) {
      if (all.key() == wanted) return true;
    }
    return false;
  }

  template <typename Node>
  bool properties_hold(const PropertySet& set, Node node, Evaluated* seen) {
    std::uint32_t required = 0;
    std::size_t index = 0;
    for (auto all = node.members(); !all.done(); all.next(), ++index) {
      const std::string_view key = all.key();
      bool is_known = false;
      if (const std::uint32_t ordinal = set.keys.find(key); ordinal != KeyTable::kNone) {
        const PropertySet::Entry& entry = set.entries[ordinal];
        if (entry.required != kNone) ++required;  // keys are unique: counting is enough
        is_known = entry.is_declared;
        if (entry.block != kNone && !holds(entry.block, all.value())) return false;
      }
      if (!set.patterns.empty() && !patterns_hold(set, key, all.value(), is_known)) return false;
      if (!is_known && set.additional != kNone && !holds(set.additional, all.value())) {
        return false;
      }
      if (seen != nullptr && (is_known || set.has_additional)) seen->mark(index);
    }
    return required == set.required_count;
  }

  // Sets `is_known` when a pattern has the key.
  template <typename Node>
  bool patterns_hold(const PropertySet& set, std::string_view key, Node value, bool& is_known) {
    for (const auto& entry : set.patterns) {
      if (!program_.patterns[entry.pattern].matches(key)) continue;
      is_known = true;
      if (entry.block != kNone && !holds(entry.block, value)) return false;
    }
    return true;
  }

  template <typename Node>
  bool unevaluated_properties_hold(BlockId id, Node node, Evaluated* seen) {
    std::size_t index = 0;
    for (auto all = node.members(); !all.done(); all.next(), ++index) {
      if (!seen->is_marked(index) && !holds(id, all.value())) return false;
    }
    seen->mark_all();
    return true;
  }

  const Program& program_;
  Budget& budget_;
};

}  // namespace writ::contract
