// The pack remediation through the real binary: eleven steps that bind every remediation, none of
// which passes by itself (LAW-09).
#include <algorithm>

#include "writ_shell.h"

namespace writ::e2e {
namespace {

constexpr std::string_view kSpec = R"(writ: 1
kind: Spec
module:
  id: orders.book
  repo: {may_change: [src/book.cc, tests/book_test.cc], allowed_new_files: [], outputs: [junit.xml]}
work_type: REMEDIATION
remediation: {entry: failed_validation, because: BookTest.CancelTakesTheOrderOut fails since v2}
phases:
- {id: change, steps: [{id: book, external: Mend the book, evidence: {file: src/book.cc}}]}
- {id: test, stage: validate, steps: [{id: unit, run: ./test.sh, evidence: {tests: junit.xml}}]}
)";

class RemediationTest : public WritTest {
 protected:
  void start() {
    write("src/book.cc", "int cancel(int id) { return id; }\n");
    write("tests/book_test.cc", "int main() { return 0; }\n");
    write("test.sh",
          "#!/bin/sh\n"
          "if grep -q 'return -id' src/book.cc; then bad=; else bad='<failure/>'; fi\n"
          "echo \"<testsuite><testcase name='Cancel'>$bad</testcase></testsuite>\" > junit.xml\n");
    bash("chmod +x test.sh");
    set_up();
    trust_reviewer();
  }

  std::string waiting() const {
    const Value steps = at(json(writ_expecting(0, {"status", "--json"}).out), {"steps"});
    for (const Value& step : steps.as_array()) {
      if (step.string_or("status", "") == "waiting") return std::string(step.string_or("step", ""));
    }
    return {};
  }

  // Hands in what the run waits for, until it waits for nothing; the steps, in order.
  std::vector<std::string> answer_all(std::string_view book, int& exit) {
    std::vector<std::string> answered;
    for (exit = 6; exit == 6 && answered.size() < 20;) {
      const std::string step = waiting();
      if (step.empty()) break;
      answered.push_back(step);
      if (step == "record/complete") {
        writ_expecting(0, {"approve", "latest", step, "--key", reviewer()});
      } else {
        const std::string file = step == "change/book"
                                     ? std::string("src/book.cc")
                                     : "remediation/" + step.substr(step.find('/') + 1) + ".md";
        write(file,
              step == "change/book" ? std::string(book) : "What was found at " + step + ".\n");
        writ_expecting(0, {"submit", "latest", step, "--key", reviewer(), "--evidence", file});
      }
      exit = writ({"resume"}).exit;
    }
    return answered;
  }
};

const std::vector<std::string> kStatements{
    "find/identify", "find/reproduce", "cause/root-cause",        "remedy/spec",
    "remedy/design", "change/book",    "proof/prevent-regression"};

TEST_F(RemediationTest, TakesItsElevenStepsInOrderThoughTheSpecNamesNoProtocol) {
  start();
  const Ran applied = apply(kSpec);
  ASSERT_EQ(applied.exit, 6) << applied.text();
  int exit = 0;
  std::vector<std::string> expected = kStatements;
  for (const char* step : {"record/update-spec", "record/persist", "record/complete"}) {
    expected.emplace_back(step);
  }
  EXPECT_EQ(answer_all("int cancel(int id) { return -id; }\n", exit), expected);
  EXPECT_EQ(exit, 0);
  const Value rows = at(json(writ_expecting(0, {"status", "--json"}).out), {"steps"});
  std::vector<std::string> steps;
  for (const Value& step : rows.as_array()) {
    steps.emplace_back(step.string_or("step", ""));
  }
  // With the two that a check answers: eleven.
  for (const char* step : {"mend/implement", "proof/validate"}) {
    EXPECT_NE(std::ranges::find(steps, step), steps.end()) << step;
  }
  const Ran verified = writ_expecting(0, {"verify"});
  EXPECT_TRUE(contains(verified.out, "approved")) << verified.out;
  EXPECT_TRUE(contains(verified.out, "mended")) << verified.out;
}

TEST_F(RemediationTest, StopsAtTheProofWhileTheTestStillFails) {
  start();
  ASSERT_EQ(apply(kSpec).exit, 6);
  int exit = 0;
  const std::vector<std::string> answered =
      answer_all("int cancel(int id) { return 0 * id; }\n", exit);
  EXPECT_EQ(answered.back(), "change/book");
  EXPECT_EQ(exit, 3);
  const Ran status = writ_expecting(0, {"status"});
  EXPECT_TRUE(contains(status.out, "proof/validate")) << status.out;
  EXPECT_TRUE(contains(status.out, "FIX_REQUIRED")) << status.out;
}

TEST_F(RemediationTest, NeedsTheConditionThatAllowsIt) {
  start();
  std::string spec(kSpec);
  const std::size_t at = spec.find("remediation:");
  const Ran ran = apply(spec.erase(at, spec.find('\n', at) + 1 - at));
  EXPECT_EQ(ran.exit, 2) << ran.text();
  EXPECT_TRUE(contains(ran.err, "spec.yaml:6:12  remediation needs the condition that allows it"))
      << ran.err;
}

TEST_F(RemediationTest, DoesNotBindOtherWorkAndSaysSo) {
  start();
  const Ran ran =
      apply(spec_of("protocols: [remediation@1]\nsteps:\n  - {id: a, run: \"true\"}\n"));
  EXPECT_EQ(ran.exit, 0) << ran.text();
  const Ran plan = writ_expecting(0, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(plan.out,
                       "protocol remediation@1.0.0  the work type is IMPLEMENTATION, not "
                       "REMEDIATION"))
      << plan.out;
}

}  // namespace
}  // namespace writ::e2e
