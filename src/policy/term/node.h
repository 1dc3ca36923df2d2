#pragma once
// How collections stand in an arena. Private to policy/term.
#include <atomic>
#include <cstdint>

#include "policy/term/term.h"

namespace writ::rego {

// What every collection begins with. The hash is written by whoever needs it first; two threads
// write the same number.
struct Header {
  mutable std::uint32_t hash = 0;  // 0: not known yet
  std::uint32_t depth = 1;

  std::uint32_t known_hash() const { return std::atomic_ref(hash).load(std::memory_order_relaxed); }
  void remember_hash(std::uint32_t value) const {
    std::atomic_ref(hash).store(value, std::memory_order_relaxed);
  }
};

// Sorted terms with a hash index beside them when there are many: open addressing, positions
// plus one, 0 for a free place.
struct SortedTerms : Header {
  std::uint32_t* index = nullptr;
  std::uint32_t mask = 0;  // size of the index less one; 0: no index, look through the terms
  std::uint32_t count = 0;

  const Term* terms() const { return reinterpret_cast<const Term*>(this + 1); }
  Term* terms() { return reinterpret_cast<Term*>(this + 1); }
};

struct ArrayNode : Header {
  const Term* terms() const { return reinterpret_cast<const Term*>(this + 1); }
  Term* terms() { return reinterpret_cast<Term*>(this + 1); }
};

// Objects of one shape may share their keys.
struct ObjectNode : Header {
  const SortedTerms* keys = nullptr;

  const Term* values() const { return reinterpret_cast<const Term*>(this + 1); }
  Term* values() { return reinterpret_cast<Term*>(this + 1); }
};

inline constexpr std::uint32_t kIndexedFrom = 9;
inline constexpr std::uint32_t kAbsent = 0xffffffff;

// The position of `term`, or kAbsent.
std::uint32_t position_of(const SortedTerms& sorted, const Term& term);
// Builds the index of `sorted` if it is large enough to need one.
class Arena;
void index_terms(SortedTerms& sorted, Arena& arena);

}  // namespace writ::rego
