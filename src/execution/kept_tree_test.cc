#include "execution/kept_tree.h"

#include <gtest/gtest.h>

#include "execution/testing/engine_room.h"

namespace writ::execution {
namespace {

const RunId kRun{Uuid::v5(kWritNamespace, "run")};

Tree tree_of(std::vector<repo::TreeFile> files) {
  Tree tree;
  tree.files = std::make_shared<const std::vector<repo::TreeFile>>(std::move(files));
  tree.digest = digest_of(tree, {"**"});
  return tree;
}

Tree sample() {
  return tree_of({{".github/odd name\n.yml", 0100644, crypto::sha256("a")},
                  {"link", 0120000, crypto::sha256("b")},
                  {"src/run.sh", 0100755, crypto::sha256("c")}});
}

evidence::Record keep(EngineRoom& room, const Tree& tree) {
  auto record = keep_tree(*room.blobs, kRun, "port", 1, tree, room.clock.wall());
  EXPECT_TRUE(record.has_value());
  return *record;
}

TEST(KeptTree, HasAListingWhoseDigestIsTheTrees) {
  EXPECT_EQ(crypto::sha256(listing_of(sample())), sample().digest);
}

TEST(KeptTree, ComesBackWithEveryFile) {
  EngineRoom room;
  const std::vector<evidence::Record> records{keep(room, sample())};
  EXPECT_TRUE(records[0].check());
  EXPECT_EQ(records[0].data, Value(Object{{"files", 3}}));
  const auto tree = kept_tree(*room.blobs, records, "port", sample().digest);
  ASSERT_TRUE(tree.has_value()) << tree.error().text();
  EXPECT_EQ(listing_of(*tree), listing_of(sample()));
  EXPECT_EQ(tree->files->at(0).path, ".github/odd name\n.yml");
  EXPECT_EQ(tree->files->at(2).mode, 0100755u);
  const Tree later = tree_of({{"link", 0120000, crypto::sha256("b")},
                              {"new", 0100644, crypto::sha256("n")},
                              {"src/run.sh", 0100644, crypto::sha256("c")}});
  EXPECT_EQ(changed_paths(*tree, later),
            (std::vector<std::string>{".github/odd name\n.yml", "new", "src/run.sh"}));
}

TEST(KeptTree, IsFoundForItsStepAndItsDigestAlone) {
  EngineRoom room;
  const std::vector<evidence::Record> records{keep(room, sample())};
  const auto other_step = kept_tree(*room.blobs, records, "other", sample().digest);
  ASSERT_FALSE(other_step.has_value());
  EXPECT_EQ(other_step.error().code, Code::not_found);
  EXPECT_EQ(kept_tree(*room.blobs, records, "port", crypto::sha256("x")).error().code,
            Code::not_found);
}

TEST(KeptTree, RefusesABlobThatIsNoListOfFiles) {
  EngineRoom room;
  for (const std::string& text : {std::string("no list"), std::string("100644 a\0short\n", 15),
                                  std::string("10064x a\0", 9) + std::string(64, '0') + "\n",
                                  std::string("100644 a\0", 9) + std::string(64, 'g') + "\n",
                                  std::string("100644 a\0", 9) + std::string(64, '0') + " "}) {
    evidence::Record record = keep(room, sample());
    const auto blob = room.blobs->put(text);
    ASSERT_TRUE(blob.has_value());
    record.blobs = {*blob};
    record.tree = blob->digest;
    const auto tree = kept_tree(*room.blobs, std::vector{record}, "port", blob->digest);
    ASSERT_FALSE(tree.has_value()) << text;
    EXPECT_EQ(tree.error().code, Code::tampered) << tree.error().text();
  }
}

}  // namespace
}  // namespace writ::execution
