#include "contract/schema/report.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "contract/schema/branches.h"
#include "contract/schema/pointer.h"

namespace writ::contract {

Reporter::Reporter(const Program& program, Budget& budget)
    : program_(program),
      budget_(budget),
      probe_(program, budget),
      limit_(std::max<std::size_t>(program.limits.violations, 1)) {}

ValidationResult Reporter::run(const Value& instance) {
  block(program_.root, instance, nullptr);
  if (budget_.gave_up) {
    found_.clear();
    add(Violation{{},
                  {},
                  {},
                  "a schema that ends",
                  "too many steps or levels",
                  "the schema takes too many steps on this instance to decide",
                  "Simplify the schema's references and alternatives",
                  instance.at()});
  }
  // In the order of the document; those of one place stay as they came.
  for (auto at = found_.begin(); at != found_.end(); ++at) {
    const auto place =
        std::upper_bound(found_.begin(), at, *at,
                         [](const Violation& a, const Violation& b) { return a.at < b.at; });
    std::rotate(place, at, at + 1);
  }
  return {std::move(found_), more_};
}

void Reporter::block(BlockId id, const Value& value, Evaluated* outer) {
  const Block& block = program_.blocks[id];
  const ValueNode node(value);
  if (!has_type(block.types, node, node.kind())) {
    const bool is_false = block.type_location == kNone;
    return add_about_value(is_false ? block.location : block.type_location, value,
                           word_type(block.types, value));
  }
  const Level level(program_, block, budget_);
  if (budget_.gave_up || more_) return;
  blocks_.push_back(id);
  if (block.tracks) {
    Evaluated own;
    sections(block, value, &own);
    if (outer != nullptr) outer->merge(own);
  } else {
    sections(block, value, outer);
  }
  blocks_.pop_back();
}

void Reporter::sections(const Block& block, const Value& value, Evaluated* seen) {
  for (std::uint32_t i = block.starts[0]; i < block.starts[1]; ++i) {
    any(program_.code[i], value, seen);
  }
  const ValueNode node(value);
  const auto section = static_cast<std::size_t>(section_of(node.kind()));
  if (section == 0) return;
  for (std::uint32_t i = block.starts[section]; i < block.starts[section + 1]; ++i) {
    const Instruction& at = program_.code[i];
    switch (section_of(node.kind())) {
      case Section::object:
        object(at, value, seen);
        break;
      case Section::array:
        array(at, value, seen);
        break;
      case Section::string:
        if (!string_holds(program_, at, node.string())) {
          add_about_value(at.location, value, word_assertion(program_, at, value));
        }
        break;
      default:
        if (!number_holds(program_, at, node.number())) {
          add_about_value(at.location, value, word_assertion(program_, at, value));
        }
    }
  }
}

void Reporter::any(const Instruction& at, const Value& value, Evaluated* seen) {
  switch (at.op) {
    case Op::call:
      return block(at.operand, value, seen);
    case Op::call_dynamic:
      return block(dynamic_target(program_, program_.dynamic_calls[at.operand], budget_), value,
                   seen);
    case Op::constant:
      if (!(value == program_.values[at.operand])) {
        add_about_value(at.location, value, word_assertion(program_, at, value));
      }
      return;
    case Op::enumeration:
      if (!is_enumerated(program_.enums[at.operand], ValueNode(value))) {
        add_about_value(at.location, value, word_assertion(program_, at, value));
      }
      return;
    case Op::any_of:
      return any_of(at, value, seen);
    case Op::one_of:
      return one_of(at, value, seen);
    case Op::negate:
      if (probe_.holds(at.operand, ValueNode(value)) && !budget_.gave_up) {
        const std::uint32_t note = program_.blocks[at.operand].note;
        const std::string what = note == kNone ? "what the schema excludes" : program_.notes[note];
        add_about_value(at.location, value,
                        {"not: " + what, describe_value(value), "must not be " + what, {}});
      }
      return;
    default:
      return conditional(at, value, seen);
  }
}

std::size_t Reporter::holding_branches(const Branches& row, const Value& value, Evaluated* seen) {
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < row.count; ++i) {
    Evaluated branch;
    if (!probe_.holds(program_.branch_blocks[row.first + i], ValueNode(value),
                      seen == nullptr ? nullptr : &branch)) {
      continue;
    }
    ++count;
    if (seen != nullptr) seen->merge(branch);
  }
  return count;
}

void Reporter::any_of(const Instruction& at, const Value& value, Evaluated* seen) {
  if (holding_branches(program_.branches[at.operand], value, seen) == 0) {
    no_branch_holds(at, value, seen);
  }
}

void Reporter::one_of(const Instruction& at, const Value& value, Evaluated* seen) {
  const Branches& row = program_.branches[at.operand];
  const std::size_t count = holding_branches(row, value, seen);
  if (count == 0) return no_branch_holds(at, value, seen);
  if (count == 1) return;
  add_about_value(
      at.location, value,
      {"exactly 1 of the alternatives", fmt::format("{} of them", count),
       fmt::format("must be exactly one of {} alternatives, is {} at once", row.count, count),
       "Remove what belongs to the others"});
}

Reporter::Branch Reporter::try_branch(BlockId id, const Value& value) {
  std::vector<Violation> outside = std::move(found_);
  found_.clear();
  const bool more = std::exchange(more_, false);
  Branch branch;
  block(id, value, &branch.seen);
  branch.violations = std::exchange(found_, std::move(outside));
  more_ = more;
  return branch;
}

void Reporter::no_branch_holds(const Instruction& at, const Value& value, Evaluated* seen) {
  const Branches& row = program_.branches[at.operand];
  std::vector<std::vector<Violation>> branches;
  std::vector<Evaluated> marks;
  for (std::uint32_t i = 0; i < row.count; ++i) {
    Branch branch = try_branch(program_.branch_blocks[row.first + i], value);
    if (budget_.gave_up) return;
    branches.push_back(std::move(branch.violations));
    marks.push_back(std::move(branch.seen));
  }
  if (auto merged = merge_branches(branches, path_)) {
    for (const Evaluated& mark : marks) {
      if (seen != nullptr) seen->merge(mark);
    }
    return add(*std::move(merged));
  }
  const std::size_t best = best_branch(branches, path_);
  if (seen != nullptr) seen->merge(marks[best]);
  for (Violation& violation : branches[best]) add(std::move(violation));
}

void Reporter::conditional(const Instruction& at, const Value& value, Evaluated* seen) {
  const Conditional& row = program_.conditionals[at.operand];
  Evaluated marks;
  const bool holds = probe_.holds(row.condition, ValueNode(value), &marks);
  if (holds && seen != nullptr) seen->merge(marks);
  const BlockId next = holds ? row.then : row.otherwise;
  if (next != kNone) block(next, value, seen);
}

void Reporter::member(BlockId id, const Member& member) {
  const std::size_t size = path_.size();
  append_pointer(path_, member.key);
  instance_starts_.push_back(blocks_.size());
  block(id, member.value, nullptr);
  instance_starts_.pop_back();
  path_.resize(size);
}

void Reporter::item(BlockId id, const Value& array, std::size_t index) {
  const std::size_t size = path_.size();
  append_pointer(path_, index);
  instance_starts_.push_back(blocks_.size());
  block(id, array.as_array()[index], nullptr);
  instance_starts_.pop_back();
  path_.resize(size);
}

void Reporter::add_about_value(std::uint32_t location, const Value& value, Wording wording) {
  wording.sentence = readable_path(path_) + " " + wording.sentence;
  add(location, value.at(), std::move(wording));
}

void Reporter::add(std::uint32_t location, Position at, Wording wording) {
  const Location& row = program_.locations[location];
  if (wording.remedy.empty() && !blocks_.empty()) {
    // The schema's own words for the value, if it is the value that is wrong.
    const std::uint32_t note = program_.blocks[blocks_.back()].note;
    const bool is_own = blocks_.size() > instance_starts_.back();
    if (note != kNone && is_own && !path_.empty()) wording.remedy = program_.notes[note];
  }
  add(Violation{path_, row.keyword, program_.resource_uris[row.resource] + "#" + row.pointer,
                std::move(wording.expected), std::move(wording.actual), std::move(wording.sentence),
                std::move(wording.remedy), at});
}

void Reporter::add(Violation violation) {
  if (found_.size() >= limit_) {
    more_ = true;
  } else {
    found_.push_back(std::move(violation));
  }
}

}  // namespace writ::contract
