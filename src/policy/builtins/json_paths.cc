// json.filter and json.remove: objects with only, or without, what stands at some paths.
#include "policy/builtins/families.h"
#include "policy/builtins/json_path.h"

namespace writ::rego {
namespace {

// The paths of argument 1. Without them the error has been prepared.
std::optional<PathTree> paths_of(Call& call) {
  const Term& list = call.arg(1);
  if (!list.is_array() && !list.is_set()) {
    call.wrong_type(1, "one of {set, array}");
    return std::nullopt;
  }
  PathTree tree;
  for (const Term& term : list.items()) {
    const auto path = parse_path(call.arena(), term);
    if (!path) {
      call.bad_operand(1,
                       "must be one of {set, array} containing string paths or array of path "
                       "segments but got " +
                           std::string(kind_name(term.kind())));
      return std::nullopt;
    }
    if (path->size() <= kDeepest) tree.add(*path);
  }
  return tree;
}

// Goes through a term and the paths into it together.
class Chooser {
 public:
  Chooser(Call& call, bool keeps) : call_(call), keeps_(keeps) {}

  // What is left of `term`, which `paths` (nullptr: none of them) lead into; undefined: nothing.
  Term choose(const Term& term, const PathTree* paths) {
    if (paths == nullptr) return keeps_ ? Term() : term;
    if (paths->ends_here) return keeps_ ? term : Term();
    if (!call_.keep_going()) return term;
    switch (term.kind()) {
      case Kind::object:
        return choose_members(term, *paths);
      case Kind::array:
        return make_array(call_.arena(), choose_items(term, *paths));
      case Kind::set:
        return make_set(call_.arena(), choose_items(term, *paths));
      default:
        return term;
    }
  }

 private:
  Term choose_members(const Term& object, const PathTree& paths) {
    std::vector<Member> members;
    for (std::size_t i = 0; i < object.size(); ++i) {
      const Term& key = object.keys()[i];
      const Term value = choose(object.values()[i], paths.find(key));
      if (value.is_defined()) members.push_back({key, value});
    }
    return make_object(call_.arena(), std::move(members));
  }

  // The step to an element of an array is its index as a string, to a member of a set itself.
  std::vector<Term> choose_items(const Term& list, const PathTree& paths) {
    std::vector<Term> items;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Term& item = list.items()[i];
      const Term step = list.is_set() ? item : call_.string(std::to_string(i));
      const Term chosen = choose(item, paths.find(step));
      if (chosen.is_defined()) items.push_back(chosen);
    }
    return items;
  }

  Call& call_;
  bool keeps_;
};

Outcome filter(Call& call) {
  const auto paths = paths_of(call);
  if (!paths) return call.failed();
  return Chooser(call, true).choose(call.arg(0), &*paths);
}

Outcome remove(Call& call) {
  const auto paths = paths_of(call);
  if (!paths) return call.failed();
  return Chooser(call, false).choose(call.arg(0), &*paths);
}

constexpr Builtin kJsonPaths[] = {
    {"json.filter",
     "(object: object[any: any], paths: any<array[any<string, array[any]>], set[any<string, "
     "array[any]>]>) => (filtered: any)",
     &filter},
    {"json.remove",
     "(object: object[any: any], paths: any<array[any<string, array[any]>], set[any<string, "
     "array[any]>]>) => (output: any)",
     &remove},
};

}  // namespace

std::span<const Builtin> json_path_builtins() { return kJsonPaths; }

}  // namespace writ::rego
