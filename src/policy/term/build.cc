#include "policy/term/build.h"

#include <algorithm>

#include "policy/term/maker.h"
#include "policy/term/node.h"

namespace writ::rego {
namespace {

std::uint32_t deepest(std::span<const Term> terms, std::uint32_t depth = 0) {
  for (const Term& term : terms) depth = std::max(depth, term.depth());
  return depth;
}

void note_depth(Arena& arena, Header& node, std::uint32_t children) {
  node.depth = children + 1;
  if (node.depth > kDeepest) arena.note_too_deep();
}

template <typename T>
T* allocate_node(Arena& arena, std::size_t terms) {
  return new (arena.allocate(sizeof(T) + terms * sizeof(Term))) T;
}

template <typename Begin>
void place(Term* out, Begin begin, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i, ++begin) new (out + i) Term(*begin);
}

const SortedTerms kNothing;
const ArrayNode kEmptyArray;
struct EmptyObject : ObjectNode {
  EmptyObject() { keys = &kNothing; }
};
const EmptyObject kEmptyObject;

SortedTerms* make_sorted(Arena& arena, std::span<const Term> terms) {
  auto* const node = allocate_node<SortedTerms>(arena, terms.size());
  node->count = static_cast<std::uint32_t>(terms.size());
  place(node->terms(), terms.begin(), terms.size());
  note_depth(arena, *node, deepest(terms));
  index_terms(*node, arena);
  return node;
}

Term make_object_node(Arena& arena, const SortedTerms* keys, std::span<const Member> members) {
  auto* const node = allocate_node<ObjectNode>(arena, members.size());
  node->keys = keys;
  std::uint32_t depth = keys->depth - 1;
  for (std::size_t i = 0; i < members.size(); ++i) {
    new (node->values() + i) Term(members[i].value);
    depth = std::max(depth, members[i].value.depth());
  }
  note_depth(arena, *node, depth);
  return TermMaker::pointing(Kind::object, members.size(), node);
}

bool have_keys(const Term& shape, std::span<const Member> members) {
  if (shape.size() != members.size()) return false;
  const auto keys = shape.keys();
  for (std::size_t i = 0; i < members.size(); ++i) {
    // Spelled alike, not only equal: 1 and 1.0 must not stand for each other.
    if (!keys[i].is_same(members[i].key) &&
        (keys[i].kind() != Kind::string || keys[i] != members[i].key)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Term make_string(Arena& arena, std::string_view text) {
  return TermMaker::copying(arena, Kind::string, text);
}

Term borrow_string(std::string_view text) { return TermMaker::borrowing(Kind::string, text); }

Term make_array(Arena& arena, std::span<const Term> items) {
  if (items.empty()) return empty_array();
  auto* const node = allocate_node<ArrayNode>(arena, items.size());
  place(node->terms(), items.begin(), items.size());
  note_depth(arena, *node, deepest(items));
  return TermMaker::pointing(Kind::array, items.size(), node);
}

Term make_array(Arena& arena, std::initializer_list<Term> items) {
  return make_array(arena, std::span(items.begin(), items.size()));
}

Term empty_array() { return TermMaker::pointing(Kind::array, 0, &kEmptyArray); }

Term make_set(Arena& arena, std::vector<Term> members) { return make_set_in_place(arena, members); }

Term make_set_in_place(Arena& arena, std::span<Term> members) {
  if (members.empty()) return empty_set();
  std::stable_sort(members.begin(), members.end());
  const auto end = std::unique(members.begin(), members.end());
  members = members.first(static_cast<std::size_t>(end - members.begin()));
  return TermMaker::pointing(Kind::set, members.size(), make_sorted(arena, members));
}

Term empty_set() { return TermMaker::pointing(Kind::set, 0, &kNothing); }

Term make_sorted_object(Arena& arena, std::span<const Member> members) {
  if (members.empty()) return empty_object();
  std::vector<Term> keys;
  keys.reserve(members.size());
  for (const Member& member : members) keys.push_back(member.key);
  return make_object_node(arena, make_sorted(arena, keys), members);
}

Term make_object(Arena& arena, std::vector<Member> members) {
  const auto before = [](const Member& a, const Member& b) { return a.key < b.key; };
  if (!std::is_sorted(members.begin(), members.end(), before)) {
    std::stable_sort(members.begin(), members.end(), before);
  }
  std::size_t kept = 0;
  for (const Member& member : members) {
    if (kept > 0 && members[kept - 1].key == member.key) {
      members[kept - 1].value = member.value;
    } else {
      members[kept++] = member;
    }
  }
  return make_sorted_object(arena, std::span(members).first(kept));
}

Term empty_object() { return TermMaker::pointing(Kind::object, 0, &kEmptyObject); }

Term with_member(Arena& arena, const Term& object, const Term& key, const Term& value) {
  std::vector<Member> members;
  members.reserve(object.size() + 1);
  for (std::size_t i = 0; i < object.size(); ++i) {
    members.push_back({object.keys()[i], object.values()[i]});
  }
  if (const Term* old = object.find(key)) {
    members[static_cast<std::size_t>(old - object.values().data())].value = value;
    return make_object_node(arena, TermMaker::node<ObjectNode>(object)->keys, members);
  }
  members.push_back({key, value});
  return make_object(arena, std::move(members));
}

Term without_member(Arena& arena, const Term& object, const Term& key) {
  std::vector<Member> members;
  for (std::size_t i = 0; i < object.size(); ++i) {
    if (object.keys()[i] != key) members.push_back({object.keys()[i], object.values()[i]});
  }
  return make_sorted_object(arena, members);
}

Term copy_term(Arena& arena, const Term& term) {
  switch (term.kind()) {
    case Kind::number:
      return term.is_small_integer() ? term
                                     : TermMaker::copying(arena, Kind::number, term.number_text());
    case Kind::string:
      return make_string(arena, term.text());
    case Kind::array:
    case Kind::set: {
      std::vector<Term> items;
      items.reserve(term.size());
      for (const Term& item : term.items()) items.push_back(copy_term(arena, item));
      return term.is_array() ? make_array(arena, items) : make_set(arena, std::move(items));
    }
    case Kind::object: {
      std::vector<Member> members;
      members.reserve(term.size());
      for (std::size_t i = 0; i < term.size(); ++i) {
        members.push_back({copy_term(arena, term.keys()[i]), copy_term(arena, term.values()[i])});
      }
      return make_sorted_object(arena, members);
    }
    default:
      return term;
  }
}

Term ShapeCache::make_object(Arena& arena, std::span<const Member> sorted) {
  if (sorted.empty()) return empty_object();
  std::uint32_t hash = static_cast<std::uint32_t>(sorted.size());
  for (const Member& member : sorted) hash = hash * 31 + hash_of(member.key);
  Term& shape = shapes_[hash % kSize];
  if (shape.is_defined() && have_keys(shape, sorted)) {
    return make_object_node(arena, TermMaker::node<ObjectNode>(shape)->keys, sorted);
  }
  return shape = make_sorted_object(arena, sorted);
}

}  // namespace writ::rego
