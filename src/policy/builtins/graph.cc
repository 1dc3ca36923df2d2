#include <unordered_set>

#include "policy/builtins/families.h"

namespace writ::rego {
namespace {

struct HashTerm {
  std::size_t operator()(const Term& term) const { return hash_of(term); }
};
using Vertices = std::unordered_set<Term, HashTerm>;

// Neighbours stand in an array or a set; anything else means that there are none.
std::span<const Term> neighbours(const Term& edges) {
  if (edges.is_array() || edges.is_set()) return edges.items();
  return {};
}

bool check_initial(Call& call) {
  const Term& initial = call.arg(1);
  if (initial.is_array() || initial.is_set()) return true;
  call.wrong_type(1, "{array, set}");
  return false;
}

Outcome reachable(Call& call) {
  if (!check_initial(call)) return call.failed();
  const Term& graph = call.arg(0);
  std::vector<Term> queue(call.arg(1).items().begin(), call.arg(1).items().end());
  Vertices reached;
  for (std::size_t next = 0; next < queue.size(); ++next) {
    const Term node = queue[next];
    const Term* const edges = graph.find(node);
    if (edges == nullptr || !reached.insert(node).second) continue;
    for (const Term& neighbour : neighbours(*edges)) {
      if (!reached.contains(neighbour)) queue.push_back(neighbour);
    }
    if (!call.keep_going()) return Outcome::undefined();
  }
  return make_set(call.arena(), {reached.begin(), reached.end()});
}

// Depth-first with its own stack. A path ends at a vertex without neighbours, before a vertex
// that is not in the graph, and before one that a path through the same first edge has passed:
// so OPA has it, and so the work stays within vertices times edges.
class PathFinder {
 public:
  explicit PathFinder(Call& call) : call_(call), graph_(call.arg(0)) {}

  // False: the query is to end.
  bool from(const Term& root) {
    const Term* const edges = graph_.find(root);
    if (edges == nullptr) return true;
    path_ = {root};
    if (neighbours(*edges).empty()) finish_path();
    for (const Term& first : neighbours(*edges)) {
      passed_ = {root};
      visit(first);
      if (!go_on()) return false;
    }
    return true;
  }
  Term result() { return make_set(call_.arena(), std::move(found_)); }

 private:
  struct Open {
    std::span<const Term> edges;
    std::size_t next = 0;
  };

  bool go_on() {
    while (!open_.empty()) {
      if (++steps_ % 256 == 0 && !call_.keep_going()) return false;
      Open& at = open_.back();
      if (at.next == at.edges.size()) {
        path_.pop_back();
        open_.pop_back();
        continue;
      }
      const Term neighbour = at.edges[at.next++];
      if (passed_.contains(neighbour)) {
        finish_path();
      } else {
        passed_.insert(path_.back());
        visit(neighbour);
      }
    }
    return true;
  }
  void finish_path() { found_.push_back(make_array(call_.arena(), path_)); }
  void visit(const Term& node) {
    const Term* const edges = graph_.find(node);
    if (edges == nullptr) {
      finish_path();
      return;
    }
    path_.push_back(node);
    open_.push_back({neighbours(*edges)});
    if (open_.back().edges.empty()) finish_path();
  }

  Call& call_;
  const Term& graph_;
  std::vector<Term> path_;
  Vertices passed_;
  std::vector<Open> open_;
  std::vector<Term> found_;
  std::size_t steps_ = 0;
};

Outcome reachable_paths(Call& call) {
  if (!check_initial(call)) return call.failed();
  PathFinder finder(call);
  for (const Term& root : call.arg(1).items()) {
    if (!finder.from(root)) return Outcome::undefined();
  }
  return finder.result();
}

constexpr Builtin kGraph[] = {
    {"graph.reachable",
     "(graph: object[any: any<set[any], array[any]>], initial: any<set[any], array[any]>) => "
     "(output: set[any])",
     &reachable},
    {"graph.reachable_paths",
     "(graph: object[any: any<set[any], array[any]>], initial: any<set[any], array[any]>) => "
     "(output: set[array[any]])",
     &reachable_paths},
};

}  // namespace

std::span<const Builtin> graph_builtins() { return kGraph; }

}  // namespace writ::rego
