// Other people's proofs, good and bad: transparency-dev/merkle, testdata/. They lie outside of
// this repository; where they are absent the test says so.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "ledger/merkle.h"

namespace writ::ledger {
namespace {

namespace fs = std::filesystem;

const fs::path kVectors = WRIT_SOURCE_DIR "/../shared/conformance/merkle/testdata";

// The vectors put other texts where hashes belong. No hash at all is refused where Digest is made,
// as everywhere in Writ. "don't care" and the like appear in good vectors too; their own SHA-256
// stands for them: equal texts stay equal, and no tree has such a hash.
Result<Digest> to_digest(std::string_view base64) {
  WRIT_TRY(const std::string bytes, parse_base64(base64));
  const auto digest = Digest::from_bytes(bytes);
  return digest || bytes.empty() ? digest : crypto::sha256(bytes);
}

class Vector {
 public:
  explicit Vector(Value value) : value_(std::move(value)) {}

  // Indices beyond int64 are written as JSON integers; parse_json reads those as reals. All such
  // vectors want an error, and 2^64 - 1 stands for them.
  std::uint64_t number(std::string_view key) const {
    const Value* number = value_.find(key);
    return number->is_integer() ? static_cast<std::uint64_t>(number->as_integer())
                                : ~std::uint64_t{0};
  }
  Result<Digest> digest(std::string_view key) const { return to_digest(value_.string_or(key, "")); }
  Result<std::vector<Digest>> proof() const {
    std::vector<Digest> proof;
    if (const Value* hashes = value_.find("proof"); hashes->is_array()) {
      for (const Value& hash : hashes->as_array()) {
        WRIT_TRY(proof.emplace_back(), to_digest(hash.as_string()));
      }
    }
    return proof;
  }
  bool wants_error() const { return value_.bool_or("wantErr", true); }

 private:
  Value value_;
};

// The two hashes and the proof that every vector has.
struct Claim {
  Digest known;
  Digest root;
  std::vector<Digest> proof;
};

Result<Claim> claim_of(const Vector& v, const char* known, const char* root) {
  Claim claim;
  WRIT_TRY(claim.known, v.digest(known));
  WRIT_TRY(claim.root, v.digest(root));
  WRIT_TRY(claim.proof, v.proof());
  return claim;
}

Result<void> check_inclusion(const Vector& v) {
  WRIT_TRY(const Claim claim, claim_of(v, "leafHash", "root"));
  return verify_inclusion(v.number("leafIdx"), v.number("treeSize"), claim.known, claim.proof,
                          claim.root);
}
Result<void> check_consistency(const Vector& v) {
  WRIT_TRY(const Claim claim, claim_of(v, "root1", "root2"));
  return verify_consistency(v.number("size1"), v.number("size2"), claim.known, claim.root,
                            claim.proof);
}
Result<void> check_subtree_inclusion(const Vector& v) {
  WRIT_TRY(const Claim claim, claim_of(v, "leafHash", "root"));
  return verify_subtree_inclusion(v.number("leafIdx"), v.number("start"), v.number("end"),
                                  claim.known, claim.proof, claim.root);
}
Result<void> check_subtree_consistency(const Vector& v) {
  WRIT_TRY(const Claim claim, claim_of(v, "root1", "root2"));
  return verify_subtree_consistency(v.number("start"), v.number("end"), v.number("size"),
                                    claim.known, claim.root, claim.proof);
}

struct Suite {
  const char* folder;
  std::size_t files;
  Result<void> (*check)(const Vector&);
};

constexpr Suite kSuites[] = {{"inclusion", 98, check_inclusion},
                             {"consistency", 98, check_consistency},
                             {"subtreeinclusion", 204, check_subtree_inclusion},
                             {"subtreeconsistency", 118, check_subtree_consistency}};

TEST(MerkleVectors, AcceptsTheGoodProofsAndRefusesTheBadOnes) {
  if (!fs::exists(kVectors)) GTEST_SKIP() << "no vectors at " << kVectors;
  for (const Suite& suite : kSuites) {
    std::size_t files = 0;
    for (const auto& file : fs::recursive_directory_iterator(kVectors / suite.folder)) {
      if (file.path().extension() != ".json") continue;
      const auto text = read_file(file.path(), 1 << 20);
      ASSERT_TRUE(text) << file.path();
      const auto value = parse_json(*text);
      ASSERT_TRUE(value) << file.path() << value.error().text();
      const Vector vector(*value);
      EXPECT_EQ(!suite.check(vector).has_value(), vector.wants_error()) << file.path();
      ++files;
    }
    EXPECT_EQ(files, suite.files) << suite.folder;
  }
}

}  // namespace
}  // namespace writ::ledger
