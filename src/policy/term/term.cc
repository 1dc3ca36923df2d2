#include "policy/term/term.h"

#include <algorithm>
#include <array>

#include "policy/term/arena.h"
#include "policy/term/build.h"
#include "policy/term/node.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

constexpr std::array<std::string_view, 8> kKindNames = {"undefined", "null",  "boolean", "number",
                                                        "string",    "array", "object",  "set"};

std::strong_ordering compare_lists(std::span<const Term> a, std::span<const Term> b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (const auto order = compare(a[i], b[i]); order != 0) return order;
  }
  return a.size() <=> b.size();
}

std::strong_ordering compare_objects(const Term& a, const Term& b) {
  if (a.keys().data() != b.keys().data()) {
    if (const auto order = compare_lists(a.keys(), b.keys()); order != 0) return order;
  }
  return compare_lists(a.values(), b.values());
}

bool equal_lists(std::span<const Term> a, std::span<const Term> b) {
  return a.data() == b.data() || std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::uint32_t mix(std::uint64_t h, std::uint64_t value) {
  h *= 0x9e3779b97f4a7c15ULL;
  h = (h ^ (h >> 32) ^ value) * 0xd6e8feb86659fd93ULL;
  return static_cast<std::uint32_t>(h ^ (h >> 32));
}

std::uint32_t hash_list(std::uint64_t seed, std::span<const Term> terms) {
  std::uint32_t h = mix(seed, terms.size());
  for (const Term& term : terms) h = mix(h, hash_of(term));
  return h;
}

std::uint32_t hash_collection(const Term& term) {
  const auto seed = static_cast<std::uint64_t>(term.kind());
  if (!term.is_object()) return hash_list(seed, term.items());
  return mix(hash_list(seed, term.keys()), hash_list(seed, term.values()));
}

}  // namespace

std::string_view kind_name(Kind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

std::span<const Term> Term::items() const {
  if (is_array()) return {node<ArrayNode>()->terms(), size()};
  return {node<SortedTerms>()->terms(), size()};
}

std::span<const Term> Term::keys() const { return {node<ObjectNode>()->keys->terms(), size()}; }

std::span<const Term> Term::values() const { return {node<ObjectNode>()->values(), size()}; }

const Term* Term::find(const Term& key) const {
  const auto* object = node<ObjectNode>();
  const std::uint32_t at = position_of(*object->keys, key);
  return at == kAbsent ? nullptr : object->values() + at;
}

const Term* Term::find(std::string_view key) const { return find(borrow_string(key)); }

bool Term::contains(const Term& member) const {
  return position_of(*node<SortedTerms>(), member) != kAbsent;
}

const Term* Term::at(const Term& key) const {
  switch (kind()) {
    case Kind::object:
      return find(key);
    case Kind::array: {
      const auto index = key.is_number() ? to_int64(key) : std::nullopt;
      if (!index || *index < 0 || static_cast<std::uint64_t>(*index) >= size()) return nullptr;
      return node<ArrayNode>()->terms() + *index;
    }
    case Kind::set: {
      const auto* set = node<SortedTerms>();
      const std::uint32_t at = position_of(*set, key);
      return at == kAbsent ? nullptr : set->terms() + at;
    }
    default:
      return nullptr;
  }
}

std::uint32_t Term::depth() const { return is_collection() ? node<Header>()->depth : 0; }

std::strong_ordering compare(const Term& a, const Term& b) {
  if (a.is_same(b)) return std::strong_ordering::equal;
  if (a.kind() != b.kind()) return a.kind() <=> b.kind();
  switch (a.kind()) {
    case Kind::boolean:
      return a.as_boolean() <=> b.as_boolean();
    case Kind::number:
      return compare_numbers(a, b);
    case Kind::string:
      return a.text() <=> b.text();
    case Kind::array:
    case Kind::set:
      return compare_lists(a.items(), b.items());
    case Kind::object:
      return compare_objects(a, b);
    default:
      return std::strong_ordering::equal;
  }
}

bool operator==(const Term& a, const Term& b) {
  if (a.is_same(b)) return true;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::number:
      return !(a.is_small_integer() && b.is_small_integer()) && compare_numbers(a, b) == 0;
    case Kind::string:
      return a.text() == b.text();
    case Kind::array:
    case Kind::set:
      return a.size() == b.size() && equal_lists(a.items(), b.items());
    case Kind::object:
      return a.size() == b.size() && equal_lists(a.keys(), b.keys()) &&
             equal_lists(a.values(), b.values());
    default:
      return false;
  }
}

std::uint32_t hash_of(const Term& term) {
  switch (term.kind()) {
    case Kind::number:
      if (!term.is_small_integer()) return hash_number(term);
      return mix(static_cast<std::uint64_t>(Kind::number), term.high_);
    case Kind::string: {
      if (term.form() != Term::kLong) return mix(term.low_, term.high_);
      std::uint64_t h = term.size();
      std::string_view text = term.text();
      for (; text.size() >= 8; text.remove_prefix(8)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), 8);
        h = ((h ^ word) * 0x9e3779b97f4a7c15ULL);
        h ^= h >> 29;
      }
      std::uint64_t rest = 0;
      std::memcpy(&rest, text.data(), text.size());
      return mix(h, rest);
    }
    case Kind::array:
    case Kind::object:
    case Kind::set: {
      const auto* node = term.node<Header>();
      if (const std::uint32_t known = node->known_hash(); known != 0) return known;
      std::uint32_t h = hash_collection(term);
      if (h == 0) h = 1;
      node->remember_hash(h);
      return h;
    }
    default:
      return mix(term.low_, term.high_);
  }
}

std::uint32_t position_of(const SortedTerms& sorted, const Term& term) {
  const Term* const terms = sorted.terms();
  if (sorted.mask == 0) {
    for (std::uint32_t i = 0; i < sorted.count; ++i) {
      if (terms[i] == term) return i;
    }
    return kAbsent;
  }
  for (std::uint32_t place = hash_of(term);; ++place) {
    const std::uint32_t found = sorted.index[place & sorted.mask];
    if (found == 0) return kAbsent;
    if (terms[found - 1] == term) return found - 1;
  }
}

void index_terms(SortedTerms& sorted, Arena& arena) {
  if (sorted.count < kIndexedFrom) return;
  std::uint32_t size = 16;
  while (size < sorted.count + sorted.count / 2) size *= 2;
  sorted.mask = size - 1;
  sorted.index = static_cast<std::uint32_t*>(arena.allocate(size * sizeof(std::uint32_t)));
  std::memset(sorted.index, 0, size * sizeof(std::uint32_t));
  for (std::uint32_t i = 0; i < sorted.count; ++i) {
    std::uint32_t place = hash_of(sorted.terms()[i]);
    while (sorted.index[place & sorted.mask] != 0) ++place;
    sorted.index[place & sorted.mask] = i + 1;
  }
}

}  // namespace writ::rego
