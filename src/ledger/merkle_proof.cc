// Building proofs from stored nodes: RFC 6962 sections 2.1.1 and 2.1.2.
#include <bit>

#include "ledger/merkle.h"

namespace writ::ledger {
namespace {

// The leaves [first, first + count) of a tree; first is a multiple of count's power of two.
struct Slice {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  std::uint64_t left_count() const { return std::bit_floor(count - 1); }
  Slice left() const { return {first, left_count()}; }
  Slice right() const { return {first + left_count(), count - left_count()}; }
};

// MTH of a slice: one stored node when it is full, otherwise the fold of its maximal full nodes.
Result<Digest> slice_root(const Slice& slice, const NodeReader& read) {
  std::vector<Digest> peaks;
  std::uint64_t first = slice.first;
  for (std::uint64_t rest = slice.count; rest != 0;) {
    const std::uint64_t width = std::bit_floor(rest);
    const auto level = static_cast<unsigned>(std::countr_zero(width));
    WRIT_TRY(peaks.emplace_back(), read(level, first >> level));
    first += width;
    rest -= width;
  }
  Digest root = peaks.back();
  for (std::size_t i = peaks.size() - 1; i-- > 0;) root = node_hash(peaks[i], root);
  return root;
}

}  // namespace

Result<std::vector<Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                            const NodeReader& read) {
  if (index >= size) return fail(Code::invalid_input, "the index is outside of the tree");
  std::vector<Slice> siblings;  // from the root down
  for (Slice at{0, size}; at.count > 1;) {
    const bool goes_left = index < at.right().first;
    siblings.push_back(goes_left ? at.right() : at.left());
    at = goes_left ? at.left() : at.right();
  }
  std::vector<Digest> proof;
  for (std::size_t i = siblings.size(); i-- > 0;) {
    WRIT_TRY(proof.emplace_back(), slice_root(siblings[i], read));
  }
  return proof;
}

Result<std::vector<Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                              const NodeReader& read) {
  if (old_size > new_size) return fail(Code::invalid_input, "the old tree is the larger one");
  std::vector<Digest> proof;
  if (old_size == 0 || old_size == new_size) return proof;
  std::vector<Slice> path;  // from the root down, ending in what the old tree knows as a node
  Slice at{0, new_size};
  while (at.first + at.count != old_size) {
    const bool goes_left = old_size <= at.right().first;
    path.push_back(goes_left ? at.right() : at.left());
    at = goes_left ? at.left() : at.right();
  }
  // A node that begins at leaf 0 is the old root itself: the verifier has it.
  if (at.first != 0) path.push_back(at);
  for (std::size_t i = path.size(); i-- > 0;) {
    WRIT_TRY(proof.emplace_back(), slice_root(path[i], read));
  }
  return proof;
}

}  // namespace writ::ledger
