// The part of Reporter that looks into arrays and objects.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "contract/schema/pointer.h"
#include "contract/schema/report.h"

namespace writ::contract {
namespace {

bool is_false(const Block& block) { return block.types == kNoType; }

std::string quote_key(std::string_view key) { return fmt::format("`{}`", key); }

}  // namespace

void Reporter::array(const Instruction& at, const Value& value, Evaluated* seen) {
  const std::size_t size = value.as_array().size();
  const auto check = [&](bool fine) {
    if (!fine) add_about_value(at.location, value, word_assertion(program_, at, value));
  };
  switch (at.op) {
    case Op::min_items:
      return check(size >= at.operand);
    case Op::max_items:
      return check(size <= at.operand);
    case Op::unique_items:
      return check(are_unique(ValueNode(value)));
    case Op::items:
      return items(program_.item_sets[at.operand], value, seen);
    case Op::contains:
      return contains(at, value, seen);
    default:
      return unevaluated_items(at, value, seen);
  }
}

void Reporter::items(const ItemSet& set, const Value& value, Evaluated* seen) {
  const std::size_t size = value.as_array().size();
  for (std::size_t i = 0; i < size; ++i) {
    const bool is_prefix = i < set.prefix.size();
    if (seen != nullptr && (is_prefix || set.has_rest)) seen->mark(i);
    const BlockId id = is_prefix ? set.prefix[i] : set.rest;
    if (id != kNone) item(id, value, i);
  }
}

void Reporter::contains(const Instruction& at, const Value& value, Evaluated* seen) {
  const Contains& row = program_.contains[at.operand];
  std::size_t found = 0;
  for (std::size_t i = 0; i < value.as_array().size(); ++i) {
    if (!probe_.holds(row.block, ValueNode(value.as_array()[i]))) continue;
    ++found;
    if (seen != nullptr && row.marks_items) seen->mark(i);
  }
  const auto say = [&](std::uint32_t location, std::string_view words, std::uint32_t bound) {
    add_about_value(location == kNone ? at.location : location, value,
                    {fmt::format("{} {} matching items", words, bound),
                     fmt::format("{} matching", found),
                     fmt::format("must have {} {} matching item{}, has {}", words, bound,
                                 bound == 1 ? "" : "s", found),
                     {}});
  };
  if (found < row.at_least) say(row.at_least_location, "at least", row.at_least);
  if (found > row.at_most) say(row.at_most_location, "at most", row.at_most);
}

void Reporter::unevaluated_items(const Instruction& at, const Value& value, Evaluated* seen) {
  for (std::size_t i = 0; i < value.as_array().size(); ++i) {
    if (!seen->is_marked(i)) item(at.operand, value, i);
  }
  seen->mark_all();
}

void Reporter::object(const Instruction& at, const Value& value, Evaluated* seen) {
  const std::size_t size = value.as_object().size();
  const auto check = [&](bool fine) {
    if (!fine) add_about_value(at.location, value, word_assertion(program_, at, value));
  };
  switch (at.op) {
    case Op::min_properties:
      return check(size >= at.operand);
    case Op::max_properties:
      return check(size <= at.operand);
    case Op::properties:
      return properties(program_.property_sets[at.operand], value, seen);
    case Op::property_names:
      return property_names(at, value);
    case Op::dependent_required:
      return dependent_required(at, value);
    case Op::dependent_schema: {
      const DependentSchema& row = program_.dependents_schema[at.operand];
      return value.find(row.key) != nullptr ? block(row.block, value, seen) : void();
    }
    default:
      return unevaluated_properties(at, value, seen);
  }
}

void Reporter::properties(const PropertySet& set, const Value& value, Evaluated* seen) {
  std::size_t index = 0;
  std::uint32_t required = 0;
  for (const Member& each : value.as_object()) {
    bool is_known = false;
    if (const std::uint32_t ordinal = set.keys.find(each.key); ordinal != KeyTable::kNone) {
      const PropertySet::Entry& entry = set.entries[ordinal];
      if (entry.required != kNone) ++required;
      is_known = entry.is_declared;
      if (entry.block != kNone) member(entry.block, each);
    }
    for (const auto& entry : set.patterns) {
      if (!program_.patterns[entry.pattern].matches(each.key)) continue;
      is_known = true;
      if (entry.block != kNone) member(entry.block, each);
    }
    if (!is_known && set.additional != kNone) {
      additional_member(set.additional, set.additional_location, each);
    }
    if (seen != nullptr && (is_known || set.has_additional)) seen->mark(index);
    ++index;
  }
  if (required < set.required_count) missing_keys(set, value);
}

void Reporter::missing_keys(const PropertySet& set, const Value& value) {
  for (std::uint32_t i = 0; i < set.entries.size(); ++i) {
    const std::string& key = set.keys.key(i);
    if (set.entries[i].required == kNone || value.find(key) != nullptr) continue;
    const std::string where = path_.empty() ? "" : fmt::format(" in {}", readable_path(path_));
    add(set.required_location, value.at(),
        {quote_key(key), "absent", fmt::format("{} is missing{}", quote_key(key), where),
         fmt::format("Add {}", quote_key(key))});
  }
}

void Reporter::additional_member(BlockId id, std::uint32_t location, const Member& each) {
  if (more_) return;  // thousands of unknown keys are told no better than a hundred
  if (!is_false(program_.blocks[id])) return member(id, each);
  const std::size_t size = path_.size();
  const std::string where = path_.empty() ? "" : fmt::format(" in {}", readable_path(path_));
  append_pointer(path_, each.key);
  Wording wording = word_unknown_key(each.key, known_keys());
  wording.sentence += where;
  const Position at = each.key_at.is_known() ? each.key_at : each.value.at();
  add(location, at, std::move(wording));
  path_.resize(size);
}

void Reporter::property_names(const Instruction& at, const Value& value) {
  for (const Member& each : value.as_object()) {
    Value name(each.key);
    name.set_at(each.key_at.is_known() ? each.key_at : each.value.at());
    const std::size_t before = found_.size();
    member(at.operand, {each.key, std::move(name), {}});
    for (std::size_t i = before; i < found_.size(); ++i) {
      found_[i].message = fmt::format("the name {}", found_[i].message);
    }
  }
}

void Reporter::dependent_required(const Instruction& at, const Value& value) {
  const DependentRequired& row = program_.dependents_required[at.operand];
  if (value.find(row.key) == nullptr) return;
  for (const std::string& key : row.needs) {
    if (value.find(key) != nullptr) continue;
    add(at.location, value.at(),
        {quote_key(key), "absent",
         fmt::format("{} needs {} beside it", quote_key(row.key), quote_key(key)),
         fmt::format("Add {}, or remove {}", quote_key(key), quote_key(row.key))});
  }
}

void Reporter::unevaluated_properties(const Instruction& at, const Value& value, Evaluated* seen) {
  std::size_t index = 0;
  for (const Member& each : value.as_object()) {
    if (seen->is_marked(index++)) continue;
    additional_member(at.operand, at.location, each);
  }
  seen->mark_all();
}

// Every key that some schema being run on this instance declares, alternatives included.
std::vector<std::string_view> Reporter::known_keys() const {
  std::vector<std::string_view> keys;
  std::set<BlockId> visited;
  std::vector<BlockId> open(blocks_.begin() + static_cast<std::ptrdiff_t>(instance_starts_.back()),
                            blocks_.end());
  const auto visit = [&](BlockId id) {
    if (id != kNone) open.push_back(id);
  };
  while (!open.empty()) {
    const BlockId id = open.back();
    open.pop_back();
    if (!visited.insert(id).second) continue;
    const Block& block = program_.blocks[id];
    for (std::uint32_t i = block.starts.front(); i < block.starts.back(); ++i) {
      const Instruction& at = program_.code[i];
      if (at.op == Op::properties) {
        const PropertySet& set = program_.property_sets[at.operand];
        for (std::uint32_t k = 0; k < set.entries.size(); ++k) {
          if (set.entries[k].is_declared) keys.push_back(set.keys.key(k));
        }
      } else if (at.op == Op::any_of || at.op == Op::one_of) {
        const Branches& row = program_.branches[at.operand];
        for (std::uint32_t b = 0; b < row.count; ++b) visit(program_.branch_blocks[row.first + b]);
      } else if (at.op == Op::call) {
        visit(at.operand);
      } else if (at.op == Op::conditional) {
        visit(program_.conditionals[at.operand].then);
        visit(program_.conditionals[at.operand].otherwise);
      } else if (at.op == Op::dependent_schema) {
        visit(program_.dependents_schema[at.operand].block);
      }
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace writ::contract
