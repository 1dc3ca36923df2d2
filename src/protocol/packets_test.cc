// What may go on side by side under a sequential law.
#include "protocol/packets.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::problems_of;
using testing::Repository;

constexpr std::string_view kLaw =
    "writ: 1\nkind: Protocol\nid: one\nversion: 1.0.0\nauthority: enforced\n"
    "rules: {sequential: true}\n";

class Packets : public ::testing::Test {
 protected:
  Packets() { repository_.write_protocol("one", kLaw); }

  std::string problems(std::string_view steps, std::string_view head = "protocols: [one@1]\n") {
    return problems_of(load(steps, head));
  }
  Result<Plan> load(std::string_view steps, std::string_view head = "protocols: [one@1]\n") {
    return repository_.load("writ: 1\nkind: Spec\nmodule: {id: m}\n" + std::string(head) +
                            "steps:\n" + std::string(steps));
  }

  const Repository repository_;
};

TEST_F(Packets, WriteToTheTreeAndAreToldFromOtherChildren) {
  const auto plan = load(
      "  - {id: a, spec: {path: a.yaml, worktree: true}}\n"
      "  - {id: b, spec: b.yaml}\n  - {id: c, spec: {path: c.yaml}}\n");
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_TRUE(plan->steps[0].is_packet());
  EXPECT_TRUE(plan->steps[0].writes_tree);
  EXPECT_EQ(to_json(plan->steps[0].with), R"({"path":"a.yaml","worktree":true})");
  EXPECT_EQ(to_json(plan->steps[1].with), R"({"path":"b.yaml"})");
  EXPECT_EQ(to_json(plan->steps[2].with), R"({"path":"c.yaml"})");
  EXPECT_FALSE(plan->steps[1].writes_tree);
}

TEST_F(Packets, MayGoOnSideBySide) {
  EXPECT_EQ(problems("  - {id: start, run: make}\n"
                     "  - {id: a, spec: {path: a.yaml, worktree: true}, needs: [start]}\n"
                     "  - {id: b, spec: {path: b.yaml, worktree: true}, needs: [start]}\n"
                     "  - {id: end, run: make all, needs: [a, b]}\n"),
            "");
}

TEST_F(Packets, AreWantedOfWritersThatCouldRunAtOnce) {
  const std::string found =
      problems("  - {id: a, run: make a, needs: []}\n  - {id: b, run: make b, needs: []}\n");
  EXPECT_EQ(found.substr(0, found.find(',')),
            "7:5 `main/b` and `main/a` may change the tree at the same time");
}

TEST_F(Packets, AreNotWantedOfStepsThatWriteNothing) {
  EXPECT_EQ(problems("  - {id: a, run: make a, needs: []}\n"
                     "  - {id: b, run: make b, needs: [], writes: false}\n"),
            "");
}

TEST_F(Packets, AreNotWantedWhereNoLawIsSequential) {
  EXPECT_EQ(
      problems("  - {id: a, run: make a, needs: []}\n  - {id: b, run: make b, needs: []}\n", ""),
      "");
}

TEST_F(Packets, WaitForWritersAndWritersForThem) {
  const std::string before = problems(
      "  - {id: w, run: make w}\n"
      "  - {id: p, spec: {path: p.yaml, worktree: true}, needs: []}\n");
  EXPECT_TRUE(before.contains("`main/p` and `main/w`")) << before;
  const std::string after = problems(
      "  - {id: p, spec: {path: p.yaml, worktree: true}}\n"
      "  - {id: q, spec: {path: q.yaml, worktree: true}, needs: []}\n"
      "  - {id: w, run: make w, needs: [q]}\n");
  EXPECT_TRUE(after.contains("`main/w` and `main/p`")) << after;
  EXPECT_FALSE(after.contains("`main/q`")) << after;
}

TEST_F(Packets, AreOrderedThroughStepsThatWriteNothing) {
  EXPECT_EQ(problems("  - {id: w, run: make w}\n"
                     "  - {id: look, run: ls, writes: false}\n"
                     "  - {id: v, run: make v, needs: [look]}\n"),
            "");
}

TEST_F(Packets, BringNothingBackOnceTheTreeIsValidated) {
  const std::string found = problems_of(repository_.load(
      "writ: 1\nkind: Spec\nmodule: {id: m}\nphases:\n  - id: v\n    stage: validate\n    steps:\n"
      "      - {id: p, spec: {path: p.yaml, worktree: true}, writes: true}\n"));
  EXPECT_TRUE(found.contains("nothing writes to the tree once `validate` has begun")) << found;
}

TEST_F(Packets, AreRefusedWithKeysThatNobodyKnows) {
  const std::string found = problems("  - {id: a, spec: {path: a.yaml, worktre: true}}\n");
  EXPECT_TRUE(found.contains("worktre")) << found;
  EXPECT_TRUE(problems("  - {id: a, spec: {worktree: true}}\n").contains("path")) << found;
}

}  // namespace
}  // namespace writ::protocol
