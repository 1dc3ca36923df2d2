#include "policy/compile/recursion.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>
#include <vector>

namespace writ::rego {
namespace {

// Ways round that are shown; finding one looks at all that is in the cycle.
constexpr std::size_t kMostWays = 100;

void add_below(const Node& node, std::set<const Node*>& out) {
  for (const auto& [key, child] : node.children) {
    if (child->rules) out.insert(child.get());
    add_below(*child, out);
  }
}

// Once for each node, however many refer to it: else as many edges as rules by rules.
void add_children(const Node& node, Dependencies& out) {
  const auto [entry, is_new] = out.try_emplace(&node);
  if (!is_new) return;
  for (const auto& [key, child] : node.children) {
    const bool has_value = child->rules && child->rules->kind != RuleSet::Kind::function;
    if (has_value || !child->rules) entry->second.insert(child.get());
    if (!child->rules) add_children(*child, out);
  }
}

// Finds a way from a node back to itself, without recursion: programs may be deep.
class Search {
 public:
  explicit Search(const Dependencies& edges) : edges_(edges) {}

  // Every node that lies on a cycle, by strongly connected components (Tarjan).
  std::set<const Node*> on_cycles() {
    for (const auto& [node, targets] : edges_) {
      if (!state_.contains(node)) visit(node);
    }
    return std::move(found_);
  }

  std::vector<const Node*> way_round(const Node* start, const std::set<const Node*>& within) const {
    std::map<const Node*, const Node*> from;
    std::vector<const Node*> queue{start};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      for (const Node* next : targets(queue[i])) {
        if (next == start) {
          std::vector<const Node*> way{start};
          for (const Node* at = queue[i]; at != start; at = from[at]) way.push_back(at);
          way.push_back(start);
          std::ranges::reverse(way);
          return way;
        }
        if (within.contains(next) && from.emplace(next, queue[i]).second) queue.push_back(next);
      }
    }
    return {};
  }

 private:
  struct State {
    std::size_t number = 0;
    std::size_t low = 0;
    bool on_stack = true;
  };
  struct Frame {
    const Node* node;
    std::set<const Node*>::const_iterator next;
  };

  const std::set<const Node*>& targets(const Node* node) const {
    static const std::set<const Node*> kNone;
    const auto found = edges_.find(node);
    return found == edges_.end() ? kNone : found->second;
  }

  void enter(const Node* node) {
    state_[node] = {state_.size(), state_.size(), true};
    state_[node].low = state_[node].number;
    stack_.push_back(node);
    frames_.push_back({node, targets(node).begin()});
  }

  void visit(const Node* root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.next == targets(frame.node).end()) {
        leave(frame.node);
        continue;
      }
      const Node* next = *frame.next++;
      const auto known = state_.find(next);
      if (known == state_.end()) {
        enter(next);
      } else if (known->second.on_stack) {
        auto& low = state_[frame.node].low;
        low = std::min(low, known->second.number);
      }
    }
  }

  void leave(const Node* node) {
    const State state = state_[node];
    frames_.pop_back();
    if (!frames_.empty()) {
      auto& low = state_[frames_.back().node].low;
      low = std::min(low, state.low);
    }
    if (state.low != state.number) return;
    std::vector<const Node*> component;
    do {
      component.push_back(stack_.back());
      state_[stack_.back()].on_stack = false;
      stack_.pop_back();
    } while (component.back() != node);
    if (component.size() > 1 || targets(node).contains(node)) {
      found_.insert(component.begin(), component.end());
    }
  }

  const Dependencies& edges_;
  std::map<const Node*, State> state_;
  std::vector<const Node*> stack_;
  std::vector<Frame> frames_;
  std::set<const Node*> found_;
};

// ": data.a.p -> data.a.q -> data.a.p"
std::string way_text(const std::vector<const Node*>& way) {
  std::string out;
  for (const Node* at : way) {
    if (at->rules) out += (out.empty() ? ": " : " -> ") + to_text(*at);
  }
  return out;
}

}  // namespace

Dependencies with_merged(const Dependencies& given) {
  Dependencies out = given;
  for (auto& [node, set] : out) {
    if (node->rules && node->rules->kind == RuleSet::Kind::object) add_below(*node, set);
  }
  for (const auto& [node, set] : given) {
    for (const Node* target : set) {
      if (!target->rules) add_children(*target, out);
    }
  }
  return out;
}

void check_recursion(const Program&, const Dependencies& dependencies, const RulePlaces& places,
                     PolicyErrors& errors) {
  Search search(dependencies);
  const std::set<const Node*> found = search.on_cycles();
  std::vector<const Node*> rules;
  std::ranges::copy_if(found, std::back_inserter(rules),
                       [](const Node* node) { return node->rules != nullptr; });
  std::ranges::sort(rules, {}, [&](const Node* node) {
    const RulePlace& place = places.at(node);
    return std::tuple(std::string_view(place.file), place.at);
  });
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Node* const node = rules[i];
    const RulePlace& place = places.at(node);
    const std::string way = i < kMostWays ? way_text(search.way_round(node, found)) : "";
    const bool is_function = node->rules->kind == RuleSet::Kind::function;
    errors.push_back(
        {std::string(kRecursionError),
         (is_function ? "function " : "rule ") + to_text(*node) + " is recursive" + way,
         place.file,
         place.at,
         {}});
  }
}

}  // namespace writ::rego
