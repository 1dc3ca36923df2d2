#include <algorithm>

#include "policy/builtins/families.h"

namespace writ::rego {
namespace {

Outcome concat(Call& call) {
  const auto a = call.arg(0).items();
  const auto b = call.arg(1).items();
  std::vector<Term> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  return make_array(call.arena(), all);
}

// One level: [[1, [2]], 3] becomes [1, [2], 3].
Outcome flatten(Call& call) {
  std::vector<Term> flat;
  for (const Term& item : call.arg(0).items()) {
    if (item.is_array()) {
      flat.insert(flat.end(), item.items().begin(), item.items().end());
    } else {
      flat.push_back(item);
    }
    if (!call.keep_going()) return Outcome::undefined();
  }
  return make_array(call.arena(), flat);
}

Outcome reverse(Call& call) {
  const auto items = call.arg(0).items();
  return make_array(call.arena(), std::vector<Term>(items.rbegin(), items.rend()));
}

Outcome slice(Call& call) {
  const auto start = call.integer(1);
  const auto stop = start ? call.integer(2) : std::nullopt;
  if (!stop) return call.failed();
  const auto items = call.arg(0).items();
  const auto end = std::clamp<std::int64_t>(*stop, 0, static_cast<std::int64_t>(items.size()));
  const auto begin = std::clamp<std::int64_t>(*start, 0, end);
  return make_array(call.arena(), items.subspan(static_cast<std::size_t>(begin),
                                                static_cast<std::size_t>(end - begin)));
}

constexpr Builtin kArray[] = {
    {"array.concat", "(x: array[any], y: array[any]) => (z: array[any])", &concat},
    {"array.flatten", "(arr: array[any]) => (flattened: array[any])", &flatten},
    {"array.reverse", "(arr: array[any]) => (rev: array[any])", &reverse},
    {"array.slice", "(arr: array[any], start: number, stop: number) => (slice: array[any])",
     &slice},
};

}  // namespace

std::span<const Builtin> array_builtins() { return kArray; }

}  // namespace writ::rego
