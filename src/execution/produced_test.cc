// What an attestation may list as left by the run: exactly what was declared, as evidence has it.
#include "execution/produced.h"

#include <gtest/gtest.h>

#include "execution/testing/engine_room.h"

namespace writ::execution {
namespace {

class ProducedTest : public testing::Test {
 protected:
  ProducedTest() : plan_(plan_of({step_named("last/artifacts")})) {
    for (const char* name : {"code", "tests", "attestation"}) {
      protocol::DeclaredArtifact artifact;
      artifact.name = name;
      if (artifact.name == "attestation") artifact.evidence = protocol::kAttestationArtifact;
      plan_.artifacts.push_back(artifact);
    }
    state_.steps.resize(1);
    state_.steps[0].attempt = 2;
  }

  evidence::Record record(const std::vector<std::string>& names, std::uint32_t attempt = 2) const {
    evidence::Record record;
    record.step = "last/artifacts";
    record.attempt = attempt;
    record.kind = evidence::Kind::artifact;
    record.name = "artifacts";
    record.tree = tree_;
    Array list;
    for (const std::string& name : names) {
      const crypto::Digest digest = crypto::sha256(name);
      list.push_back(Object{{"name", name}, {"digest", digest.hex()}, {"entries", 1}});
      record.blobs.push_back({digest, 1});
    }
    record.data = Object{{"artifacts", std::move(list)}};
    return record;
  }

  // The names in order, or what is wrong.
  std::string produced(const std::vector<evidence::Record>& records) const {
    const auto found = produced_artifacts(plan_, state_, records, tree_);
    if (!found) return found.error().message;
    std::string out;
    for (const evidence::ProducedArtifact& artifact : *found) {
      EXPECT_EQ(artifact.digest, crypto::sha256(artifact.name));
      out += artifact.name + " ";
    }
    return out;
  }

  protocol::Plan plan_;
  RunState state_;
  crypto::Digest tree_ = crypto::sha256("tree");
};

TEST_F(ProducedTest, IsWhatTheNewestEvidenceOfThisTreeListsInTheDeclaredOrder) {
  EXPECT_EQ(produced({record({"old"}, 1), record({"code", "tests"})}), "code tests ");
}

TEST_F(ProducedTest, IsRefusedWhereAnArtifactIsAbsentMisplacedOrNotDeclared) {
  EXPECT_EQ(produced({}), "artifact code is not listed, in its place, for this tree");
  EXPECT_EQ(produced({record({"code"})}),
            "artifact tests is not listed, in its place, for this tree");
  EXPECT_EQ(produced({record({"tests", "code"})}),
            "artifact code is not listed, in its place, for this tree");
  EXPECT_EQ(produced({record({"code", "tests", "more"})}), "artifact more is not declared");
}

TEST_F(ProducedTest, DoesNotCountWhatAnotherTreeOrAnOlderAttemptShowed) {
  evidence::Record other = record({"code", "tests"});
  other.tree = crypto::sha256("another tree");
  EXPECT_EQ(produced({other}), "artifact code is not listed, in its place, for this tree");
  EXPECT_EQ(produced({record({"code", "tests"}, 1)}),
            "artifact code is not listed, in its place, for this tree");
}

TEST_F(ProducedTest, IsRefusedWhereWhatItIsMadeOfIsNotKept) {
  evidence::Record bare = record({"code", "tests"});
  bare.blobs.pop_back();
  EXPECT_EQ(produced({bare}), "what artifact tests is made of is not kept");
}

}  // namespace
}  // namespace writ::execution
