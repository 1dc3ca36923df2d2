// What a command of a step can reach: never the project's own keys and records.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class IsolationTest : public WritTest {
 protected:
  // Whether commands of steps get namespaces here, as a run itself records it.
  bool has_namespaces() {
    apply(spec_of("steps:\n  - {id: probe, run: \"true\"}\n"));
    const Value status = json(writ({"status", "--json"}).out);
    return text_at(status, {"steps", "0", "isolation"}) == "namespaces";
  }
};

TEST_F(IsolationTest, MasksWhatBelongsToWrit) {
  set_up();
  if (!has_namespaces()) GTEST_SKIP() << "the kernel allows no namespaces here";
  for (const char* command :
       {"cat .writ/trust.yaml", "ls .writ/keys", "touch .writ/x", "sh -c 'echo x > .writ/writ.db'",
        "rm -rf .writ", "mv .writ elsewhere"}) {
    const std::string before = listing();
    const Ran ran = apply(spec_of("steps:\n  - {id: reach, run: " + std::string(command) + "}\n"));
    EXPECT_EQ(ran.exit, 5) << command << "\n" << ran.text();
    EXPECT_TRUE(has(".writ/trust.yaml")) << command;
    EXPECT_FALSE(has(".writ/x")) << command;
  }
  writ_expecting(0, {"ledger", "verify"});
}

TEST_F(IsolationTest, GivesACommandAFixedEnvironment) {
  set_up();
  environment_["SECRET_OF_MINE"] = "do-not-tell";
  write("env.sh", "env > env.txt\n");
  const Ran ran = apply(spec_of("steps:\n  - {id: env, run: sh env.sh, env: {GIVEN: \"yes\"}}\n",
                                "id: demo, repo: {outputs: [env.txt]}"));
  EXPECT_EQ(ran.exit, 0) << ran.text();
  EXPECT_FALSE(contains(read("env.txt"), "do-not-tell")) << read("env.txt");
  EXPECT_TRUE(contains(read("env.txt"), "GIVEN=yes")) << read("env.txt");
}

TEST_F(IsolationTest, KeepsSecretsOutOfEverythingCaptured) {
  set_up();
  environment_["API_TOKEN"] = "tok-3141592653";
  write("leak.sh", "echo \"the token is $API_TOKEN\"; exit 1\n");
  const Ran ran = apply(spec_of("steps:\n  - {id: leak, run: sh leak.sh, secrets: [API_TOKEN]}\n"));
  EXPECT_EQ(ran.exit, 5) << ran.text();
  EXPECT_FALSE(contains(ran.out + ran.err, "tok-3141592653")) << ran.text();
  const Ran why = writ_expecting(0, {"explain"});
  EXPECT_TRUE(contains(why.out, "the token is ***")) << why.out;
  bash("! grep -r tok-3141592653 .writ");
}

TEST_F(IsolationTest, LeavesNoProcessBehind) {
  set_up();
  write("daemon.sh", "(setsid sleep 3141 &) ; exit 0\n");
  const Ran ran = apply(spec_of("steps:\n  - {id: daemon, run: sh daemon.sh}\n"));
  EXPECT_EQ(ran.exit, 0) << ran.text();
  EXPECT_EQ(bash("pgrep -f '^sleep 3141$' || true"), "");
}

}  // namespace
}  // namespace writ::e2e
