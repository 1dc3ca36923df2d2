#include "server/decisions/mask.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "policy/bundle/patch.h"
#include "policy/term/build.h"

namespace writ::server {
namespace {

using rego::Arena;
using rego::borrow_string;
using rego::make_string;
using rego::Patch;
using rego::Term;

constexpr std::array<std::string_view, 3> kHideable = {"input", "nd_builtin_cache", "result"};

Result<MaskRule> parse_rule(std::string_view pointer) {
  MaskRule rule;
  rule.pointer = pointer;
  const bool is_pointer = pointer.starts_with('/');
  if (is_pointer) {
    WRIT_TRY(rule.path, rego::parse_pointer(pointer));
  }
  if (!is_pointer || rule.path.empty() ||
      std::ranges::find(kHideable, rule.path.front()) == kHideable.end()) {
    return fail(Code::invalid_input,
                "a mask must be a path below /input, /result or /nd_builtin_cache");
  }
  return rule;
}

Result<MaskRule> read_rule(const Term& wanted) {
  if (wanted.is_string()) return parse_rule(wanted.text());
  const Term* const op = wanted.is_object() ? wanted.find("op") : nullptr;
  const Term* const path = wanted.is_object() ? wanted.find("path") : nullptr;
  if (op == nullptr || path == nullptr || !op->is_string() || !path->is_string()) {
    return fail(Code::invalid_input, "a mask must be a string or an object with op and path");
  }
  WRIT_TRY(MaskRule rule, parse_rule(path->text()));
  if (op->text() == "remove") return rule;
  if (op->text() != "upsert") {
    return fail(Code::invalid_input, "a mask's op must be remove or upsert");
  }
  rule.operation = MaskRule::Operation::upsert;
  const Term* const value = wanted.find("value");
  rule.value = value != nullptr ? *value : Term::null();
  return rule;
}

// Whether the rule had something to do; then `event` is without it.
bool apply(Arena& arena, Term& event, const MaskRule& rule) {
  const bool is_there = at_path(event, rule.path).is_defined();
  const bool removes = rule.operation == MaskRule::Operation::remove;
  if (!is_there && (removes || !at_path(event, std::span(rule.path).first(1)).is_defined())) {
    return false;
  }
  Patch patch;
  patch.path = rule.path;
  patch.value = rule.value;
  patch.operation = removes    ? Patch::Operation::remove
                    : is_there ? Patch::Operation::replace
                               : Patch::Operation::upsert;
  const auto changed = apply_patches(arena, event, std::span(&patch, 1));
  if (!changed) return false;  // a scalar on the way: there is no such place
  event = *changed;
  return true;
}

void add_list(Arena& arena, Term& event, std::string_view name, const std::vector<Term>& paths) {
  if (paths.empty()) return;
  event = with_member(arena, event, borrow_string(name), make_array(arena, paths));
}

}  // namespace

Result<std::vector<MaskRule>> read_mask(const Term& wanted) {
  if (!wanted.is_set() && !wanted.is_array()) {
    return fail(Code::invalid_input, "a mask policy must make a set or an array");
  }
  std::vector<MaskRule> rules;
  for (const Term& one : wanted.items()) {
    WRIT_TRY(MaskRule rule, read_rule(one));
    rules.push_back(std::move(rule));
  }
  return rules;
}

Term apply_mask(Arena& arena, const Term& event, const std::vector<MaskRule>& rules) {
  Term out = event;
  std::vector<Term> erased;
  std::vector<Term> masked;
  for (const MaskRule& rule : rules) {
    if (!apply(arena, out, rule)) continue;
    const bool removes = rule.operation == MaskRule::Operation::remove;
    (removes ? erased : masked).push_back(make_string(arena, rule.pointer));
  }
  add_list(arena, out, "erased", erased);
  add_list(arena, out, "masked", masked);
  return out;
}

Term hide_all(Arena& arena, const Term& event, const std::string& why) {
  Term out = event;
  std::vector<Term> erased;
  for (const std::string_view name : kHideable) {
    if (out.find(name) == nullptr) continue;
    out = without_member(arena, out, borrow_string(name));
    erased.push_back(make_string(arena, "/" + std::string(name)));
  }
  // An error's message may quote what was asked about.
  if (const Term* const error = out.find("error"); error != nullptr && error->is_object()) {
    out = with_member(arena, out, borrow_string("error"),
                      without_member(arena, *error, borrow_string("message")));
    erased.push_back(borrow_string("/error/message"));
  }
  add_list(arena, out, "erased", erased);
  return with_member(arena, out, borrow_string("mask_error"), make_string(arena, why));
}

}  // namespace writ::server
