#pragma once
// The Merkle tree of RFC 6962 section 2: hashing, the append frontier, and checking proofs.
// Pure functions over digests; nothing is stored here.
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"

namespace writ::ledger {

using crypto::Digest;

Digest leaf_hash(std::string_view entry);                   // SHA256(0x00 || entry)
Digest node_hash(const Digest& left, const Digest& right);  // SHA256(0x01 || left || right)
Digest empty_root();                                        // SHA256("")

// The roots of the maximal full subtrees of a tree of `size` leaves, largest first: all that is
// needed to append and to know the root.
struct Frontier {
  std::uint64_t size = 0;
  std::vector<Digest> peaks;

  // Adds a leaf; `on_node(level, index, hash)` is told every node that became final, level 0
  // being the leaf itself.
  using NodeSink = std::function<void(unsigned level, std::uint64_t index, const Digest& hash)>;
  void append(const Digest& leaf, const NodeSink& on_node = {});
  Digest root() const;
};

// Hash of the full node at (level, index), for building proofs.
using NodeReader = std::function<Result<Digest>(unsigned level, std::uint64_t index)>;
Result<std::vector<Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                            const NodeReader& read);
Result<std::vector<Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                              const NodeReader& read);

// Errors: tampered when the proof does not hold. Nothing is consistent with a larger tree by way of
// being empty: an old size of 0 verifies against a new size of 0 alone.
Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf,
                              std::span<const Digest> proof, const Digest& root);
Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                const Digest& old_root, const Digest& new_root,
                                std::span<const Digest> proof);

// The same about the leaves [start, end) alone. `start` is a multiple of the smallest power of two
// that is not below end - start, which makes their root a node of the tree or, at its right edge,
// a tree of its own.
bool is_subtree(std::uint64_t start, std::uint64_t end);
Result<void> verify_subtree_inclusion(std::uint64_t index, std::uint64_t start, std::uint64_t end,
                                      const Digest& leaf, std::span<const Digest> proof,
                                      const Digest& subtree_root);
// That the subtree with root `subtree_root` is part of the tree of `size` leaves and root `root`.
Result<void> verify_subtree_consistency(std::uint64_t start, std::uint64_t end, std::uint64_t size,
                                        const Digest& subtree_root, const Digest& root,
                                        std::span<const Digest> proof);

}  // namespace writ::ledger
