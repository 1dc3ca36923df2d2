// People and agents who act over HTTP, with keys that the server never sees; and the command line
// that goes through a server: the real binary, a real socket.
#include "base/clock.h"
#include "base/json.h"
#include "crypto/dsse.h"
#include "crypto/key_file.h"
#include "identity/statement_document.h"
#include "writ_shell.h"

namespace writ::e2e {
namespace {

using identity::Statement;

constexpr std::int64_t kHourMicros = 3600LL * 1'000'000;

// `here` asks the store, `there` the server's socket; `ask PATH` is a request of its own, `sent
// PATH FILE` posts one.
constexpr std::string_view kShell = R"sh(
W=)sh" WRIT_BINARY R"sh(
coproc server { exec $W serve --addr 127.0.0.1:0 --check-answers; }
pid=$server_PID; trap 'kill -9 $pid 2>/dev/null || true' EXIT
read -r line <&"${server[0]}"; url=${line#listening on }
sock=$PWD/.writ/serve.sock
here() { WRIT_STORE="${WRIT_STORE:-sqlite:$PWD/.writ/writ.db}" $W "$@"; }
there() { $W --server unix:$sock "$@"; }
ask() { curl -sS -w '\n' --unix-socket $sock "http://writ/writ/v1$@"; }
sent() { ask "$1" -H 'Content-Type: application/json' --data-binary @"$2"; }
)sh";

constexpr std::string_view kReview =
    "steps:\n  - {id: work, run: echo done}\n"
    "  - {id: review, approval: {by: role:maintainer, not: runner}}\n";
constexpr std::string_view kPort =
    "steps:\n  - id: port\n    external: {by: role:maintainer, instructions: Port it}\n"
    "    evidence: {file: notes.txt}\n";

class SignedActsTest : public WritTest {
 protected:
  void SetUp() override {
    if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
    set_up();
    trust_reviewer();
  }
  void start(std::string_view steps, std::string_view module = "id: demo") const {
    const Ran ran = apply(spec_of(steps, module));
    EXPECT_EQ(ran.exit, 6) << ran.text();
  }
  std::string served(const std::string& script) const {
    return bash(std::string(kShell) + script + "\nkill -TERM $pid; wait $pid\n");
  }
  std::vector<Value> said(const std::string& script) const { return json_lines(served(script)); }

  // What the server would have signed.
  Statement drafted(const std::string& intent) const {
    write("../draft.json", intent);
    const Value answer = json(served("sent /runs/latest/drafts ../draft.json"));
    const auto statement = identity::parse_statement(to_json(at(answer, {"statement"})));
    EXPECT_TRUE(statement) << to_json(answer);
    return statement.value_or(Statement());
  }
  Statement approval() const { return drafted(R"({"kind":"approval","step":"main/review"})"); }
  // A request's body: `statement` signed by the key in `file`.
  void sign(const std::string& body, const Statement& statement, const std::string& file) const {
    const auto key = crypto::load_key_file(file, std::nullopt);
    ASSERT_TRUE(key) << key.error().text();
    const auto envelope = identity::make_statement(statement, *key);
    ASSERT_TRUE(envelope) << envelope.error().text();
    write(body, to_json(crypto::dsse_to_value(*envelope)));
  }
  std::string stranger() const {
    const std::string file = beside("stranger.key").string();
    writ_expecting(0, {"keys", "new", "--out", file});
    return file;
  }
};

TEST_F(SignedActsTest, SaysTheSameThroughAServerAsWithoutOne) {
  start(kReview);
  const std::string out = served(R"sh(
same() {
  for place in here there; do
    $place "$@" > ../$place.out 2> ../$place.err && echo 0 > ../$place.code || echo $? > ../$place.code
  done
  for what in out err code; do cmp ../here.$what ../there.$what; done
  echo "$(cat ../here.code) $*"
}
same status; same status --json; same status --quiet; same trust show; same trust show --json
same explain; same explain main/work; same explain main/review --json
same status none-such; same status 0123; same explain main/none
same approve latest main/work --key ../reviewer.key
same approve latest main/none --key ../reviewer.key
same approve latest main/review
same approve latest main/review --json
same reject latest main/review --key ../reviewer.key
same resolve latest 00000000-0000-7000-8000-000000000000 --key ../reviewer.key --reason x
same submit latest main/review --evidence a --key ../reviewer.key
same approve latest main/review --key ../reviewer.key
same status --json
)sh");
  EXPECT_EQ(
      out,
      "0 status\n0 status --json\n0 status --quiet\n0 trust show\n0 trust show --json\n0 "
      "explain\n0 explain main/work\n"
      "0 explain main/review --json\n2 status none-such\n2 status 0123\n2 explain main/none\n"
      "2 approve latest main/work --key ../reviewer.key\n"
      "2 approve latest main/none --key ../reviewer.key\n"
      "8 approve latest main/review\n8 approve latest main/review --json\n"
      "2 reject latest main/review --key ../reviewer.key\n"
      "2 resolve latest 00000000-0000-7000-8000-000000000000 --key ../reviewer.key --reason x\n"
      "2 submit latest main/review --evidence a --key ../reviewer.key\n"
      "0 approve latest main/review --key ../reviewer.key\n0 status --json\n");
  EXPECT_EQ(writ({"resume"}).exit, 0);
  EXPECT_TRUE(contains(writ_expecting(0, {"verify"}).out, "approval by reviewer"));
}

TEST_F(SignedActsTest, TakesAnApprovalOnceHoweverOftenItIsSent) {
  start(kReview);
  sign("../approval.json", approval(), reviewer());
  const auto first = said(
      "sent /runs/latest/approvals ../approval.json\n"
      "sent /runs/latest/approvals ../approval.json\n"
      "ask /runs/latest");
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].string_or("step", ""), "main/review") << to_json(first[0]);
  EXPECT_EQ(first[0].string_or("kind", ""), "approval");
  EXPECT_EQ(first[1], first[0]);
  EXPECT_EQ(writ({"resume"}).exit, 0);
  const auto later = said(
      "ask /runs/latest; sent /runs/latest/approvals ../approval.json\n"
      "ask /runs/latest");
  ASSERT_EQ(later.size(), 3u);
  EXPECT_EQ(later[1], first[0]) << "the run has ended, and the answer is the same";
  EXPECT_EQ(text_at(later[0], {"run", "status"}), "attested");
  EXPECT_EQ(at(later[2], {"run", "next_seq"}), at(later[0], {"run", "next_seq"}));
  writ_expecting(0, {"verify"});
}

TEST_F(SignedActsTest, RefusesWordsThatDoNotCount) {
  start(kReview);
  const Statement word = approval();
  sign("../stranger.json", word, stranger());
  Statement other = word;
  other.at.micros -= 2 * kHourMicros;
  sign("../late.json", other, reviewer());
  other.at.micros += 3 * kHourMicros;
  sign("../early.json", other, reviewer());
  other = word;
  other.run = {Uuid::v5(kWritNamespace, "another run")};
  sign("../run.json", other, reviewer());
  other = word;
  other.kind = identity::StatementKind::claim;
  sign("../kind.json", other, reviewer());
  sign("../forged.json", word, reviewer());
  bash("sed -i 's/\"sig\":\"..../\"sig\":\"AAAA/' ../forged.json");
  const auto refused = said(
      "for body in stranger late early run kind forged; do\n"
      "  sent /runs/latest/approvals ../$body.json\ndone\n"
      "sent /runs/0190/approvals ../run.json\n"
      "echo '{\"payloadType\":\"application/vnd.writ.statement+json\",\"payload\":\"e30=\","
      "\"signatures\":[]}' > ../none.json; sent /runs/latest/approvals ../none.json\n"
      "sed -i 's/}$/,\"more\":1}/' ../none.json; sent /runs/latest/approvals ../none.json\n");
  ASSERT_EQ(refused.size(), 9u);
  const auto says = [&](std::size_t i, std::string_view code, std::string_view detail) {
    EXPECT_EQ(refused[i].string_or("code", ""), code) << to_json(refused[i]);
    EXPECT_TRUE(contains(refused[i].string_or("detail", ""), detail)) << to_json(refused[i]);
  };
  says(0, "not_permitted", "is not in the trust of this run");
  says(1, "not_permitted", "the statement is dated too long ago");
  says(2, "not_permitted", "the statement is dated in the future");
  says(3, "not_permitted", "this approval is for another run");
  says(4, "invalid_input", "a word of kind claim is not for this path");
  says(5, "signature_bad", "does not hold over this statement");
  says(6, "not_found", "no run begins with 0190");
  says(7, "invalid_input", "the request does not keep to the contract");
  says(8, "invalid_input", "the request does not keep to the contract");
  EXPECT_EQ(writ({"resume"}).exit, 6) << "nobody has approved";
  bash(WRIT_BINARY " ledger list --json > ../events.json");
  EXPECT_EQ(bash("grep -c writ.approval.refused ../events.json"), "5\n") << "each is on record";
  writ_expecting(6, {"resume"});
}

TEST_F(SignedActsTest, TakesWhatSeveralProcessesSayAtOnce) {
  start(kReview);
  sign("../approval.json", approval(), reviewer());
  const auto answers = said(
      "for i in 1 2 3 4; do sent /runs/latest/approvals ../approval.json > ../answer.$i & "
      "all+=($!)\n"
      "  here approve latest main/review --key ../reviewer.key > /dev/null & all+=($!)\ndone\n"
      "for one in \"${all[@]}\"; do wait $one; done; cat ../answer.*");
  ASSERT_EQ(answers.size(), 4u);
  for (const Value& answer : answers) {
    EXPECT_EQ(answer.string_or("step", ""), "main/review") << to_json(answer);
    EXPECT_EQ(answer, answers[0]);
  }
  EXPECT_EQ(writ({"resume"}).exit, 0);
  writ_expecting(0, {"verify"});
}

TEST_F(SignedActsTest, ClaimsAndHandsInThroughAServer) {
  start(kPort, "id: demo, repo: {outputs: [notes.txt]}");
  write("notes.txt", "as it went\n");
  const std::string second = stranger();
  const std::string out = served(R"sh(
there claim latest main/port --key ../reviewer.key
here claim latest main/port --key ../stranger.key 2>&1 || echo $?
there claim latest main/port --key ../stranger.key 2>&1 || echo $?
there submit latest main/port --evidence notes.txt --key ../stranger.key 2>&1 || echo $?
there submit latest main/port --evidence notes.txt --key ../reviewer.key
)sh");
  const std::string held =
      bash("sed -n 's/.*\"claimed_by\":\"\\(.\\{16\\}\\).*/\\1/p' <(" WRIT_BINARY
           " status --json | tr -d ' \\n')");
  const std::string key = held.substr(0, 16);
  const std::string conflict =
      "error: step main/port is claimed by key " + key +
      "\n  remedy: Read the resource again and retry with its current version\n2\n";
  EXPECT_EQ(out,
            "claimed main/port\nPort it\n  evidence: file notes.txt\n"
            "  next: writ submit latest main/port --evidence FILE\n" +
                conflict + conflict +
                "error: step main/port is claimed by another key\n  remedy: Submit with key " +
                key + "\n8\nsubmitted 1 file as evidence for main/port\n  next: writ resume\n");
  EXPECT_EQ(writ({"resume"}).exit, 0);
  const Ran verified = writ_expecting(0, {"verify"});
  EXPECT_TRUE(contains(verified.out, "claim by reviewer")) << verified.out;
  EXPECT_TRUE(contains(verified.out, "submission by reviewer")) << verified.out;
}

TEST_F(SignedActsTest, KeepsBytesUnderTheirOwnDigestAlone) {
  start(kPort);
  const auto answers = said(R"sh(
printf notes > ../notes; digest=$(sha256sum ../notes | cut -c1-64)
put() { ask /blobs/$1 -X PUT -H 'Content-Type: application/octet-stream' --data-binary @../notes; }
put $digest; put $digest; put ${digest/[0-9]/f}
)sh");
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(to_json(at(answers[0], {"size"})), "5") << to_json(answers[0]);
  EXPECT_EQ(answers[1], answers[0]);
  EXPECT_TRUE(
      contains(answers[2].string_or("detail", ""), "the bytes that came have another digest"))
      << to_json(answers[2]);
}

TEST_F(SignedActsTest, LiftsABlockerThroughAServer) {
  EXPECT_EQ(
      apply(spec_of("steps:\n  - {id: unclear, run: \"false\", blocks: SPEC_BLOCKER}\n")).exit, 3);
  const std::string id =
      text_at(json(writ_expecting(0, {"status", "--json"}).out), {"blockers", "0", "id"});
  const std::string act = " resolve latest " + id + " --key ../reviewer.key";
  EXPECT_EQ(
      served("there" + act + " --reason clarified; there" + act +
             " --reason again 2>&1 || echo $?"),
      "resolved blocker " + id + "\n  next: writ resume\nerror: blocker " + id +
          " is resolved already\n  remedy: Read the resource again and retry with its current "
          "version\n2\n");
}

TEST_F(SignedActsTest, AsksForATokenOverTheNetworkAndTakesOne) {
  start(kReview);
  const std::string password = "correct horse battery staple 9";
  ASSERT_EQ(writ({"identity", "bootstrap-admin", "root@example.org"}, password + "\n").exit, 0);
  const std::string out = served(
      "$W --server $url status 2>&1 || echo $?\n"
      "WRIT_TOKEN=none $W --server $url status 2>&1 || echo $?\n"
      "curl -sS $url/auth/jwt/login --data-urlencode username=root@example.org "
      "--data-urlencode 'password=" +
      password +
      "' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/' > ../token\n"
      "export WRIT_SERVER=$url/ WRIT_TOKEN_FILE=../token\n"
      "$W approve latest main/review --key ../reviewer.key\n"
      "$W assume latest main/work --what x --about y 2>&1 || echo $?\n");
  EXPECT_EQ(
      out,
      "error: this asks for a credential\n"
      "  remedy: Sign in again, or send a token or an API key that is valid\n8\n"
      "error: the credential is not valid\n"
      "  remedy: Sign in again, or send a token or an API key that is valid\n8\n"
      "approved main/review of run " +
          text_at(json(writ_expecting(0, {"status", "--json"}).out), {"run", "id"}) +
          "\n  next: writ resume\n"
          "error: `writ assume` works on this directory alone\n"
          "  remedy: Leave --server out and unset WRIT_SERVER; run it where the project is\n2\n");
  EXPECT_EQ(writ({"resume"}).exit, 0);
}

// 0.0.0.0 leads here, and nothing says so: as with a name that somebody else answers for.
TEST_F(SignedActsTest, SendsNoTokenInTheOpenUnlessThatIsSaid) {
  start(kReview);
  const std::string out = served(R"sh(
elsewhere=http://0.0.0.0:${url##*:}
$W --server $elsewhere status 2>&1 || echo $?
export WRIT_TOKEN=secret-token
$W --server $elsewhere status 2>&1 | sed "s/:${url##*:}/:PORT/"
WRIT_SERVER=$elsewhere $W approve latest main/review --key ../reviewer.key > /dev/null 2>&1 || echo $?
$W --server $elsewhere --plain-http status 2>&1 || echo $?
$W --server $url status 2>&1 || echo $?
)sh");
  const std::string asks =
      "error: this asks for a credential\n"
      "  remedy: Sign in again, or send a token or an API key that is valid\n8\n";
  const std::string invalid =
      "error: the credential is not valid\n"
      "  remedy: Sign in again, or send a token or an API key that is valid\n8\n";
  EXPECT_EQ(out, asks +
                     "error: the token would go to http://0.0.0.0:PORT in the open\n"
                     "  remedy: Ask the server by https://, or say --plain-http where everybody on "
                     "the way may read the token\n2\n" +
                     invalid + invalid);
}

TEST_F(SignedActsTest, IsNotHinderedByASocketThatNobodyAnswersAt) {
  start(kReview);
  const std::string status = writ_expecting(0, {"status"}).out;
  bash(std::string(kShell) + "kill -9 $pid; wait $pid || true; test -S .writ/serve.sock");
  EXPECT_EQ(writ_expecting(0, {"status"}).out, status) << "the server is dead";
  const std::string hung = bash(std::string(kShell) + "kill -STOP $pid; $W status; kill -9 $pid");
  EXPECT_EQ(hung, status) << "the server hangs";
  bash("rm .writ/serve.sock; touch .writ/serve.sock");
  EXPECT_EQ(writ_expecting(0, {"status"}).out, status) << "it is no socket at all";
  const Ran named = writ({"--server", "unix:" + (root() / ".writ/serve.sock").string(), "status"});
  EXPECT_EQ(named.exit, 9) << "who names a server is told: " << named.text();
  EXPECT_EQ(writ({"--server", "ftp://x", "status"}).exit, 2);
}

}  // namespace
}  // namespace writ::e2e
