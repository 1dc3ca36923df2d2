#include "protocol/order.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "base/suggest.h"
#include "protocol/closing.h"
#include "protocol/sort_by_needs.h"
#include "protocol/step_names.h"

namespace writ::protocol {
namespace {

// All edges of a plan together; a plan that needs more is written in a way nobody can follow.
constexpr std::size_t kMaxNeeds = 500'000;
constexpr std::size_t kMaxSuggestions = 20;

struct Node {
  StepSource source;
  const Law* law = nullptr;
  std::size_t phase = 0;
  std::size_t block = 0;
  std::vector<std::size_t> needs;
  bool is_needed_in_phase = false;
  bool is_needed_in_block = false;
};

struct PhaseAt {
  const PhaseSource* phase;
  const Law* law;
  std::size_t rank;   // of its document among those of its slot
  std::size_t place;  // in its document
  std::vector<std::size_t> nodes;
};

class Orderer {
 public:
  Orderer(const std::vector<Law>& laws, const Law& spec, const Stages& stages,
          std::vector<Diagnostic>& problems)
      : laws_(laws), spec_(spec), stages_(stages), problems_(problems) {}

  std::vector<OrderedStep> order() {
    gather();
    for (std::size_t p = 0; p < phases_.size(); ++p) need_inside(p);
    for (std::size_t p = 0; p < phases_.size(); ++p) need_phases(p);
    for (Node& node : nodes_) look_over(node);
    need_blocks();
    return sorted();
  }

 private:
  void report(const Origin& origin, Position at, std::string message, std::string remedy = {}) {
    problems_.push_back({origin.file, at, std::move(message), std::move(remedy)});
  }

  // --- what there is ------------------------------------------------------------------------

  void gather() {
    closing_ = closing_law(laws_, spec_, problems_);
    std::size_t rank = 0;
    for (const PhaseSource& phase : spec_.phases) take(phase, spec_, 0);
    for (const Law& law : laws_) {
      ++rank;
      for (const PhaseSource& phase : law.phases) take(phase, law, rank);
    }
    for (const PhaseSource& phase : closing_.phases) take(phase, closing_, rank + 1);
    std::ranges::sort(phases_, {}, [&](const PhaseAt& p) {
      return std::tuple_cat(order_key(p), std::make_tuple(p.place));
    });
    for (std::size_t p = 0; p < phases_.size(); ++p) add_nodes(p);
    for (const Law& law : laws_) add_skipped(law);
    add_skipped(spec_);
  }

  void add_skipped(const Law& law) {
    for (const NameAt& name : law.skipped) names_.add_skipped(&law, name.name);
  }

  std::tuple<std::size_t, Slot, std::size_t> order_key(const PhaseAt& p) const {
    return {stages_.index(p.phase->stage), p.phase->slot, p.rank};
  }

  Origin origin_of(const PhaseSource& phase) const {
    return {phase.source->label, phase.source->file, phase.at};
  }

  void take(const PhaseSource& phase, const Law& law, std::size_t rank) {
    const bool is_closing = &law == &closing_;
    const auto [known, is_new] = phase_ids_.emplace(phase.id, &phase);
    if (!is_new) {
      return report(origin_of(phase), phase.at,
                    "phase `" + phase.id + "` is also at " + place_text(origin_of(*known->second)),
                    "Give it another id");
    }
    if (stages_.index(phase.stage) == stages_.count()) {
      const std::vector<std::string_view> names(stages_.names().begin(), stages_.names().end());
      return report(origin_of(phase), phase.stage_at,
                    "there is no stage `" + phase.stage + "`" + did_you_mean(phase.stage, names),
                    "A protocol adds stages with `stages:`");
    }
    if (!is_closing && (phase.id == kAttestPhase || phase.id == kQuestionsPhase)) {
      return report(origin_of(phase), phase.at,
                    "`" + phase.id + "` is the name of a part that every plan may have",
                    "Give the phase another id");
    }
    phases_.push_back({&phase, &law, rank, phases_.size(), {}});
  }

  void add_nodes(std::size_t p) {
    PhaseAt& at = phases_[p];
    const bool starts_block = p == 0 || order_key(phases_[p - 1]) != order_key(at);
    if (starts_block) ++blocks_;
    for (const StepSource& source : at.phase->steps) {
      Node node;
      node.source = source;
      node.law = at.law;
      node.phase = p;
      node.block = blocks_;
      node.source.step.stage = at.phase->stage;
      node.source.step.slot = at.phase->slot;
      set_writing(node);
      names_.add(at.law, source.step.path, nodes_.size());
      at.nodes.push_back(nodes_.size());
      nodes_.push_back(std::move(node));
    }
  }

  void set_writing(Node& node) {
    PlanStep& step = node.source.step;
    const bool is_frozen = stages_.is_frozen(step.stage);
    const bool may_write =
        step.kind == StepKind::run || step.kind == StepKind::external || step.is_packet();
    step.writes_tree = node.source.writes.value_or(may_write && !is_frozen) || step.is_packet();
    if (step.writes_tree && is_frozen) {
      report(step.origin, step.origin.at,
             "nothing writes to the tree once `validate` has begun, and this step of stage `" +
                 step.stage + "` would",
             "Move it to an earlier stage, or leave `writes` out");
    }
  }

  // --- who needs whom -----------------------------------------------------------------------

  // A step that needs itself is a cycle of one, found when the plan is sorted.
  void add_need(Node& node, std::size_t other) {
    if (++needs_ > kMaxNeeds) return;  // reported by need_blocks
    if (nodes_[other].block > node.block) {
      const PlanStep& step = node.source.step;
      const PlanStep& later = nodes_[other].source.step;
      return report(step.origin, step.origin.at,
                    "step `" + step.path + "` (stage " + step.stage + ") needs `" + later.path +
                        "`, which comes later (stage " + later.stage + ")",
                    "Move one of them, or leave the need out");
    }
    node.needs.push_back(other);
    if (nodes_[other].phase == node.phase) nodes_[other].is_needed_in_phase = true;
    if (nodes_[other].block == node.block) nodes_[other].is_needed_in_block = true;
  }

  std::vector<std::size_t> resolve(const Law* law, const Origin& origin,
                                   const std::string& container, const NameAt& name) {
    if (needs_ > kMaxNeeds) return {};
    if (auto found = names_.find(law, container, name.name)) return *std::move(found);
    // Suggestions cost; after the first problems nobody reads them.
    const bool suggests = problems_.size() < kMaxSuggestions;
    report(origin, name.at,
           "there is no step or phase `" + name.name + "`" +
               (suggests ? did_you_mean(name.name, names_.known(law, container)) : std::string()),
           "Names are those of this document: a step beside it, a phase, or phase/step");
    return {};
  }

  // Inside a phase: explicit needs, or the step before; the gate needs what nothing else needs.
  void need_inside(std::size_t p) {
    std::size_t before = nodes_.size();
    for (const std::size_t n : phases_[p].nodes) {
      Node& node = nodes_[n];
      if (node.source.is_phase_gate) {
        for (const std::size_t other : phases_[p].nodes) {
          if (other != n && !nodes_[other].is_needed_in_phase) add_need(node, other);
        }
      } else if (node.source.needs) {
        for (const NameAt& name : *node.source.needs) {
          for (const std::size_t other :
               resolve(node.law, node.source.step.origin, node.source.container, name)) {
            add_need(node, other);
          }
        }
      } else if (before != nodes_.size()) {
        add_need(node, before);
      }
      if (!node.source.is_phase_gate) before = n;
    }
  }

  // Between phases: explicit needs, or the phase before it of the same block.
  void need_phases(std::size_t p) {
    const PhaseSource& phase = *phases_[p].phase;
    std::vector<std::size_t> needed;
    if (phase.needs) {
      for (const NameAt& name : *phase.needs) {
        const auto found = resolve(phases_[p].law, origin_of(phase), "", name);
        for (const std::size_t n : found) {
          if (found.size() == 1 || !nodes_[n].is_needed_in_phase) needed.push_back(n);
        }
      }
    } else if (p > 0 && order_key(phases_[p - 1]) == order_key(phases_[p])) {
      needed = ends_of(phases_[p - 1]);
    }
    for (const std::size_t n : phases_[p].nodes) {
      if (!needs_in_phase(nodes_[n])) {
        for (const std::size_t other : needed) add_need(nodes_[n], other);
      }
    }
  }

  std::vector<std::size_t> ends_of(const PhaseAt& phase) const {
    std::vector<std::size_t> ends;
    for (const std::size_t n : phase.nodes) {
      if (!nodes_[n].is_needed_in_phase) ends.push_back(n);
    }
    return ends;
  }

  bool needs_in_phase(const Node& node) const {
    return std::ranges::any_of(node.needs,
                               [&](std::size_t n) { return nodes_[n].phase == node.phase; });
  }

  // A gate is judged when what it looks at is done.
  void look_over(Node& node) {
    PlanStep& step = node.source.step;
    if (!step.gate) return;
    std::vector<std::size_t> over;
    if (node.source.over) {
      for (const NameAt& name : *node.source.over) {
        const Law* law = node.source.names_of != nullptr ? node.source.names_of : node.law;
        const std::string beside = law == node.law ? node.source.container : std::string();
        for (const std::size_t n : resolve(law, step.origin, beside, name)) {
          over.push_back(n);
          if (&nodes_[n] != &node) add_need(node, n);
        }
      }
    } else if (node.law == &closing_) {
      for (std::size_t n = 0; n < nodes_.size() && nodes_[n].block < node.block; ++n) {
        if (nodes_[n].source.step.kind != StepKind::gate) over.push_back(n);
      }
    } else if (node.source.is_phase_gate) {
      over = phases_[node.phase].nodes;
    } else {
      over.push_back(static_cast<std::size_t>(&node - nodes_.data()));
    }
    for (const std::size_t n : over) {
      const std::string& path = nodes_[n].source.step.path;
      if (path != step.path || step.kind != StepKind::gate) step.gate_over.push_back(path);
    }
    if (step.gate_over.empty()) {
      report(step.origin, node.source.gate_at, "this gate looks at no step",
             "Name steps under `over`");
    }
  }

  // Between blocks: what nothing needs yet comes after all that nothing in the block before needs.
  void need_blocks() {
    std::vector<std::vector<std::size_t>> members(blocks_ + 1);
    for (std::size_t n = 0; n < nodes_.size(); ++n) members[nodes_[n].block].push_back(n);
    std::vector<std::size_t> ends;
    for (const std::vector<std::size_t>& block : members) {
      if (block.empty()) continue;
      std::vector<std::size_t> next_ends;
      for (const std::size_t n : block) {
        Node& node = nodes_[n];
        const bool is_first = std::ranges::none_of(
            node.needs, [&](std::size_t other) { return nodes_[other].block == node.block; });
        needs_ += is_first ? ends.size() : 0;
        if (needs_ <= kMaxNeeds && is_first) {
          node.needs.insert(node.needs.end(), ends.begin(), ends.end());
        }
        if (!node.is_needed_in_block) next_ends.push_back(n);
        if (needs_ > kMaxNeeds) {
          return report(node.source.step.origin, node.source.step.origin.at,
                        "the plan has too many steps side by side",
                        "Let a phase gate gather those that run at once");
        }
      }
      ends = std::move(next_ends);
    }
  }

  // --- the order ----------------------------------------------------------------------------

  // Nodes stand in the order of blocks and documents: that decides wherever needs do not.
  std::vector<OrderedStep> sorted() {
    std::vector<std::vector<std::size_t>> needs;
    for (Node& node : nodes_) {
      std::ranges::sort(node.needs);
      node.needs.erase(std::ranges::unique(node.needs).begin(), node.needs.end());
      needs.push_back(node.needs);
    }
    const SortedByNeeds sorted = sort_by_needs(needs);
    if (!sorted.cycle.empty()) {
      report_cycle(sorted.cycle);
      return {};
    }
    std::vector<std::size_t> position(nodes_.size());
    for (std::size_t i = 0; i < sorted.order.size(); ++i) position[sorted.order[i]] = i;
    for (Node& node : nodes_) {
      std::ranges::sort(node.needs, {}, [&](std::size_t other) { return position[other]; });
      for (const std::size_t other : node.needs) {
        node.source.step.needs.push_back(nodes_[other].source.step.path);
      }
    }
    std::vector<OrderedStep> steps;
    for (const std::size_t n : sorted.order) {
      steps.push_back({std::move(nodes_[n].source.step), nodes_[n].source.gate_at});
    }
    return steps;
  }

  void report_cycle(const std::vector<std::size_t>& cycle) {
    std::string path;
    for (const std::size_t n : cycle) path += nodes_[n].source.step.path + " → ";
    const PlanStep& first = nodes_[cycle.front()].source.step;
    report(first.origin, first.origin.at, "steps need each other: " + path + first.path,
           "Take one of these needs away");
  }

  const std::vector<Law>& laws_;
  const Law& spec_;
  const Stages& stages_;
  std::vector<Diagnostic>& problems_;
  Law closing_;
  std::vector<PhaseAt> phases_;
  std::vector<Node> nodes_;
  StepNames names_;
  std::map<std::string, const PhaseSource*, std::less<>> phase_ids_;
  std::size_t blocks_ = 0;
  std::size_t needs_ = 0;
};

}  // namespace

std::vector<OrderedStep> order_steps(const std::vector<Law>& laws, const Law& spec,
                                     const Stages& stages, std::vector<Diagnostic>& problems) {
  return Orderer(laws, spec, stages, problems).order();
}

}  // namespace writ::protocol
