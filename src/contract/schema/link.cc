// What can be decided once all blocks are known: dynamic references with one possible target,
// endless loops, references to references, schemas that always hold.
#include "contract/schema/compiler.h"

namespace writ::contract {
namespace {

// Calls f(BlockId&) for the blocks that an instruction applies to the same instance.
template <typename F>
void each_in_place(Program& program, Instruction& at, F&& f) {
  switch (at.op) {
    case Op::call:
    case Op::negate:
      return f(at.operand);
    case Op::call_dynamic:
      return f(program.dynamic_calls[at.operand].fallback);
    case Op::any_of:
    case Op::one_of: {
      const Branches& row = program.branches[at.operand];
      for (std::uint32_t i = 0; i < row.count; ++i) f(program.branch_blocks[row.first + i]);
      return;
    }
    case Op::conditional: {
      Conditional& row = program.conditionals[at.operand];
      f(row.condition);
      f(row.then);
      f(row.otherwise);
      return;
    }
    case Op::dependent_schema:
      return f(program.dependents_schema[at.operand].block);
    default:
      return;
  }
}

// … and for those that it applies to items, properties and names.
template <typename F>
void each_in_children(Program& program, Instruction& at, F&& f) {
  switch (at.op) {
    case Op::items: {
      ItemSet& set = program.item_sets[at.operand];
      for (BlockId& block : set.prefix) f(block);
      f(set.rest);
      return;
    }
    case Op::contains:
      return f(program.contains[at.operand].block);
    case Op::unevaluated_items:
    case Op::unevaluated_properties:
    case Op::property_names:
      return f(at.operand);
    case Op::properties: {
      PropertySet& set = program.property_sets[at.operand];
      for (auto& entry : set.entries) f(entry.block);
      for (auto& entry : set.patterns) f(entry.block);
      f(set.additional);
      return;
    }
    default:
      return;
  }
}

// A dynamic reference that can only ever mean one schema is a plain one.
void settle_dynamic_calls(Program& program) {
  std::vector<bool> is_settled;
  for (const auto& targets : program.dynamic_targets) {
    std::size_t known = 0;
    for (const BlockId target : targets) known += target != kNone ? 1 : 0;
    is_settled.push_back(known <= 1);
  }
  for (Instruction& at : program.code) {
    if (at.op != Op::call_dynamic) continue;
    const DynamicCall& call = program.dynamic_calls[at.operand];
    if (is_settled[call.anchor]) {
      at.op = Op::call;
      at.operand = call.fallback;
    } else {
      program.uses_dynamic_scope = true;
    }
  }
}

// The location of a schema that leads back to itself on the same instance; kNone when none does.
// A dynamic call counts as its fallback: what else it may become is bounded while running.
std::uint32_t find_loop(Program& program) {
  enum class State : std::uint8_t { unseen, open, done };
  struct Frame {
    BlockId block;
    std::vector<BlockId> todo;
  };
  std::vector<State> states(program.blocks.size(), State::unseen);
  std::vector<Frame> path;
  const auto enter = [&](BlockId id) {
    Frame frame{id, {}};
    const Block& block = program.blocks[id];
    for (std::uint32_t i = block.starts.front(); i < block.starts.back(); ++i) {
      each_in_place(program, program.code[i], [&](BlockId next) {
        if (next != kNone) frame.todo.push_back(next);
      });
    }
    states[id] = State::open;
    path.push_back(std::move(frame));
  };
  for (BlockId start = 0; start < program.blocks.size(); ++start) {
    if (states[start] == State::unseen) enter(start);
    while (!path.empty()) {
      Frame& frame = path.back();
      if (frame.todo.empty()) {
        states[frame.block] = State::done;
        path.pop_back();
        continue;
      }
      const BlockId next = frame.todo.back();
      frame.todo.pop_back();
      if (states[next] == State::open) return program.blocks[next].location;
      if (states[next] == State::unseen) enter(next);
    }
  }
  return kNone;
}

// The only schema that a block applies, if that is all it does; kNone otherwise. Schemas with
// words of their own stay, for the words.
BlockId only_reference(const Program& program, const Block& block) {
  const bool only_any = block.starts[1] == block.starts.back();
  const bool only_one = block.starts[1] - block.starts[0] == 1;
  if (!only_any || !only_one || block.types != kAllTypes || block.tracks || block.note != kNone) {
    return kNone;
  }
  const Instruction& only = program.code[block.starts[0]];
  return only.op == Op::call ? only.operand : kNone;
}

// For each block, the one that can be run instead. Chains end: there are no loops by now.
std::vector<BlockId> forwarding(const Program& program) {
  std::vector<BlockId> forward(program.blocks.size(), kNone);
  std::vector<BlockId> chain;
  for (BlockId start = 0; start < program.blocks.size(); ++start) {
    BlockId at = start;
    for (chain.clear(); forward[at] == kNone; at = only_reference(program, program.blocks[at])) {
      chain.push_back(at);
      const bool is_end =
          program.uses_dynamic_scope || only_reference(program, program.blocks[at]) == kNone;
      if (is_end) forward[at] = at;
      if (is_end) break;
    }
    for (const BlockId id : chain) forward[id] = forward[at];
  }
  return forward;
}

void thread_references(Program& program) {
  const std::vector<BlockId> table = forwarding(program);
  const auto forward = [&](BlockId& id) {
    if (id != kNone) id = table[id];
  };
  const auto drop_trivial = [&](BlockId& id) {
    forward(id);
    if (is_trivial(program, id)) id = kNone;
  };
  for (Instruction& at : program.code) {
    each_in_place(program, at, forward);
    if (at.op == Op::items || at.op == Op::properties) {
      each_in_children(program, at, drop_trivial);
    } else {
      each_in_children(program, at, forward);
    }
  }
  forward(program.root);
}

void mark_leaves(Program& program) {
  for (Block& block : program.blocks) {
    block.is_leaf = !block.tracks;
    block.is_bare = block.starts.front() == block.starts.back();
    const auto applies = [&](BlockId id) { block.is_leaf = block.is_leaf && id == kNone; };
    for (std::uint32_t i = block.starts.front(); i < block.starts.back(); ++i) {
      each_in_place(program, program.code[i], applies);
      each_in_children(program, program.code[i], applies);
    }
  }
}

}  // namespace

std::uint32_t link_program(Program& program) {
  settle_dynamic_calls(program);
  if (const std::uint32_t loop = find_loop(program); loop != kNone) return loop;
  thread_references(program);
  mark_leaves(program);
  return kNone;
}

}  // namespace writ::contract
