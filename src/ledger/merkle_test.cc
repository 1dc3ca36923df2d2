#include "ledger/merkle.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

#include "base/encoding.h"

namespace writ::ledger {
namespace {

// Keeps every full node, as the log's tiles do.
class Tree {
 public:
  void append(const Digest& leaf) {
    frontier_.append(leaf, [this](unsigned level, std::uint64_t index, const Digest& hash) {
      nodes_[{level, index}] = hash;
    });
    roots_.push_back(frontier_.root());
  }
  void grow_to(std::uint64_t size) {
    while (frontier_.size < size) append(leaf_at(frontier_.size));
  }
  static Digest leaf_at(std::uint64_t index) { return leaf_hash("leaf " + std::to_string(index)); }

  std::uint64_t size() const { return frontier_.size; }
  Digest root_at(std::uint64_t size) const { return roots_[size]; }
  NodeReader reader() const {
    return [this](unsigned level, std::uint64_t index) -> Result<Digest> {
      const auto at = nodes_.find({level, index});
      if (at == nodes_.end()) return fail(Code::not_found, "no such full node");
      return at->second;
    };
  }

 private:
  Frontier frontier_;
  std::map<std::pair<unsigned, std::uint64_t>, Digest> nodes_;
  std::vector<Digest> roots_{empty_root()};
};

const Tree& tree_of_300() {
  static const Tree tree = [] {
    Tree grown;
    grown.grow_to(300);
    return grown;
  }();
  return tree;
}

// RFC 6962 section 2.1, word for word: the reference for everything else.
Digest reference_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return empty_root();
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return node_hash(reference_root(leaves.first(k)), reference_root(leaves.subspan(k)));
}

void flip_bit(Digest& digest, std::size_t bit) {
  digest.bytes[bit / 8] = static_cast<std::uint8_t>(digest.bytes[bit / 8] ^ (1u << bit % 8));
}

TEST(Merkle, HasTheRootsThatCertificateTransparencyPublished) {
  const std::string hex_entries[] = {"",
                                     "00",
                                     "10",
                                     "2021",
                                     "3031",
                                     "40414243",
                                     "5051525354555657",
                                     "606162636465666768696a6b6c6d6e6f"};
  const std::map<std::uint64_t, std::string> roots = {
      {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
      {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}};
  Frontier frontier;
  EXPECT_EQ(frontier.root().hex(), roots.at(0));
  for (const std::string& hex : hex_entries) {
    frontier.append(leaf_hash(parse_hex(hex).value()));
    if (const auto known = roots.find(frontier.size); known != roots.end()) {
      EXPECT_EQ(frontier.root().hex(), known->second);
    }
  }
}

TEST(Merkle, GrowsLikeTheDefinitionAtEverySize) {
  const Tree& tree = tree_of_300();
  std::vector<Digest> leaves;
  for (std::uint64_t size = 0; size <= tree.size(); ++size) {
    EXPECT_EQ(tree.root_at(size), reference_root(leaves)) << size;
    leaves.push_back(Tree::leaf_at(size));
  }
}

TEST(Merkle, ReportsEveryFullNodeOnce) {
  std::map<std::pair<unsigned, std::uint64_t>, int> seen;
  Frontier frontier;
  for (std::uint64_t i = 0; i < 13; ++i) {
    frontier.append(Tree::leaf_at(i), [&](unsigned level, std::uint64_t index, const Digest&) {
      ++seen[{level, index}];
    });
  }
  EXPECT_EQ(seen.size(), 13u + 6u + 3u + 1u);
  for (const auto& [node, count] : seen) EXPECT_EQ(count, 1) << node.first << '/' << node.second;
}

TEST(Merkle, ProvesEveryLeafAtEverySize) {
  const Tree& tree = tree_of_300();
  for (std::uint64_t size = 1; size <= tree.size(); size += size < 70 ? 1 : 23) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, tree.reader());
      ASSERT_TRUE(proof) << proof.error().text();
      EXPECT_TRUE(verify_inclusion(index, size, Tree::leaf_at(index), *proof, tree.root_at(size)))
          << index << " of " << size;
    }
  }
}

TEST(Merkle, ProvesConsistencyOfEveryTwoSizes) {
  const Tree& tree = tree_of_300();
  for (std::uint64_t size = 1; size <= tree.size(); size += size < 70 ? 1 : 23) {
    for (std::uint64_t old = 1; old <= size; ++old) {
      const auto proof = consistency_proof(old, size, tree.reader());
      ASSERT_TRUE(proof) << proof.error().text();
      EXPECT_TRUE(verify_consistency(old, size, tree.root_at(old), tree.root_at(size), *proof))
          << old << " to " << size;
    }
  }
}

TEST(Merkle, RefusesToProveWhatIsOutsideOfTheTree) {
  const Tree& tree = tree_of_300();
  EXPECT_EQ(inclusion_proof(7, 7, tree.reader()).error().code, Code::invalid_input);
  EXPECT_EQ(consistency_proof(8, 7, tree.reader()).error().code, Code::invalid_input);
}

TEST(Merkle, AnEmptyTreeIsConsistentWithItselfAlone) {
  const Tree& tree = tree_of_300();
  EXPECT_TRUE(verify_consistency(0, 0, empty_root(), empty_root(), {}));
  EXPECT_FALSE(verify_consistency(0, 5, empty_root(), tree.root_at(5), {}));
}

RC_GTEST_PROP(MerkleProperty, RefusesAnInclusionProofWithAnyBitFlipped, ()) {
  const Tree& tree = tree_of_300();
  const auto size = *rc::gen::inRange<std::uint64_t>(2, 301);
  const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
  auto proof = inclusion_proof(index, size, tree.reader()).value();
  const Digest leaf = Tree::leaf_at(index);
  RC_ASSERT(verify_inclusion(index, size, leaf, proof, tree.root_at(size)).has_value());
  const auto at = *rc::gen::inRange<std::size_t>(0, proof.size());
  flip_bit(proof[at], *rc::gen::inRange<std::size_t>(0, 256));
  RC_ASSERT(!verify_inclusion(index, size, leaf, proof, tree.root_at(size)).has_value());
}

RC_GTEST_PROP(MerkleProperty, RefusesAConsistencyProofWithAnyBitFlipped, ()) {
  const Tree& tree = tree_of_300();
  const auto size = *rc::gen::inRange<std::uint64_t>(2, 301);
  const auto old = *rc::gen::inRange<std::uint64_t>(1, size);
  auto proof = consistency_proof(old, size, tree.reader()).value();
  const Digest old_root = tree.root_at(old);
  RC_ASSERT(verify_consistency(old, size, old_root, tree.root_at(size), proof).has_value());
  const auto at = *rc::gen::inRange<std::size_t>(0, proof.size());
  flip_bit(proof[at], *rc::gen::inRange<std::size_t>(0, 256));
  RC_ASSERT(!verify_consistency(old, size, old_root, tree.root_at(size), proof).has_value());
}

RC_GTEST_PROP(MerkleProperty, RefusesAProofForAnotherLeafOrAnotherSize, ()) {
  const Tree& tree = tree_of_300();
  const auto size = *rc::gen::inRange<std::uint64_t>(2, 300);
  const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
  const auto other = *rc::gen::distinctFrom(rc::gen::inRange<std::uint64_t>(0, size), index);
  const auto proof = inclusion_proof(index, size, tree.reader()).value();
  const Digest leaf = Tree::leaf_at(index);
  RC_ASSERT(!verify_inclusion(other, size, leaf, proof, tree.root_at(size)).has_value());
  RC_ASSERT(
      !verify_inclusion(index, size, Tree::leaf_at(other), proof, tree.root_at(size)).has_value());
  RC_ASSERT(!verify_inclusion(index, size, leaf, proof, tree.root_at(size + 1)).has_value());
}

}  // namespace
}  // namespace writ::ledger
