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

// What differs from place to place, or from call to call, is made the same.
constexpr std::string_view kSame = R"sh(
plain() { sed -E 's/[0-9a-f]{8}-[0-9a-f-]{27}/ID/g; s/[0-9]{4}-[0-9-]{5}T[0-9:.]+Z/TIME/g'; }
same() {
  for place in here there; do
    { $place "$@" 2>&1 && echo 0 || echo $?; } > ../$place.out
  done
  cmp ../here.out ../there.out || diff ../here.out ../there.out || true
  echo "$(tail -1 ../there.out) $*" | plain
}
)sh";

TEST_F(SignedActsTest, ReadsLogAndRunTheSameThroughAServer) {
  start(kReview);
  writ_expecting(0, {"approve", "latest", "main/review", "--key", reviewer()});
  const std::string deferred =
      "deferral add latest main/review --what Retries --owner Ada "
      "--due 2030-01-31 --unblocker Queue";
  const std::string out = served(std::string(kSame) + "here " + deferred + R"sh( > /dev/null
same handoff; same handoff --json; same deferral list; same deferral list --json
same deferral list latest; same deferral list none; same handoff 0123
id=$(here deferral list --json | sed -n 's/.*"id": "\(.*\)",/\1/p')
here deferral close latest $id --key ../reviewer.key --reason settled > /dev/null
same deferral list; same deferral list --all; same deferral list latest --all --json
here resume > /dev/null; here ledger checkpoint > /dev/null
same handoff; same ledger list --limit 3; same ledger list --run latest --json
same ledger list --type writ.run. --after 2; same ledger list --from yesterday
event=$(here ledger list --type writ.run.attested --json | sed 's/.*"id":"\([^"]*\)".*/\1/')
same ledger show $event; same ledger show $event --json
same ledger prove $event; same ledger prove $event --json
same ledger show 00000000-0000-7000-8000-000000000000
same export --out ../bundle; cp ../bundle ../there.bundle; here export --out ../here.bundle > /dev/null
cmp ../here.bundle ../there.bundle
same verify none
)sh");
  EXPECT_EQ(out,
            "0 handoff\n0 handoff --json\n0 deferral list\n0 deferral list --json\n"
            "0 deferral list latest\n2 deferral list none\n2 handoff 0123\n"
            "0 deferral list\n0 deferral list --all\n0 deferral list latest --all --json\n"
            "0 handoff\n0 ledger list --limit 3\n0 ledger list --run latest --json\n"
            "0 ledger list --type writ.run. --after 2\n2 ledger list --from yesterday\n"
            "0 ledger show ID\n0 ledger show ID --json\n0 ledger prove ID\n"
            "0 ledger prove ID --json\n2 ledger show ID\n0 export --out ../bundle\n"
            "2 verify none\n");
  writ_expecting(0, {"verify", "../there.bundle", "--trust", ".writ/trust.yaml"});
}

TEST_F(SignedActsTest, AddsToTheLogAndWritesItOutTheSameThroughAServer) {
  start(kReview);
  write("../one.json", R"({"specversion":"1.0","id":"1","source":"/shop","type":"shop.paid"})");
  write("../other.json", R"({"specversion":"1.0","id":"1","source":"/shop","type":"shop.lost"})");
  write("../no.json", "{\"specversion\":");
  write("../of_run.json", R"({"specversion":"1.0","id":"9","source":"/shop","type":"t",)"
                          R"("writrun":"01a1fc7e-7f54-70b2-95ec-ea705ebf148e","writseq":"1"})");
  std::string lines;
  for (int i = 0; i < 600; ++i) {
    lines += R"({"specversion":"1.0","id":")" + std::to_string(i) +
             R"(","source":"/till","type":"t","time":"2026-01-01T00:00:00Z"})" + "\n";
  }
  write("../lines.json", lines);
  write("../cut.json", lines + "{\"specversion\":\"2\"}\n");
  write("../signed.json", R"({"specversion":"1.0","id":"2","source":"/shop","type":"t"})");
  const std::string out = served(std::string(kSame) + R"sh(
there ledger append ../one.json | plain | sed 's/ at index .*//; s/; its place.*//'
same ledger append ../no.json; same ledger append ../other.json; same ledger append ../of_run.json
same ledger append none.json
there ledger append --lines ../cut.json 2>&1 | grep -o 'line 601; 512 events before it are in the log'
same ledger append --lines ../lines.json; here ledger list --json --type t --limit 1000 | wc -l
there ledger append --key ../reviewer.key --json ../signed.json | grep -o '"writsignatures":"[^"]*"' > ../a
there ledger append --key ../reviewer.key --json ../signed.json | grep -o '"writsignatures":"[^"]*"' | cmp - ../a && cut -c 1-26 ../a
same ledger checkpoint; same ledger checkpoint --json
for format in tiles jsonl; do
  here ledger export --format $format --out ../here.$format > /dev/null
  there ledger export --format $format --out ../there.$format > /dev/null
  diff -r ../here.$format ../there.$format && echo same
done
there ledger verify > /dev/null; there ledger export --format csv --out ../x 2>&1 | head -1
)sh");
  EXPECT_EQ(out,
            "appended ID\n2 ledger append ../no.json\n2 ledger append ../other.json\n"
            "8 ledger append ../of_run.json\n2 ledger append none.json\n"
            "line 601; 512 events before it are in the log\n0 ledger append --lines "
            "../lines.json\n600\n\"writsignatures\":\"ed25519:\n"
            "0 ledger checkpoint\n0 ledger checkpoint --json\n"
            "same\nsame\nerror: --format takes tiles or jsonl, not csv\n");
}

// Who remembers what a server showed finds out that its log was set back.
TEST_F(SignedActsTest, RemembersTheHeadOfAServersLog) {
  start(kReview);
  writ_expecting(0, {"ledger", "checkpoint"});
  bash("cp -r .writ ../earlier");
  write("../one.json", R"({"specversion":"1.0","id":"1","source":"/shop","type":"shop.paid"})");
  const std::string seen = served(R"sh(
there ledger verify | grep -c 'none is remembered'
there ledger append ../one.json > /dev/null; there ledger checkpoint > /dev/null
there ledger verify | grep -c 'none is remembered' || true
)sh");
  EXPECT_EQ(seen, "1\n0\n");
  bash("cp -r .writ/seen-heads ../earlier && rm -r .writ && cp -r ../earlier .writ");
  const std::string set_back = served(R"sh(
there ledger verify 2>&1 || echo $?
echo spoilt > .writ/seen-heads/*
there ledger verify 2>&1 | head -1 | sed 's/[^ ]*seen-heads[^ ]*/FILE/' || true
)sh");
  EXPECT_EQ(
      set_back,
      "error: the head is of 5 events, and one of 6 was seen before\n"
      "  remedy: Compare with a backup or another copy: these bytes were changed\n7\n"
      "error: FILE is not the head that was kept: not a signed note: no blank line before the "
      "signatures\n");
}

// The server shows what it has; what it is worth is found out here, with keys of one's own.
TEST_F(SignedActsTest, VerifiesHereWhatAServerHandsOver) {
  start(kReview);
  writ_expecting(0, {"approve", "latest", "main/review", "--key", reviewer()});
  writ_expecting(0, {"resume"});
  writ_expecting(0, {"ledger", "checkpoint"});
  stranger();
  const std::string out = served(R"sh(
there verify | sed -n '/^verified/s/ .*//p; /approval by reviewer/s/ (.*//p; /handed over/s/unix:[^ ]*/SOCKET/p; /trust file/p'
there verify --json | grep -c '"verified":true'
there ledger verify | sed -E 's/[0-9]+ events, root.*|writ.local.*//; s/unix:[^ ]*/SOCKET/; s/[0-9]+ events/N events/'
there verify --trust ../stranger.key.pub > ../out 2>&1 || echo $?; grep -c verified ../out || true
there ledger verify --trust ../stranger.key.pub 2>&1 | head -1; there ledger verify --trust ../stranger.key.pub > /dev/null 2>&1 || echo $?
mkdir ../elsewhere; cd ../elsewhere
there verify | sed -n '/trust file/p'
there ledger verify 2>&1 || echo $?
there ledger verify --trust ../work/.writ/trust.yaml | grep -c 'the log holds'
)sh");
  EXPECT_EQ(out,
            "verified\n    step main/review: approval by reviewer\n"
            "    what SOCKET handed over: its store and its other runs were not looked at\n"
            "    the trust file of this repository at the run's base revision\n1\n"
            "the log holds: N events, 0 payloads erased\n  newest signed head  \n  rests on\n"
            "    what SOCKET handed over, up to the newest head that it showed: what came later is "
            "not proved yet\n"
            "    no head of an earlier time: none is remembered here\n"
            "7\n0\nerror: no known key signed this note\n7\n"
            "    the trust file that the server handed over: give --trust FILE to check against "
            "your own\n"
            "error: no key that may have signed this log is known here\n"
            "  remedy: Name a trust file, or the public key, with --trust FILE\n2\n1\n");
}

TEST_F(SignedActsTest, AssumesAndPutsOffThroughAServer) {
  start(
      "ambiguity: assume\n"
      "invariants: [{id: INV-1, text: Money never is a float, paths: [src/money/**]}]\n" +
      std::string(kReview));
  stranger();
  const std::string out = served(std::string(kSame) + R"sh(
plainly() { { "$@" 2>&1 && echo 0 || echo $?; } | plain; }
what="--what Retries --unblocker Queue"
plainly there deferral add latest main/work $what --owner Ada --due 2030-01-31
same deferral add latest main/work $what --owner Ada
same deferral add latest main/work $what --owner Ada --due tomorrow
same deferral add latest main/none $what --owner Ada --due 2030-01-31
plainly there assume latest main/work --what UTF-8 --about src/names.cc
plainly there assume latest main/work --what floats --about src/money/sum.cc
there deferral list --json | grep -c '"invariant": "INV-1"'
for id in $(here deferral list --json | sed -n 's/.*"id": "\(.*\)",/\1/p'); do
  same deferral close latest $id --key ../reviewer.key
  plainly there deferral close latest $id --key ../stranger.key --reason mine | sed -n '1s/key [0-9a-f]*/key KEY/p'
  plainly there deferral close latest $id --key ../reviewer.key --reason decided
  same deferral close latest $id --key ../reviewer.key --reason again
done
there deferral list; there deferral list --all | grep -c 'because decided'
ask /runs/latest/assumptions | grep -c '"text":"UTF-8"'
there approve latest main/review --key ../reviewer.key > /dev/null
)sh");
  const std::string closing =
      "2 deferral close latest ID --key ../reviewer.key\n"
      "error: the signer's key KEY is not in the trust of this run\n"
      "closed deferral ID\n  next: writ resume\n0\n"
      "2 deferral close latest ID --key ../reviewer.key --reason again\n";
  EXPECT_EQ(
      out,
      "deferral ID of run ID\n  it is listed until `writ deferral close`, and nothing is "
      "attested before\n0\n"
      "2 deferral add latest main/work --what Retries --unblocker Queue --owner Ada\n"
      "2 deferral add latest main/work --what Retries --unblocker Queue --owner Ada --due "
      "tomorrow\n"
      "2 deferral add latest main/none --what Retries --unblocker Queue --owner Ada --due "
      "2030-01-31\n"
      "recorded for main/work of run ID\n0\n"
      "error: this touches invariant INV-1 (Money never is a float), which no assumption may; "
      "it stands as deferral ID\n"
      "  remedy: Have it decided, then `writ deferral close latest ID --key FILE --reason "
      "TEXT`\n8\n1\n" +
          closing + closing + "2\n1\n");
  EXPECT_EQ(writ({"resume"}).exit, 0);
  writ_expecting(0, {"verify"});
}

// A word is taken with the matter that it names, or not at all.
TEST_F(SignedActsTest, TakesNoMatterThatIsNotTheSignedOne) {
  start(kReview);
  const std::string key = crypto::load_key_file(reviewer(), std::nullopt)->id().hex;
  write("../draft.json", R"({"kind":"deferral","step":"main/work","what":"Retries","owner":"Ada",)"
                         R"("due":"2030-01-31T00:00:00.000000Z","unblocker":"Queue","signer":")" +
                             key + "\"}");
  const Value draft = json(served("sent /runs/latest/drafts ../draft.json"));
  const auto statement = identity::parse_statement(to_json(at(draft, {"statement"})));
  ASSERT_TRUE(statement) << to_json(draft);
  sign("../word.json", *statement, reviewer());
  const std::string word = read("../word.json");
  Value other = at(draft, {"deferral"});
  other.as_object().set("owner", "Eve");
  write("../other.json", R"({"word":)" + word + R"(,"deferral":)" + to_json(other) + "}");
  write("../right.json",
        R"({"word":)" + word + R"(,"deferral":)" + to_json(at(draft, {"deferral"})) + "}");
  const auto answers = said(R"sh(
sent /runs/latest/deferrals ../other.json; sent /runs/latest/approvals ../word.json
sent /runs/latest/deferrals ../right.json; sent /runs/latest/deferrals ../right.json
ask /runs/latest/deferrals
)sh");
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_TRUE(contains(answers[0].string_or("detail", ""), "not about the deferral beside it"));
  EXPECT_TRUE(contains(answers[1].string_or("detail", ""), "a word of kind deferral is not for"));
  EXPECT_EQ(answers[2].string_or("by", ""), key) << to_json(answers[2]);
  EXPECT_EQ(to_json(answers[3]), to_json(answers[2])) << "it is the same word";
  EXPECT_EQ(size_at(answers[4], {"deferrals"}), 1u);
  EXPECT_EQ(text_at(answers[4], {"deferrals", "0", "owner"}), "Ada");
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
      "$W --server $url trust add --role maintainer ../a.pub 2>&1 || echo $?\n");
  EXPECT_EQ(
      out,
      "error: this asks for a credential\n"
      "  remedy: Sign in again, or send a token or an API key that is valid\n8\n"
      "error: the credential is not valid\n"
      "  remedy: Sign in again, or send a token or an API key that is valid\n8\n"
      "approved main/review of run " +
          text_at(json(writ_expecting(0, {"status", "--json"}).out), {"run", "id"}) +
          "\n  next: writ resume\n"
          "error: `writ trust add` works on this directory alone\n"
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
