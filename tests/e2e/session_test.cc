// The pack zero-tolerance-session from its first step to the attestation: 32 blocking steps, none
// of which passes by itself.
#include <algorithm>

#include "writ_shell.h"

namespace writ::e2e {
namespace {

constexpr std::string_view kSpec = R"(writ: 1
kind: Spec
module:
  id: orders.book
  name: Order book
  purpose: Match limit orders by price, then time.
  repo:
    may_change: [src/book.cc, tests/book_test.cc]
    allowed_new_files: []
    outputs: [junit.xml]
  interfaces: {inbound: [{kind: library, header: src/book.h}]}
  error_policy: [{code: invalid_order, class: client, retryable: false, remedy: Fix the price}]
  acceptance:
    required: [{id: ACC-1, text: Priority holds, proved_by: ["BookTest.*"]}]
protocols: [zero-tolerance-session@2]
work_type: IMPLEMENTATION
risk: {reliability: 2, security: 1, drift: 1, operability: 2}
budget: {max_files: 2, max_total_lines: 300}
phases:
  - id: write
    steps:
      - {id: book, external: Write the book, evidence: {file: src/book.cc}}
  - id: test
    stage: validate
    steps:
      - {id: unit, run: ./test.sh, evidence: {tests: junit.xml}, gate: tests.failed == 0}
)";

class SessionTest : public WritTest {
 protected:
  void start() {
    write("src/book.cc", "int submit(int id) { return id; }\n");
    write("tests/book_test.cc",
          "#include <gtest/gtest.h>\n"
          "TEST(BookTest, PriorityHolds) { EXPECT_EQ(submit(1), 1); }\n");
    write("test.sh",
          "#!/bin/sh\n"
          "echo '<testsuite><testcase classname=\"BookTest\" name=\"PriorityHolds\"/></testsuite>' "
          "> junit.xml\n");
    bash("chmod +x test.sh");
    set_up();
    trust_reviewer();
    const Ran ran = apply(kSpec);
    ASSERT_EQ(ran.exit, 6) << ran.text();
  }

  // The path of the step that the run waits at; empty when it waits for nobody.
  std::string waiting() const {
    const Value status = json(writ_expecting(0, {"status", "--json"}).out);
    const Value* steps = status.find("steps");
    if (steps == nullptr || !steps->is_array()) return {};
    const auto found = std::ranges::find_if(steps->as_array(), [](const Value& step) {
      return step.string_or("status", "") == "waiting";
    });
    return found == steps->as_array().end() ? std::string()
                                            : std::string(found->string_or("step", ""));
  }

  void hand_in(const std::string& step) {
    std::string file = "session/" + step + ".md";
    std::ranges::replace(file.begin() + 8, file.end(), '/', '-');
    std::string text = "What was found at " + step + ".\n";
    if (step == "write/book") {
      file = "src/book.cc";
      text =
          "int cancel(int id) { return -id; }  // "
          "TODO submit\n";
    }
    write(file, text);
    writ_expecting(0, {"submit", "latest", step, "--key", reviewer(), "--evidence", file});
  }

  // Answers everything that the run waits for; the steps, in order.
  std::vector<std::string> answer_all(int& exit) {
    std::vector<std::string> answered;
    for (exit = 6; exit == 6 && answered.size() < 40;) {
      const std::string step = waiting();
      if (step.empty()) break;
      answered.push_back(step);
      if (step == "plan/approval" || step == "hand-over/review") {
        writ_expecting(0, {"approve", "latest", step, "--key", reviewer()});
      } else {
        hand_in(step);
      }
      exit = step == "write/book" ? resume_blocked_and_mended() : writ({"resume"}).exit;
    }
    return answered;
  }

  // What was handed in leaves something undone.
  int resume_blocked_and_mended() {
    const Ran blocked = writ({"resume"});
    EXPECT_EQ(blocked.exit, 3) << blocked.text();
    EXPECT_TRUE(contains(blocked.out, "src/book.cc:1")) << blocked.out;
    EXPECT_TRUE(contains(blocked.out, "finish/scan")) << blocked.out;
    write("src/book.cc", "int submit(int id) { return id; }\nint cancel(int id) { return -id; }\n");
    return writ({"resume"}).exit;
  }
};

// An edit of the code asks for no statement again that rests on documents.
TEST_F(SessionTest, AsksForEveryStatementBlocksOnWorkUndoneAndAttestsWhatEvidenceProves) {
  start();
  int exit = 0;
  EXPECT_EQ(answer_all(exit),
            (std::vector<std::string>{"orient/instructions", "orient/task", "extract/interfaces",
                                      "extract/errors", "extract/tests", "extract/no-invention",
                                      "plan/files", "plan/reuse", "plan/criteria", "plan/approval",
                                      "write/book", "finish/completeness", "finish/failures",
                                      "finish/leftovers", "hand-over/notes", "hand-over/review"}));
  EXPECT_EQ(exit, 0);
  const Ran verified = writ_expecting(0, {"verify"});
  EXPECT_TRUE(contains(verified.out, "acceptance_proved")) << verified.out;
}

}  // namespace
}  // namespace writ::e2e
