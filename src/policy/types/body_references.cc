// References against the types of what they go through: rules, input, variables.
#include <fmt/format.h>

#include <algorithm>

#include "policy/term/print.h"
#include "policy/types/body_checker.h"

namespace writ::rego::types {
namespace {

using Form = ast::Term::Kind;

bool is_root(const ast::Term& head, std::string_view name) {
  return head.is_var() && head.slot < 0 && head.name == name;
}

// A key that is one known scalar.
bool is_fixed(const ast::Term& key) { return key.is(Form::scalar) && !key.value.is_collection(); }

// As the user wrote it, with a name for what has none.
ast::Term named(ast::Term ref) {
  for (ast::Term& part : ref.parts) {
    if (part.is_var() && part.name.empty()) part.name = fmt::format("__local{}__", part.slot);
    if (!part.parts.empty()) part = named(std::move(part));
  }
  return ref;
}

std::string text_until(ast::Term ref, std::size_t parts) {
  ref.parts.resize(parts);
  if (parts == 0) return {};
  return parts == 1 ? ast::to_text(ref.parts[0]) : ast::to_text(ref);
}

void collect_keys(Type type, std::vector<Term>& out) {
  if (type == nullptr) return;
  for (const StaticField& field : type->fields) out.push_back(field.key);
  if (!type->is(Shape::Form::any)) return;
  for (const Type part : type->parts) collect_keys(part, out);
}

// As many as are shown.
std::string list_text(const std::vector<Term>& keys) {
  std::string out = "[";
  for (std::size_t i = 0; i < keys.size() && out.size() <= kLongestText; ++i) {
    out += (i > 0 ? " " : "") + to_rego(keys[i]);
  }
  return out + "]";
}

// The keys that are known, each once, in their order.
std::vector<Term> known_keys(Type type) {
  std::vector<Term> out;
  collect_keys(type, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<Term> names_below(const Node& node, const RuleTypes& rules) {
  std::vector<Term> out;
  for (const auto& [name, child] : node.children) {
    if (rules.has(*child)) out.push_back(name);
  }
  return out;
}

}  // namespace

void BodyChecker::refuse_below(const ast::Term& ref, std::size_t at, Type have) {
  const ast::Term shown = named(ref);
  const std::string text = ast::to_text(shown);
  const std::size_t until = text_until(shown, at + 1).size();
  refuse(ref.at, "undefined ref: " + text,
         {text, std::string(until, '^'), "have: " + to_text(have)});
}

void BodyChecker::refuse_key(const ast::Term& ref, std::size_t at, Type have, Type want,
                             const std::vector<Term>& one_of) {
  const ast::Term shown = named(ref);
  const std::string text = ast::to_text(shown);
  const std::string pad(text_until(shown, at).size() + 1, ' ');
  const std::string wanted =
      one_of.empty() ? "want (type): " + to_text(want) : "want (one of): " + list_text(one_of);
  refuse(ref.at, "undefined ref: " + text,
         {text, pad + "^",
          pad + (have != nullptr ? "have (type): " + to_text(have)
                                 : "have: " + ast::to_text(shown.parts[at])),
          pad + wanted});
}

Type BodyChecker::extent(const Node& node) {
  return context_.growing != nullptr ? context_.growing->extent(node)
                                     : context_.rules->extent(node);
}

Type BodyChecker::check_path(const ast::Term& ref) {
  const ast::Term& head = ref.parts[0];
  if (!is_root(head, "input") && !is_root(head, "data")) settle(head);
  const Type whole = type_of_reference(ref);
  return check_whole(ref, whole) ? whole : anything();
}

bool BodyChecker::check_whole(const ast::Term& ref, Type whole) {
  const ast::Term& head = ref.parts[0];
  if (whole != nullptr && whole->is(Shape::Form::function)) {
    refuse_below(ref, ref.parts.size() - 1, whole);
    return false;
  }
  if (is_root(head, "input")) {
    return check_below(context_.roots.input != nullptr ? context_.roots.input : anything(), ref, 1);
  }
  if (!is_root(head, "data")) return check_below(type_of(head), ref, 1);
  return context_.roots.data != nullptr ? check_below(context_.roots.data, ref, 1)
                                        : check_data(ref);
}

// Through the tree of rules, until one is reached or nothing is known of what stands there.
bool BodyChecker::check_data(const ast::Term& ref) {
  const Node* node = context_.program->root.get();
  if (!context_.rules->has(*node)) return check_below(anything(), ref, 1);
  for (std::size_t at = 1; at < ref.parts.size(); ++at) {
    const ast::Term& key = ref.parts[at];
    const bool is_name = key.is_var() || key.is_string();
    if (at <= 2 && key.is(Form::scalar) && !is_name) {
      refuse_key(ref, at, type_of(key), string(), names_below(*node, *context_.rules));
      return false;
    }
    if (key.is_var()) {
      const Type keys = context_.pool->keys(extent(*node));
      const Type have = known(key);
      if (have == nullptr) {
        put(key, keys);
      } else if (!meet(keys, have)) {
        refuse_key(ref, at, have, keys, names_below(*node, *context_.rules));
        return false;
      }
    }
    const Node* child = is_fixed(key) ? node->child(key.value) : nullptr;
    if (child == nullptr || !context_.rules->has(*child)) return check_below(anything(), ref, 1);
    if (const Type type = context_.rules->of(*child); type != nullptr) {
      return check_below(type, ref, at + 1);
    }
    node = child;
  }
  return true;
}

bool BodyChecker::check_below(Type type, const ast::Term& ref, std::size_t from) {
  TypePool& pool = *context_.pool;
  for (std::size_t at = from; at < ref.parts.size(); ++at) {
    if (context_.pool->fuel().is_empty()) return true;
    if (pool.keys(type) == nullptr) {
      refuse_below(ref, at - 1, type);
      return false;
    }
    const ast::Term& key = ref.parts[at];
    if (is_fixed(key)) {
      const Type below = pool.select(type, key.value);
      if (below == nullptr) {
        refuse_key(ref, at, nullptr, pool.keys(type), known_keys(type));
        return false;
      }
      type = below;
      continue;
    }
    if (!check_key(type, ref, at)) return false;
    type = pool.values(type);
  }
  return true;
}

// A key that is not one known scalar, against the keys there are.
bool BodyChecker::check_key(Type type, const ast::Term& ref, std::size_t at) {
  const ast::Term& key = ref.parts[at];
  const Type keys = context_.pool->keys(type);
  if (!key.is_var()) {
    if (assign(key, keys, false)) return true;
    refuse_key(ref, at, type_of(key), keys, {});
    return false;
  }
  const Type have = known(key);
  if (have == nullptr) {
    put(key, keys);
    return true;
  }
  if (meet(have, keys)) return true;
  refuse_key(ref, at, have, keys, known_keys(type));
  return false;
}

Type BodyChecker::type_of_reference(const ast::Term& ref) {
  const ast::Term& head = ref.parts[0];
  if (is_root(head, "input")) {
    return select(context_.roots.input != nullptr ? context_.roots.input : anything(), ref, 1);
  }
  if (!is_root(head, "data")) return select(type_of(head), ref, 1);
  if (context_.roots.data != nullptr) return select(context_.roots.data, ref, 1);
  const Node* node = context_.program->root.get();
  if (!context_.rules->has(*node)) return anything();
  for (std::size_t at = 1; at < ref.parts.size(); ++at) {
    const ast::Term& key = ref.parts[at];
    const Node* child = is_fixed(key) ? node->child(key.value) : nullptr;
    const bool is_there = child != nullptr && context_.rules->has(*child);
    if (!is_there && (!is_fixed(key) || context_.rules->of(*node) != nullptr)) {
      return select(extent(*node), ref, at);
    }
    if (!is_there) return anything();
    node = child;
  }
  return extent(*node);
}

Type BodyChecker::select(Type type, const ast::Term& ref, std::size_t from) {
  TypePool& pool = *context_.pool;
  for (std::size_t at = from; type != nullptr && at < ref.parts.size(); ++at) {
    const ast::Term& key = ref.parts[at];
    type = is_fixed(key) ? pool.select(type, key.value) : pool.values(type);
  }
  return type;
}

}  // namespace writ::rego::types
