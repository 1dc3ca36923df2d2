// References: through what is known by its keys, and what begins at something unknown as it is.
#include <set>

#include "policy/compile/callee.h"
#include "policy/eval/machine.h"
#include "policy/parse/token_stream.h"
#include "policy/partial/machine.h"

namespace writ::rego::partial {
namespace {

using Form = ast::Term::Kind;

ast::Term root_ref(std::string_view root, const std::vector<Term>& path) {
  ast::Term out;
  out.kind = Form::ref;
  out.parts.push_back(make_var(std::string(root), {}));
  for (const Term& key : path) out.parts.push_back(make_scalar(key, {}));
  return out;
}

}  // namespace

void PartialMachine::follow(const Goal& goal, Frame& frame, ThenTerm then) {
  const ast::Term& ref = goal.terms[0];
  const ast::Term& root = ref.parts[0];
  if (root.is_var() && root.slot < 0 && (root.name == "data" || root.name == "input")) {
    Place place;
    place.is_data = root.name == "data";
    place.node = place.is_data ? program_->root.get() : nullptr;
    const Term& document = place.is_data ? input_.data : input_.input;
    if (document.is_defined()) place.base = &document;
    Want want{nullptr, goal.must_hold && !goal.out};
    ast::Term out;
    if (goal.out && is_closed(*goal.out, frame)) {
      out = plugged(*goal.out, frame);
      if (is_known(out)) want.constant = &out;
    }
    return follow_place(place, ref, 1, frame, want, then);
  }
  follow_value(plugged(root, frame), ref, 1, frame, then);
}

void PartialMachine::follow_value(const ast::Term& value, const ast::Term& ref, std::size_t i,
                                  Frame& frame, ThenTerm then) {
  if (!may_go_on()) return;
  if (i == ref.parts.size()) return then(value);
  if (is_known(value)) return follow_known(value.value, ref, i, frame, then);
  if (value.is_var() || value.is(Form::ref)) return stay(value, ref, i, frame, then);
  follow_composite(value, ref, i, frame, then);
}

void PartialMachine::follow_known(const Term& value, const ast::Term& ref, std::size_t i,
                                  Frame& frame, ThenTerm then) {
  const ast::Term key = plugged(ref.parts[i], frame);
  if (is_known(key)) {
    const Term* const found = value.at(key.value);
    if (found != nullptr) follow_value(make_scalar(*found, ref.at), ref, i + 1, frame, then);
    return;
  }
  const auto visit = [&](const Term& at, const Term& item) {
    if (failed()) return;
    match(ref.parts[i], frame, make_scalar(at, ref.at),
          [&] { follow_value(make_scalar(item, ref.at), ref, i + 1, frame, then); });
  };
  if (value.is_object()) {
    for (std::size_t k = 0; k < value.size(); ++k) visit(value.keys()[k], value.values()[k]);
  } else if (value.is_set()) {
    for (const Term& item : value.items()) visit(item, item);
  } else if (value.is_array()) {
    std::int64_t index = 0;
    for (const Term& item : value.items()) visit(Term::integer(index++), item);
  }
}

// Arrays and objects some of whose parts are over unknowns, and sets with such members.
void PartialMachine::follow_composite(const ast::Term& value, const ast::Term& ref, std::size_t i,
                                      Frame& frame, ThenTerm then) {
  for (std::size_t k = 0; k < value.parts.size(); ++k) {
    if (value.is(Form::object) && k % 2 == 1) continue;
    const ast::Term key = value.is(Form::array)
                              ? make_scalar(Term::integer(static_cast<std::int64_t>(k)), ref.at)
                              : value.parts[k];
    const ast::Term& item = value.is(Form::object) ? value.parts[k + 1] : value.parts[k];
    match(ref.parts[i], frame, key, [&] { follow_value(item, ref, i + 1, frame, then); });
  }
}

void PartialMachine::stay(ast::Term head, const ast::Term& ref, std::size_t i, Frame& frame,
                          ThenTerm then) {
  const Undo undo(*this);
  if (!head.is(Form::ref)) {
    ast::Term out;
    out.kind = Form::ref;
    out.parts.push_back(std::move(head));
    head = std::move(out);
  }
  for (; i < ref.parts.size(); ++i) head.parts.push_back(opened(ref.parts[i], frame));
  head.at = ref.at;
  save(make_existence(head));
  then(head);
}

bool PartialMachine::exists(const Place& place) const {
  return place.base != nullptr || place.node != nullptr ||
         unknowns_.reaches_below(place.is_data, place.path) ||
         unknowns_.covers(place.is_data, place.path);
}

PartialMachine::Place PartialMachine::below(const Place& place, const Term& key) const {
  Place out;
  out.is_data = place.is_data;
  out.path = place.path;
  out.path.push_back(key);
  out.node = place.node != nullptr ? place.node->child(key) : nullptr;
  if (place.base != nullptr) {
    out.base = place.is_data ? in_base(*place.base, key) : place.base->at(key);
  }
  return out;
}

// Goes by known keys in a loop: what follows stands on the stack for as long as it runs.
void PartialMachine::follow_place(const Place& from, const ast::Term& ref, std::size_t i,
                                  Frame& frame, const Want& want, ThenTerm then) {
  Place place = from;
  for (; may_go_on(); ++i) {
    if (unknowns_.covers(place.is_data, place.path)) {
      return stay(root_ref(place.is_data ? "data" : "input", place.path), ref, i, frame, then);
    }
    if (place.node != nullptr && place.node->rules) {
      return follow_rules(place, ref, i, frame, want, then);
    }
    if (i == ref.parts.size()) return follow_end(place, then);
    const bool is_mixed =
        place.node != nullptr || unknowns_.reaches_below(place.is_data, place.path);
    if (!is_mixed && place.base == nullptr) return;
    const ast::Term key = plugged(ref.parts[i], frame);
    if (!is_mixed && (!place.is_data || !is_known(key))) {
      return follow_known(*place.base, ref, i, frame, then);
    }
    if (!is_known(key)) return follow_all(place, ref, i, frame, want, then);
    place = below(place, key.value);
    if (!exists(place)) return;
  }
}

void PartialMachine::follow_all(const Place& place, const ast::Term& ref, std::size_t i,
                                Frame& frame, const Want& want, ThenTerm then) {
  std::set<Term> keys;
  if (place.node != nullptr) {
    for (const auto& [key, child] : place.node->children) keys.insert(key);
  }
  if (place.base != nullptr && place.base->is_object()) {
    keys.insert(place.base->keys().begin(), place.base->keys().end());
  }
  for (const Term& key : unknowns_.keys_below(place.is_data, place.path)) keys.insert(key);
  for (const Term& key : keys) {
    const Place next = below(place, key);
    if (!exists(next)) continue;
    match(ref.parts[i], frame, make_scalar(key, ref.at),
          [&] { follow_place(next, ref, i + 1, frame, want, then); });
  }
}

// The whole document at a place.
void PartialMachine::follow_end(const Place& place, ThenTerm then) {
  const bool is_open = unknowns_.reaches_below(place.is_data, place.path);
  if (is_open) {
    const Undo undo(*this);
    const ast::Term whole = root_ref(place.is_data ? "data" : "input", place.path);
    save(make_existence(whole));
    return then(whole);
  }
  if (place.node == nullptr) {
    if (place.base != nullptr) then(make_scalar(*place.base, {}));
    return;
  }
  if (!unknowns_.taints(*place.node, prepared_)) {
    const Term document = known_document(*place.node);
    if (document.is_defined()) then(make_scalar(document, {}));
    return;
  }
  const Undo undo(*this);
  if (!Support::has_name(*place.node)) {
    const ast::Term whole = root_ref("data", place.path);
    save(make_existence(whole));
    return then(whole);
  }
  support_below(*place.node);
  const ast::Term whole = Support::ref_of(*place.node);
  save(make_existence(whole));
  then(whole);
}

}  // namespace writ::rego::partial
