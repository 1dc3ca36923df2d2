// Terms against terms, where either may be over unknowns.
#include <algorithm>

#include "policy/compile/goal.h"
#include "policy/parse/token_stream.h"
#include "policy/partial/machine.h"
#include "policy/term/build.h"

namespace writ::rego::partial {
namespace {

using Form = ast::Term::Kind;

bool are_known(const std::vector<ast::Term>& parts) { return std::ranges::all_of(parts, is_known); }

// A composite of constants as one constant.
Term folded(Arena& arena, const ast::Term& term) { return constant_of(arena, term); }

bool is_composite(const ast::Term& term) {
  return term.is(Form::array) || term.is(Form::object) || term.is(Form::set);
}

// Members of both objects by key in one order; false if their keys are constants and differ.
// `is_open`: some key is no constant.
struct Pairing {
  bool is_open = false;
  bool fits = false;
};
Pairing pair_up(ast::Term& a, const ast::Term& b) {
  Pairing out;
  for (const ast::Term* of : {static_cast<const ast::Term*>(&a), &b}) {
    for (std::size_t i = 0; i < of->parts.size(); i += 2) {
      out.is_open = out.is_open || !is_known(of->parts[i]);
    }
  }
  if (out.is_open || a.parts.size() != b.parts.size()) return out;
  std::vector<ast::Term> sorted;
  for (std::size_t i = 0; i < b.parts.size(); i += 2) {
    std::size_t j = 0;
    while (j < a.parts.size() && !(a.parts[j].value == b.parts[i].value)) j += 2;
    if (j >= a.parts.size()) return out;
    sorted.push_back(a.parts[j]);
    sorted.push_back(a.parts[j + 1]);
  }
  a.parts = std::move(sorted);
  out.fits = true;
  return out;
}

// Terms over unknowns share nothing, so that a few lines may make them grow without end.
constexpr std::size_t kHeaviestTerm = 10'000;
constexpr std::size_t kDeepestTerm = 200;

// Its parts; more than any may have when it is nested too deeply.
std::size_t weight(const ast::Term& term, std::size_t depth) {
  if (depth > kDeepestTerm) return kHeaviestTerm + 1;
  std::size_t out = 1;
  for (const ast::Term& part : term.parts) {
    out += weight(part, depth + 1);
    if (out > kHeaviestTerm) break;
  }
  return out;
}

}  // namespace

ast::Term PartialMachine::fresh(std::string_view name) {
  std::string base(name.empty() || name == "_" ? "v" : name);
  std::erase(base, '$');
  ast::Term out = make_var("", {});
  out.slot = next_var_--;
  do {
    out.name = base + "_" + std::to_string(kFirstResidual - out.slot + 1);
    base += "_";
  } while (taken_.contains(out.name));
  return out;
}

// A residual variable for what `pattern` stands for; a query's variable keeps its name.
ast::Term PartialMachine::fresh_for(const ast::Term& pattern, Frame& frame) {
  if (!pattern.is_var() || pattern.slot < 0) return fresh("");
  const std::string& name = frame.branch->names[static_cast<std::size_t>(pattern.slot)];
  ast::Term out = fresh(name);
  const bool is_shown = std::ranges::find(query_names_, name) != query_names_.end();
  if (frame.is_query && is_shown) out.name = name;
  return out;
}

void PartialMachine::bind(Frame& frame, Slot slot, ast::Term value) {
  if (!is_known(value) && weight(value, 0) > kHeaviestTerm) {
    fail(kCancelError, "a term over unknowns becomes too large");
  }
  frame.slots[static_cast<std::size_t>(slot)] = std::move(value);
  frame.is_bound[static_cast<std::size_t>(slot)] = true;
  trail_.emplace_back(&frame, slot);
}

ast::Term PartialMachine::plugged(const ast::Term& term, const Frame& frame) {
  if (is_known(term)) return term;
  if (term.is_var()) {
    return term.slot >= 0 && frame.has(term.slot) ? frame.at(term.slot) : term;
  }
  ast::Term out = term;
  for (ast::Term& part : out.parts) part = plugged(part, frame);
  if (is_composite(out) && are_known(out.parts)) {
    return make_scalar(folded(arena_, out), term.at);
  }
  return out;
}

bool PartialMachine::is_closed(const ast::Term& term, const Frame& frame) const {
  if (term.is_var()) return term.slot < 0 || frame.has(term.slot);
  return std::ranges::all_of(term.parts,
                             [&](const ast::Term& part) { return is_closed(part, frame); });
}

ast::Term PartialMachine::opened(const ast::Term& term, Frame& frame) {
  if (term.is_var() && term.slot >= 0 && !frame.has(term.slot)) {
    ast::Term out = fresh_for(term, frame);
    bind(frame, term.slot, out);
    return out;
  }
  if (is_closed(term, frame)) return plugged(term, frame);
  ast::Term out = term;
  for (ast::Term& part : out.parts) part = opened(part, frame);
  return out;
}

void PartialMachine::match(const ast::Term& pattern, Frame& frame, const ast::Term& value,
                           Then then) {
  if (!may_go_on()) return;
  const Undo undo(*this);
  if (pattern.is_var() && pattern.slot >= 0 && !frame.has(pattern.slot)) {
    bind(frame, pattern.slot, value);
    return then();
  }
  if (is_closed(pattern, frame)) return equate(plugged(pattern, frame), value, then);
  ast::Term parts = unfolded(value);
  if (!is_composite(parts) && !is_known(parts)) {
    save(make_condition(make_eq(opened(pattern, frame), value)));
    return then();
  }
  if (parts.kind != pattern.kind) return;
  if (pattern.is(Form::object)) {
    ast::Term keyed = pattern;
    for (std::size_t i = 0; i < keyed.parts.size(); i += 2) {
      keyed.parts[i] = plugged(keyed.parts[i], frame);
    }
    const Pairing pairing = pair_up(parts, keyed);
    if (pairing.is_open) {
      save(make_condition(make_eq(opened(pattern, frame), value)));
      return then();
    }
    if (!pairing.fits) return;
    return match_parts(keyed, frame, parts, 0, then);
  }
  if (parts.parts.size() != pattern.parts.size()) return;
  match_parts(pattern, frame, parts, 0, then);
}

void PartialMachine::match_parts(const ast::Term& pattern, Frame& frame, const ast::Term& value,
                                 std::size_t i, Then then) {
  if (i == pattern.parts.size()) return then();
  match(pattern.parts[i], frame, value.parts[i],
        [&] { match_parts(pattern, frame, value, i + 1, then); });
}

void PartialMachine::equate(const ast::Term& a, const ast::Term& b, Then then) {
  if (!may_go_on()) return;
  if (is_known(a) && is_known(b)) {
    if (a.value == b.value) then();
    return;
  }
  const ast::Term left = unfolded(a);
  ast::Term right = unfolded(b);
  const bool has_parts = left.is(Form::array) || left.is(Form::object);
  const bool is_other_kind =
      is_composite(left) && is_composite(right)
          ? left.kind != right.kind
          : (is_composite(left) && is_known(right) && !right.value.is_set()) ||
                (is_composite(right) && is_known(left) && !left.value.is_set());
  if (is_other_kind) return;
  if (has_parts && left.kind == right.kind) {
    const Pairing pairing = left.is(Form::object)
                                ? pair_up(right, left)
                                : Pairing{false, left.parts.size() == right.parts.size()};
    if (!pairing.is_open) {
      if (pairing.fits) equate_parts(left, right, 0, then);
      return;
    }
  }
  const Undo undo(*this);
  // Constants stand on the right where they can, as people write them.
  save(make_condition(is_known(a) ? make_eq(b, a) : make_eq(a, b)));
  then();
}

void PartialMachine::equate_parts(const ast::Term& a, const ast::Term& b, std::size_t i,
                                  Then then) {
  if (i == a.parts.size()) return then();
  equate(a.parts[i], b.parts[i], [&] { equate_parts(a, b, i + 1, then); });
}

}  // namespace writ::rego::partial
