#pragma once
// Makes terms. What they point to stands in the arena; elements must outlive it or stand in it.
#include <span>
#include <string_view>
#include <vector>

#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

// Copies `text`. Up to 14 bytes need no memory.
Term make_string(Arena& arena, std::string_view text);
// Keeps pointing to `text`, which must outlive the term: for look-ups and literals.
Term borrow_string(std::string_view text);

Term make_array(Arena& arena, std::span<const Term> items);
Term make_array(Arena& arena, std::initializer_list<Term> items);
Term empty_array();

// In any order, repeated members allowed: the first spelling stays. Sorts `members` in place.
Term make_set(Arena& arena, std::vector<Term> members);
// The same; sorts `members` where they stand.
Term make_set_in_place(Arena& arena, std::span<Term> members);
Term empty_set();

struct Member {
  Term key;
  Term value;
};
// In any order; of equal keys the last value counts (and the first spelling of the key).
Term make_object(Arena& arena, std::vector<Member> members);
// Sorted by key, no key twice.
Term make_sorted_object(Arena& arena, std::span<const Member> members);
Term empty_object();

// The object with `key` set to `value`, other members shared.
Term with_member(Arena& arena, const Term& object, const Term& key, const Term& value);
// The object without `key`.
Term without_member(Arena& arena, const Term& object, const Term& key);

// A deep copy that depends on no other arena.
Term copy_term(Arena& arena, const Term& term);

// Keys that objects share: gives the one list of keys to all objects that have the same ones.
// One per document that is being read.
class ShapeCache {
 public:
  ShapeCache() : shapes_(kSize) {}
  // As make_object, for members that are sorted by key and have no repeated key.
  Term make_object(Arena& arena, std::span<const Member> sorted);

 private:
  static constexpr std::size_t kSize = 256;
  std::vector<Term> shapes_;  // by hash of the keys; a newer shape replaces an older one
};

}  // namespace writ::rego
