// Packets: parts of the work side by side, each in a git worktree of its own (LAW-08).
#include "writ_shell.h"

namespace writ::e2e {
namespace {

constexpr std::string_view kLaw =
    "writ: 1\nkind: Protocol\nid: one\nversion: 1.0.0\nauthority: enforced\n"
    "rules: {sequential: true}\n";

class PacketTest : public WritTest {
 protected:
  // A repository with a.txt, b.txt and a sequential law.
  void begin() {
    write("a.txt", "old\n");
    write("b.txt", "old\n");
    write(".writ/protocols/one.yaml", kLaw);
    set_up();
  }
  void write_packet(const std::string& name, std::string_view steps,
                    std::string_view module_more = "") const {
    write(name + ".yaml", spec_of("protocols: [one@1]\n" + std::string(steps),
                                  "id: " + name + std::string(module_more)));
  }
  static std::string packets(std::string_view more = "", std::string_view module = "id: demo") {
    return spec_of(
        "protocols: [one@1]\nsteps:\n"
        "  - {id: a, spec: {path: packet-a.yaml, worktree: true}, needs: []}\n"
        "  - {id: b, spec: {path: packet-b.yaml, worktree: true}, needs: []}\n" +
            std::string(more),
        module);
  }
  // Ends once `other` is there too: both packets are at work at once.
  std::string meet(const std::string& name, const std::string& other) const {
    return "touch " + beside(name).string() + "; i=0; until test -e " + beside(other).string() +
           "; do i=$((i+1)); test $i -lt 1500 || exit 1; sleep 0.02; done; ";
  }
  // Each sees the other's file as it was, whoever is quicker. `more`: what the second does too.
  void write_two_packets(const std::string& more = "") const {
    write("a.sh", meet("a", "b") + "grep -q old b.txt && echo new >a.txt\n");
    write("b.sh", meet("b", "a") + "grep -q old a.txt && echo new >b.txt" + more + "\n");
    write_packet("packet-a", "steps: [{id: change, run: sh a.sh, sandbox: 'off'}]\n");
    write_packet("packet-b", "steps: [{id: change, run: sh b.sh, sandbox: 'off'}]\n");
  }
  std::string child_of(std::string_view step) const {
    const Value status = json(writ({"status", "--json"}).out);
    for (std::size_t i = 0; i < size_at(status, {"steps"}); ++i) {
      const Value found = at(status, {"steps", std::to_string(i)});
      if (text_at(found, {"step"}) != step) continue;
      const std::string reason = text_at(found, {"reason"});
      return reason.substr(4, reason.find(' ', 4) - 4);
    }
    return "";
  }
};

TEST_F(PacketTest, WorkSideBySideEachUnderTheLaw) {
  begin();
  write("gone.txt", "x\n");
  write_two_packets(" && rm gone.txt");
  const Ran ran = apply(packets("  - {id: both, run: grep -c new a.txt b.txt, needs: [a, b]}\n"));
  EXPECT_EQ(ran.exit, 5) << ran.text();
  EXPECT_TRUE(contains(ran.out, "it changed 2 files and the law allows one a step")) << ran.out;
  EXPECT_EQ(read("b.txt"), "old\n") << "nothing comes back from a packet that is not attested";
}

TEST_F(PacketTest, AreAttestedEachAndVerify) {
  begin();
  write_two_packets();
  const Ran ran = apply(packets("  - {id: both, run: grep -l new a.txt b.txt, needs: [a, b]}\n"));
  EXPECT_EQ(ran.exit, 0) << ran.text();
  EXPECT_EQ(read("a.txt") + read("b.txt"), "new\nnew\n");
  EXPECT_EQ(bash("git worktree list | wc -l; ls .writ/worktrees"), "1\n");
  EXPECT_EQ(bash("git status --porcelain"), " M a.txt\n M b.txt\n") << "index and HEAD stay";
  writ_expecting(0, {"verify"});
  const Ran runs = writ({"ledger", "list", "--type", "writ.run.started", "--json"});
  EXPECT_TRUE(contains(runs.out, "\"worktree\":\".writ/worktrees/")) << runs.out;
}

TEST_F(PacketTest, LetAnAgentWorkInTheirTree) {
  begin();
  trust_reviewer();
  write_packet("packet-a",
               "steps:\n  - {id: port, external: {by: role:maintainer, instructions: Port it},"
               " evidence: {file: notes.txt}}\n",
               ", repo: {outputs: [notes.txt]}");
  const std::string spec = spec_of(
      "protocols: [one@1]\nsteps:\n  - {id: a, spec: {path: packet-a.yaml, worktree: true}}\n"
      "  - {id: look, run: grep new a.txt}\n",
      "id: demo, repo: {may_change: [a.txt]}");
  const Ran ran = apply(spec);
  ASSERT_EQ(ran.exit, 6) << ran.text();
  const std::string tree = bash("ls -d .writ/worktrees/*/ | tr -d '\\n'");
  EXPECT_TRUE(contains(ran.out, tree.substr(0, tree.size() - 1))) << ran.out << tree;
  const std::string child = child_of("main/a");
  const std::string agent = "cd " + tree + " && echo new >a.txt && echo done >notes.txt && " +
                            std::string(WRIT_BINARY) + " submit " + child +
                            " main/port --evidence notes.txt --key " + reviewer();
  EXPECT_TRUE(contains(bash(agent), "submitted 1 file")) << "from inside of the tree";
  EXPECT_EQ(read("a.txt"), "old\n");
  bash("mv " + tree + " ../aside");
  const Ran gone = writ({"resume", child});
  EXPECT_EQ(gone.exit, 2) << "the tree of the project is another one: " << gone.text();
  EXPECT_TRUE(contains(gone.err, "is gone")) << gone.err;
  bash("mv ../aside " + tree);
  const Ran resumed = writ({"resume"});
  EXPECT_EQ(resumed.exit, 0) << resumed.text();
  EXPECT_EQ(read("a.txt"), "new\n");
  writ_expecting(0, {"verify"});
  writ_expecting(0, {"verify", child});
}

TEST_F(PacketTest, BringNothingBackOverAnotherChange) {
  begin();
  write("a.sh", "echo packet >a.txt\n");
  write("b.sh", "echo packet >b.txt; echo else >" + (root() / "a.txt").string() + "\n");
  write_packet("packet-a",
               "steps:\n  - {id: one, run: sh a.sh}\n"
               "  - {id: two, run: sh b.sh, sandbox: 'off'}\n");
  const Ran ran = apply(spec_of(
      "protocols: [one@1]\nsteps:\n  - {id: a, spec: {path: packet-a.yaml, worktree: true}}\n"));
  EXPECT_EQ(ran.exit, 3) << ran.text();
  EXPECT_TRUE(contains(ran.out, "was changed here and in the packet's worktree")) << ran.out;
  EXPECT_EQ(read("a.txt") + read("b.txt"), "else\nold\n");
  bash("git checkout -q a.txt");
  const Ran resumed = writ({"resume"});
  EXPECT_EQ(resumed.exit, 0) << resumed.text();
  EXPECT_EQ(read("a.txt") + read("b.txt"), "packet\npacket\n");
}

TEST_F(PacketTest, AnswerToTheScopeOfTheWholeWork) {
  begin();
  write("b.sh", "echo packet >b.txt\n");
  write_packet("packet-a", "steps: [{id: one, run: sh b.sh}]\n");
  const Ran ran = apply(spec_of(
      "protocols: [one@1]\nsteps:\n  - {id: a, spec: {path: packet-a.yaml, worktree: true}}\n",
      "id: demo, repo: {may_change: [a.txt]}"));
  EXPECT_EQ(ran.exit, 3) << ran.text();
  EXPECT_TRUE(contains(ran.out, "b.txt")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "may_change")) << ran.out;
}

TEST_F(PacketTest, AreUnderTheSequentialLawToo) {
  begin();
  write("packet-a.yaml", spec_of("steps: [{id: one, run: echo}]\n", "id: free"));
  const Ran ran = apply(spec_of(
      "protocols: [one@1]\nsteps:\n  - {id: a, spec: {path: packet-a.yaml, worktree: true}}\n"));
  EXPECT_EQ(ran.exit, 8) << ran.text();
  EXPECT_TRUE(contains(ran.err, "no law makes packet packet-a.yaml so")) << ran.err;
}

TEST_F(PacketTest, GoOnInTheirTreeAfterAKill) {
  begin();
  write("a.sh", "test -e " + beside("go").string() + " || { touch " + beside("up").string() +
                    "; sleep 60; }; cat first.txt >a.txt\n");
  write("first.sh", "echo $$ >first.txt\n");
  write_packet("packet-a",
               "steps:\n  - {id: first, run: sh first.sh, inputs: [first.sh]}\n"
               "  - {id: slow, run: sh a.sh, sandbox: 'off', inputs: [a.sh]}\n");
  write("spec.yaml", spec_of("protocols: [one@1]\nsteps:\n"
                             "  - {id: a, spec: {path: packet-a.yaml, worktree: true}}\n"));
  commit();
  bash(std::string(WRIT_BINARY) + " apply spec.yaml >../out 2>&1 & pid=$!; until test -e " +
       beside("up").string() + "; do sleep 0.02; done; kill -KILL $pid; wait $pid || true; touch " +
       beside("go").string());
  const std::string first = bash("cat .writ/worktrees/*/first.txt");
  const Ran resumed = writ({"resume"});
  EXPECT_EQ(resumed.exit, 0) << resumed.text();
  EXPECT_EQ(read("a.txt"), first) << "the first step did not run again";
  EXPECT_EQ(bash("ls .writ/worktrees"), "");
  writ_expecting(0, {"verify"});
}

}  // namespace
}  // namespace writ::e2e
