#pragma once
// What has been computed in one scope of a query: values of rules and of function calls. Open
// addressing, emptied by a new epoch instead of by clearing, kept for the next query. Private to
// policy/eval.
#include <cstdint>
#include <span>
#include <vector>

#include "policy/term/term.h"

namespace writ::rego {

class RuleCache {
 public:
  // nullptr: not computed. An undefined term: computed, and undefined.
  const Term* find(std::uint32_t id) const {
    if (entries_.empty()) return nullptr;
    for (std::uint32_t at = id;; ++at) {
      const Entry& entry = entries_[at & mask()];
      if (entry.epoch != epoch_) return nullptr;
      if (entry.id == id) return &entry.value;
    }
  }
  void store(std::uint32_t id, const Term& value);
  void clear() {
    ++epoch_;
    used_ = 0;
  }

 private:
  struct Entry {
    std::uint32_t id = 0;
    std::uint32_t epoch = 0;
    Term value;
  };
  std::size_t mask() const { return entries_.size() - 1; }

  std::vector<Entry> entries_;
  std::size_t used_ = 0;
  std::uint32_t epoch_ = 1;
};

// Calls by function and arguments. Collections count as the same argument when they are the same
// bits: finding out whether they are equal may cost more than the call.
class CallMemo {
 public:
  const Term* find(std::uint32_t id, std::span<const Term> args) const;
  // `args` must outlive the memo's epoch.
  void store(std::uint32_t id, std::span<const Term> args, const Term& value);
  void clear() {
    ++epoch_;
    used_ = 0;
  }

 private:
  struct Entry {
    std::uint32_t id = 0;
    std::uint32_t epoch = 0;
    std::span<const Term> args;
    Term value;
  };
  std::size_t mask() const { return entries_.size() - 1; }
  void insert(const Entry& entry);

  std::vector<Entry> entries_;
  std::size_t used_ = 0;
  std::uint32_t epoch_ = 1;
};

}  // namespace writ::rego
