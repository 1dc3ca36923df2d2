#pragma once
// Which items or members of one instance some keyword has looked at: by index, what
// `unevaluatedItems` and `unevaluatedProperties` leave alone.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace writ::contract {

class Evaluated {
 public:
  void mark(std::size_t index) {
    if (index < 64) {
      low_ |= std::uint64_t{1} << index;
    } else {
      const std::size_t word = index / 64 - 1;
      if (more_.size() <= word) more_.resize(word + 1);
      more_[word] |= std::uint64_t{1} << (index % 64);
    }
  }
  void mark_all() { all_ = true; }

  bool is_marked(std::size_t index) const {
    if (all_) return true;
    if (index < 64) return (low_ >> index & 1) != 0;
    const std::size_t word = index / 64 - 1;
    return word < more_.size() && (more_[word] >> (index % 64) & 1) != 0;
  }

  void merge(const Evaluated& other) {
    all_ = all_ || other.all_;
    low_ |= other.low_;
    if (more_.size() < other.more_.size()) more_.resize(other.more_.size());
    for (std::size_t i = 0; i < other.more_.size(); ++i) more_[i] |= other.more_[i];
  }

 private:
  bool all_ = false;
  std::uint64_t low_ = 0;
  std::vector<std::uint64_t> more_;
};

}  // namespace writ::contract
