// Runs that are begun over HTTP and driven by the server: the real binary, killed and begun anew.
#include "base/json.h"
#include "writ_shell.h"

namespace writ::e2e {
namespace {

// `up` starts a server, `down SIGNAL` ends it; `until WORDS PATH` asks until the answer has them.
constexpr std::string_view kShell = R"sh(
W=)sh" WRIT_BINARY R"sh(
sock=$PWD/.writ/serve.sock
up() {
  exec {said}< <(exec $W serve --addr 127.0.0.1:0 --check-answers 2>>../server.log & echo $!; wait)
  read -r pid <&$said; read -r line <&$said
}
down() { kill -$1 $pid; while kill -0 $pid 2>/dev/null; do sleep 0.02; done; }
trap 'kill -9 $pid 2>/dev/null || true' EXIT
ask() { curl -sS -w '\n' --unix-socket $sock "http://writ/writ/v1$@"; }
post() { ask "$1" -H 'Content-Type: application/json' -d "$2"; }
start() { post /runs "{\"spec\":\"spec.yaml\",\"id\":\"$1\"}"; }
until_says() {
  for i in $(seq 300); do ask "$2" > ../last; grep -q "$1" ../last && return; sleep 0.05; done
  cat ../last; return 1
}
one=01890000-0000-7000-8000-000000000001
)sh";

class DrivenRunsTest : public WritTest {
 protected:
  void SetUp() override {
    if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
    set_up();
    trust_reviewer();
    write(".gitignore", "*.mark\n");  // marks are no part of the tree
  }
  void spec(std::string_view steps) const {
    write("spec.yaml", spec_of(steps));
    commit("spec");
  }
  std::string told(const std::string& script) const { return bash(std::string(kShell) + script); }
};

TEST_F(DrivenRunsTest, AreDrivenToTheirEndAndSeenOnTheStream) {
  spec("steps:\n  - {id: a, run: echo a}\n  - {id: b, run: echo b}\n");
  const auto said = json_lines(told(R"sh(
up; start $one; start $one
until_says '"status":"attested".*"seen_to":false' /runs/$one/drive; cat ../last
timeout 20 curl -sSN --unix-socket $sock "http://writ/writ/v1/events/stream?run=$one" > ../stream &
for i in $(seq 100); do grep -q 'writ.run.attested' ../stream && break; sleep 0.05; done
grep -c 'writ.step.completed' ../stream
ask /runs/latest; down TERM
)sh"));
  ASSERT_EQ(said.size(), 5u);
  EXPECT_EQ(said[0].string_or("run", ""), "01890000-0000-7000-8000-000000000001");
  EXPECT_EQ(said[1].string_or("run", ""), said[0].string_or("run", "?")) << "it is the same order";
  EXPECT_EQ(to_json(at(said[2], {"seen_to"})), "false") << "nothing is left to do";
  EXPECT_EQ(to_json(said[3]), "2");
  EXPECT_EQ(text_at(said[4], {"outcome"}), "attested");
  EXPECT_EQ(json_lines(bash(WRIT_BINARY " ledger list --type writ.run.started --json")).size(), 1u);
  writ_expecting(0, {"verify"});
}

TEST_F(DrivenRunsTest, GoOnAfterTheServerWasKilled) {
  write("slow.sh", "echo b >> b.mark; test -e go.mark || sleep 60\n");
  write("once.sh", "echo a >> a.mark\n");
  spec(
      "steps:\n  - {id: a, run: sh once.sh}\n  - {id: b, run: sh slow.sh}\n"
      "  - {id: c, run: echo c}\n");
  const std::string said = told(R"sh(
up; start $one > /dev/null
for i in $(seq 200); do test -e b.mark && break; sleep 0.05; done
down 9; touch go.mark
up; until_says '"status":"attested"' /runs/$one/drive; down TERM
cat a.mark b.mark
)sh");
  EXPECT_EQ(said, "a\nb\nb\n") << "what was complete is not done again; what was cut off is";
  const Value status = json(writ_expecting(0, {"status", "--json"}).out);
  EXPECT_EQ(text_at(status, {"outcome"}), "attested");
  EXPECT_EQ(to_json(at(status, {"steps", "1", "attempt"})), "2");
  writ_expecting(0, {"verify"});
}

TEST_F(DrivenRunsTest, GoOnWhenSomebodyHasApproved) {
  spec(
      "steps:\n  - {id: work, run: echo done}\n"
      "  - {id: review, approval: {by: role:maintainer, not: runner}}\n");
  const auto said = json_lines(told(R"sh(
up; start $one > /dev/null
until_says '"status":"waiting"' /runs/$one
until_says '"driven":false' /runs/$one/drive; cat ../last
$W approve latest main/review --key ../reviewer.key > /dev/null
until_says '"status":"attested"' /runs/$one/drive; cat ../last; down TERM
)sh"));
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(to_json(at(said[0], {"seen_to"})), "true") << "it waits, and will go on by itself";
  EXPECT_EQ(said[1].string_or("status", ""), "attested");
  writ_expecting(0, {"verify"});
}

TEST_F(DrivenRunsTest, GoOnWhenSomebodyHasApprovedInAChildRun) {
  write("child.yaml",
        "writ: 1\nkind: Spec\nmodule: {id: child}\nsteps:\n"
        "  - {id: review, approval: {by: role:maintainer, not: runner}}\n");
  spec("steps:\n  - {id: part, spec: child.yaml}\n  - {id: last, run: echo done}\n");
  const auto said = json_lines(told(R"sh(
up; start $one > /dev/null
until_says '"status":"waiting"' /runs/$one
until_says '"driven":false' /runs/$one/drive
child=$(ask /runs | grep -o '"id":"[^"]*"' | cut -d'"' -f4 | grep -v $one)
$W approve $child main/review --key ../reviewer.key > /dev/null
until_says '"status":"attested"' /runs/$one/drive; cat ../last; down TERM
)sh"));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].string_or("status", ""), "attested");
  EXPECT_EQ(
      text_at(
          json(writ_expecting(0, {"status", "01890000-0000-7000-8000-000000000001", "--json"}).out),
          {"steps", "1", "status"}),
      "passed");
}

TEST_F(DrivenRunsTest, AreLeftAloneUntilSomebodyResumesThem) {
  write("try.sh", "echo x >> tries.mark; test -e fixed.mark\n");
  spec("steps:\n  - {id: a, run: sh try.sh}\n");
  const auto said = json_lines(told(R"sh(
up; start $one > /dev/null
until_says '"seen_to":false' /runs/$one/drive; cat ../last; wc -l < tries.mark
touch fixed.mark; ask /runs/$one/resume -X POST
until_says '"status":"attested"' /runs/$one/drive; wc -l < tries.mark
ask /runs/$one/resume -X POST; down TERM
)sh"));
  ASSERT_EQ(said.size(), 5u);
  EXPECT_EQ(said[0].string_or("status", ""), "active");
  EXPECT_EQ(to_json(said[1]), "1") << "a step that failed is not tried again by itself";
  EXPECT_EQ(to_json(at(said[2], {"seen_to"})), "true");
  EXPECT_EQ(to_json(said[3]), "2");
  EXPECT_TRUE(contains(said[4].string_or("detail", ""), "has ended: it is attested"));
}

TEST_F(DrivenRunsTest, AreCancelledWithTheStepThatRuns) {
  write("long.sh", "echo $$ > pid.mark; sleep 61.25\n");
  spec("steps:\n  - {id: a, run: sh long.sh}\n");
  const auto said = json_lines(told(R"sh(
up; start $one > /dev/null
for i in $(seq 200); do test -s pid.mark && break; sleep 0.05; done
test -s pid.mark; pgrep -f 'sleep 61[.]25' > /dev/null
ask /runs/$one/cancel -X POST; ask /runs/$one/cancel -X POST
pgrep -f 'sleep 61[.]25' > /dev/null && echo '"alive"' || echo '"gone"'; down TERM
)sh"));
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0].string_or("status", ""), "cancelled") << to_json(said[0]);
  EXPECT_TRUE(contains(said[1].string_or("detail", ""), "has ended: it is cancelled"));
  EXPECT_EQ(to_json(said[2]), "\"gone\"");
}

TEST_F(DrivenRunsTest, RefusesOrdersThatCannotBe) {
  spec("steps:\n  - {id: a, rum: echo a}\n");
  write("good.yaml", spec_of("steps:\n  - {id: a, run: echo a}\n"));
  commit("good");
  const auto said = json_lines(told(R"sh(
up; start $one; post /runs '{"spec":"../../etc/passwd"}'; post /runs '{"spec":"none.yaml"}'
post /runs '{"spec":"good.yaml","inputs":{"a":"/etc/passwd"}}'
post /runs "{\"spec\":\"good.yaml\",\"id\":\"$one\"}"; post /runs "{\"spec\":\"spec.yaml\",\"id\":\"$one\"}"
ask /runs/0190/cancel -X POST; down TERM
)sh"));
  ASSERT_EQ(said.size(), 7u);
  EXPECT_EQ(said[0].string_or("code", ""), "invalid_input");
  EXPECT_TRUE(contains(text_at(said[0], {"diagnostics", "0", "file"}), "spec.yaml"));
  EXPECT_EQ(text_at(said[0], {"diagnostics", "0", "line"}), "5");
  EXPECT_TRUE(contains(said[1].string_or("detail", ""), "..")) << to_json(said[1]);
  EXPECT_EQ(said[2].string_or("status", ""), "") << to_json(said[2]);
  EXPECT_TRUE(contains(to_json(said[2]), "none.yaml")) << to_json(said[2]);
  EXPECT_EQ(said[3].string_or("code", ""), "invalid_input") << to_json(said[3]);
  EXPECT_EQ(said[4].string_or("status", ""), "active") << "the refused order left nothing behind";
  EXPECT_TRUE(contains(said[5].string_or("detail", ""), "is of another spec")) << to_json(said[5]);
  EXPECT_EQ(said[6].string_or("detail", ""), "no run begins with 0190");
}

TEST_F(DrivenRunsTest, LookToWhoOrderedThemAsIfTheCommandDroveThem) {
  write("loud.sh", "echo loud; echo louder >&2; exit 3\n");
  write("good.yaml", spec_of("steps:\n  - {id: a, run: echo a}\n  - {id: b, run: echo b}\n"));
  write("fails.yaml", spec_of("steps:\n  - {id: a, run: echo a}\n  - {id: b, run: sh loud.sh}\n"));
  write("shut.yaml", spec_of("steps:\n  - {id: a, run: echo a, gate: exit.code == 1}\n"));
  write("blocks.yaml", spec_of("steps:\n  - {id: a, run: sh loud.sh, blocks: SPEC_BLOCKER}\n"));
  write("waits.yaml", spec_of("steps:\n  - {id: a, approval: {by: role:maintainer}}\n"));
  write("child.yaml", spec_of("steps:\n  - {id: in, run: echo in}\n", "id: child"));
  write("parent.yaml",
        spec_of("steps:\n  - {id: sub, spec: child.yaml}\n  - {id: b, run: echo}\n"));
  write("bad.yaml", spec_of("steps:\n  - {id: a, rum: echo a}\n"));
  commit("specs");
  const std::string said = told(R"sh(
up
here() { WRIT_STORE="${WRIT_STORE:-sqlite:$PWD/.writ/writ.db}" $W "$@"; }
there() { $W --server unix:$sock "$@"; }
plain() {
  sed -E 's/[0-9a-f]{8}-[0-9a-f-]{27}/ID/g; s/ +[0-9.]+ ?m?s$/ TIME/; s/"(time|since)":("[^"]*"|[0-9]+)/"\1":0/g
          s/"(elapsed_ms|fence)":[0-9]+/"\1":0/g; s/"(digest|inputs|decision)":"[0-9a-f]*"/"\1":""/g'
}
same() {
  for place in here there; do
    { $place "$@" 2>&1 && echo 0 || echo $?; } | plain > ../$place.out
  done
  cmp ../here.out ../there.out || diff ../here.out ../there.out || true
  echo "$(tail -1 ../there.out) $*"
}
for spec in good fails shut blocks waits parent bad; do same apply $spec.yaml; done
same apply good.yaml --quiet; same apply fails.yaml --json; same apply none.yaml; there resume > ../resumed || echo $?
same apply good.yaml --input a
for place in here there; do $place apply fails.yaml --junit ../$place.xml --quiet > /dev/null || echo $?; done
for place in here there; do sed -E 's/(time|timestamp)="[^"]*"//g' ../$place.xml > ../$place.out; done
cmp ../here.out ../there.out; grep -c '<error .*type="exit"/>' ../there.xml
down TERM
)sh");
  EXPECT_EQ(said,
            "0 apply good.yaml\n5 apply fails.yaml\n4 apply shut.yaml\n3 apply blocks.yaml\n"
            "6 apply waits.yaml\n0 apply parent.yaml\n2 apply bad.yaml\n0 apply good.yaml --quiet\n"
            "5 apply fails.yaml --json\n2 apply none.yaml\n5\n2 apply good.yaml --input a\n"
            "5\n5\n1\n");
}

TEST_F(DrivenRunsTest, GoOnUnderAnEditedSpecAsAnotherRun) {
  const std::string first = "steps:\n  - {id: a, run: echo a}\n";
  write("spec.yaml", spec_of(first + "  - {id: b, run: \"false\"}\n"));
  write("../edited.yaml", spec_of(first + "  - {id: b, run: \"true\"}\n"));
  commit("spec");
  const auto said = json_lines(told(R"sh(
two=01890001-0000-7000-8000-000000000002
up; start $one > /dev/null; until_says '"seen_to":false' /runs/$one/drive
post /runs/$one/replan "{\"id\":\"$two\"}"
cp ../edited.yaml spec.yaml
post /runs/$one/replan "{\"id\":\"$two\"}"; post /runs/$one/replan "{\"id\":\"$two\"}"
until_says '"status":"attested".*"seen_to":false' /runs/$two/drive; cat ../last
ask /runs/$one/drive; post /runs/$one/replan "{\"id\":\"$one\"}"; post /runs/$one/replan '{}'
ask /runs/$two; down TERM
)sh"));
  ASSERT_EQ(said.size(), 8u);
  EXPECT_EQ(said[0].string_or("detail", ""), "the plan has not changed") << to_json(said[0]);
  EXPECT_EQ(said[1].string_or("run", ""), "01890001-0000-7000-8000-000000000002");
  EXPECT_EQ(said[2].string_or("run", ""), said[1].string_or("run", "?")) << "the same order";
  EXPECT_EQ(said[4].string_or("status", ""), "superseded");
  EXPECT_EQ(to_json(at(said[4], {"seen_to"})), "false");
  EXPECT_TRUE(contains(said[5].string_or("detail", ""), "is another's")) << to_json(said[5]);
  EXPECT_TRUE(contains(said[6].string_or("detail", ""), "has ended: it is superseded"));
  EXPECT_EQ(text_at(said[7], {"run", "supersedes"}), "01890000-0000-7000-8000-000000000001");
  writ_expecting(0, {"verify"});
}

// Nobody names a server; one lives in the directory.
TEST_F(DrivenRunsTest, AreOrderedFromTheServerThatLivesHere) {
  write("ask.sh", "test -e go.mark\n");
  write("who.sh", "echo $PPID > who.mark\n");
  spec("steps:\n  - {id: who, run: sh who.sh}\n  - {id: a, run: sh ask.sh}\n");
  write("../edited.yaml",
        spec_of("steps:\n  - {id: who, run: sh who.sh}\n  - {id: a, run: sh ask.sh}\n"
                "  - {id: b, run: echo b}\n"));
  const std::string said = told(R"sh(
unset WRIT_STORE
up; $W apply spec.yaml --quiet > ../said || echo $?; sed 's/ .*//' ../said
ask /runs/latest/progress > ../told; grep -c '"event":"run_ended"' ../told
touch go.mark; cp ../edited.yaml spec.yaml
$W resume --quiet 2>&1 | sed 's/[0-9a-f]\{8\}-[0-9a-f-]*/ID/'
$W resume --replan --quiet --junit ../junit.xml > ../said || echo $?; sed 's/ .*//' ../said
grep -c '<testcase' ../junit.xml; ask /runs/latest/drive | grep -c '"status":"attested"'
down TERM
)sh");
  EXPECT_EQ(said,
            "5\nstep_failed\n1\n"
            "error: spec.yaml was edited since run ID began\n"
            "  remedy: `writ resume --replan` goes on under the edited text and keeps what still "
            "holds; or bring the old text back\n"
            "attested\n3\n1\n");
}

TEST_F(DrivenRunsTest, AreWatchedAcrossTheDeathOfTheServerAndCancelledFromHere) {
  write("slow.sh", "echo b >> b.mark; test -e go.mark || sleep 60\n");
  spec("steps:\n  - {id: b, run: sh slow.sh}\n");
  const std::string said = told(R"sh(
up; $W --server unix:$sock apply spec.yaml --quiet > ../watched & watcher=$!
for i in $(seq 200); do test -e b.mark && break; sleep 0.05; done
down 9; touch go.mark; up; wait $watcher; sed -E 's/ [0-9a-f-]{36}//' ../watched
rm go.mark b.mark; start $one > /dev/null
for i in $(seq 200); do test -e b.mark && break; sleep 0.05; done
$W cancel $one; $W --server unix:$sock cancel $one 2>&1 || echo $?; down TERM
)sh");
  EXPECT_EQ(said,
            "attested\ncancelled run 01890000-0000-7000-8000-000000000001\n"
            "error: run 01890000-0000-7000-8000-000000000001 has ended: it is cancelled\n"
            "  remedy: Read the resource again and retry with its current version\n2\n");
}

}  // namespace
}  // namespace writ::e2e
