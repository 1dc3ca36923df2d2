// Checking proofs: RFC 9162 sections 2.1.3.2 and 2.1.4.2, and their form for subtrees
// (draft-ietf-plants-merkle-tree-certs, section 4). A whole tree is the subtree [0, size).
#include <bit>

#include "ledger/merkle.h"

namespace writ::ledger {
namespace {

bool is_odd(std::uint64_t n) { return (n & 1) != 0; }

std::unexpected<Error> refused(const char* why) { return fail(Code::tampered, why); }

// Where the verifier stands in the tree: the subtree's first and last node and the tree's last
// node, all at the level reached so far.
struct Climb {
  std::uint64_t first;
  std::uint64_t last;
  std::uint64_t tree_last;

  void up() {
    first >>= 1;
    last >>= 1;
    tree_last >>= 1;
  }
};

// Goes up while the proof has nothing to say: to the node the proof begins at.
void skip_shared_levels(Climb& at) {
  if (at.last == at.tree_last) {
    while (at.first != at.last) at.up();
  } else {
    while (at.first != at.last && is_odd(at.last)) at.up();
  }
}

Result<void> climb_consistency(Climb at, Digest subtree_seed, std::span<const Digest> path,
                               const Digest& subtree_root, const Digest& root) {
  Digest subtree_hash = subtree_seed;
  Digest tree_hash = subtree_seed;
  for (const Digest& sibling : path) {
    if (at.tree_last == 0) return refused("the consistency proof is too long");
    if (is_odd(at.last) || at.last == at.tree_last) {
      if (at.first < at.last) subtree_hash = node_hash(sibling, subtree_hash);
      tree_hash = node_hash(sibling, tree_hash);
      while (!is_odd(at.last) && at.last != 0) at.up();
    } else {
      tree_hash = node_hash(tree_hash, sibling);
    }
    at.up();
  }
  if (at.tree_last != 0) return refused("the consistency proof is too short");
  if (subtree_hash != subtree_root) return refused("the consistency proof misses the old root");
  if (tree_hash != root) return refused("the consistency proof misses the new root");
  return {};
}

}  // namespace

bool is_subtree(std::uint64_t start, std::uint64_t end) {
  if (start > end) return false;
  if (end - start > std::uint64_t{1} << 63) return start == 0;
  return start % std::bit_ceil(end - start) == 0;
}

Result<void> verify_subtree_inclusion(std::uint64_t index, std::uint64_t start, std::uint64_t end,
                                      const Digest& leaf, std::span<const Digest> proof,
                                      const Digest& subtree_root) {
  if (!is_subtree(start, end)) return refused("these leaves are no subtree");
  if (index < start || index >= end) return refused("the index is outside of the tree");
  std::uint64_t at = index - start;
  std::uint64_t last = end - start - 1;
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (last == 0) return refused("the inclusion proof is too long");
    if (is_odd(at) || at == last) {
      hash = node_hash(sibling, hash);
      while (!is_odd(at) && at != 0) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    at >>= 1;
    last >>= 1;
  }
  if (last != 0) return refused("the inclusion proof is too short");
  if (hash != subtree_root) return refused("the inclusion proof does not lead to the root");
  return {};
}

Result<void> verify_subtree_consistency(std::uint64_t start, std::uint64_t end, std::uint64_t size,
                                        const Digest& subtree_root, const Digest& root,
                                        std::span<const Digest> proof) {
  if (!is_subtree(start, end) || end > size) return refused("these leaves are no subtree");
  if (start == end) {
    if (!proof.empty()) return refused("the consistency proof is too long");
    if (subtree_root != empty_root()) return refused("the root of no leaves is wrong");
    return {};
  }
  Climb at{start, end - 1, size - 1};
  skip_shared_levels(at);
  if (at.first == at.last) return climb_consistency(at, subtree_root, proof, subtree_root, root);
  if (proof.empty()) return refused("the consistency proof is too short");
  return climb_consistency(at, proof.front(), proof.subspan(1), subtree_root, root);
}

Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf,
                              std::span<const Digest> proof, const Digest& root) {
  return verify_subtree_inclusion(index, 0, size, leaf, proof, root);
}

Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                const Digest& old_root, const Digest& new_root,
                                std::span<const Digest> proof) {
  if (old_size == 0 && new_size != 0) return refused("an empty tree proves nothing");
  if (old_size == new_size && old_root != new_root) return refused("one size has two roots");
  return verify_subtree_consistency(0, old_size, new_size, old_root, new_root, proof);
}

}  // namespace writ::ledger
