// writ policy: what OPA's users type, and what they expect back.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

using PolicyTest = WritTest;

constexpr std::string_view kUntidy = "package a\np=1   # one\nallow if {input.x==1}\n";
constexpr std::string_view kTidy = "package a\n\np := 1 # one\nallow if input.x == 1\n";

TEST_F(PolicyTest, FmtPrintsTheLayoutAndLeavesFilesAlone) {
  write("p/a.rego", kUntidy);
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "p/a.rego"}).out, kTidy);
  EXPECT_EQ(writ({"policy", "fmt"}, kUntidy).out, kTidy);
  EXPECT_EQ(read("p/a.rego"), kUntidy);
}

TEST_F(PolicyTest, FmtListsShowsAndWritesWhatDiffers) {
  write("p/a.rego", kUntidy);
  write("p/b.rego", "package b\n");
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "-l", "p"}).out, "p/a.rego\n");
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "-d", "p"}).out,
            "--- p/a.rego\n+++ p/a.rego\n@@ -1,3 +1,4 @@\n package a\n-p=1   # one\n-allow if "
            "{input.x==1}\n+\n+p := 1 # one\n+allow if input.x == 1\n");
  EXPECT_EQ(writ_expecting(2, {"policy", "fmt", "--fail", "p"}).err, "unexpected diff\n");
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "-w", "p"}).out, "");
  EXPECT_EQ(read("p/a.rego"), kTidy);
  EXPECT_EQ(writ_expecting(0, {"policy", "fmt", "--fail", "-l", "p"}).out, "");
}

TEST_F(PolicyTest, FmtNamesWhatItCannotRead) {
  write("bad.rego", "package a\np if {\n");
  EXPECT_TRUE(contains(writ_expecting(2, {"policy", "fmt", "bad.rego"}).err,
                       "bad.rego:3: rego_parse_error: unexpected eof token"));
  EXPECT_TRUE(contains(writ_expecting(1, {"policy", "fmt", "none.rego"}).err, "none.rego"));
}

TEST_F(PolicyTest, CheckAndEvalRefuseWhatCannotHoldByItsTypes) {
  write("p/a.rego", "package a\n\nlimits := {\"low\": 1}\nallow if limits.max > input.n\n");
  const std::string wanted =
      "1 error occurred: p/a.rego:4: rego_type_error: undefined ref: data.a.limits.max\n"
      "\tdata.a.limits.max\n\t              ^\n\t              have: \"max\"\n"
      "\t              want (one of): [\"low\"]\n";
  EXPECT_EQ(writ_expecting(1, {"policy", "check", "p"}).err, wanted);
  EXPECT_EQ(writ_expecting(2, {"policy", "eval", "-f", "raw", "-d", "p", "data.a.allow"}).err,
            wanted);
  write("p/a.rego", "package a\n\nlimits := {\"low\": 1}\nallow if limits.low > input.n\n");
  EXPECT_EQ(writ_expecting(0, {"policy", "check", "p"}).err, "");
  EXPECT_EQ(
      writ_expecting(2, {"policy", "eval", "-f", "raw", "-d", "p", "data.a.limits.low == \"1\""})
          .err,
      "1 error occurred: 1:1: rego_type_error: match error\n\tleft  : number\n\tright : string\n");
}

TEST_F(PolicyTest, SchemasSayWhatTheInputLooksLike) {
  write("p/a.rego",
        "package a\n\nallow if input.user.nam == \"ann\"\n\n# METADATA\n# schemas:\n"
        "# - data.acl: schema.acl.users\nseen if data.acl.bob\n");
  write("schema.json", R"({"properties": {"user": {"properties": {"name": {"type": "string"}}}}})");
  write("schemas/acl/users.json", R"({"properties": {"ann": {"type": "number"}}})");
  const std::string of_input =
      "p/a.rego:3: rego_type_error: undefined ref: input.user.nam\n\tinput.user.nam\n"
      "\t           ^\n\t           have: \"nam\"\n\t           want (one of): [\"name\"]\n";
  EXPECT_EQ(writ_expecting(0, {"policy", "check", "p"}).err, "");
  EXPECT_TRUE(
      contains(writ_expecting(1, {"policy", "check", "-s", "schema.json", "p"}).err, of_input));
  EXPECT_EQ(writ_expecting(1, {"policy", "check", "--schema", "schemas", "p"}).err,
            "1 error occurred: p/a.rego:8: rego_type_error: undefined ref: data.acl.bob\n"
            "\tdata.acl.bob\n\t         ^\n\t         have: \"bob\"\n"
            "\t         want (one of): [\"ann\"]\n");
  EXPECT_EQ(
      writ_expecting(2, {"policy", "eval", "-f", "raw", "-s", "schema.json", "input.usr"}).err,
      "1 error occurred: 1:1: rego_type_error: undefined ref: input.usr\n\tinput.usr\n"
      "\t      ^\n\t      have: \"usr\"\n\t      want (one of): [\"user\"]\n");
  EXPECT_TRUE(contains(writ({"policy", "check", "-s", "none.json", "p"}).err, "none.json"));
}

TEST_F(PolicyTest, StrictChecksRefuseWhatIsUnused) {
  write("p/a.rego",
        "package a\n\nimport data.b\n\nf(x, y) := y\n\np if {\n\tz := 1\n\tf(1, 2)\n}\n");
  EXPECT_EQ(writ_expecting(0, {"policy", "check", "p"}).err, "");
  const std::string wanted =
      "3 errors occurred:\np/a.rego:3: rego_compile_error: import data.b unused\n"
      "p/a.rego:5: rego_compile_error: unused argument x. (hint: use _ (wildcard variable) "
      "instead)\np/a.rego:8: rego_compile_error: assigned var z unused\n";
  EXPECT_EQ(writ_expecting(1, {"policy", "check", "-S", "p"}).err, wanted);
  EXPECT_EQ(writ_expecting(2, {"policy", "eval", "-S", "-f", "raw", "-d", "p", "data.a.p"}).err,
            wanted);
  EXPECT_EQ(writ_expecting(1, {"policy", "check", "-S", "-m", "1", "p"}).err,
            "2 errors occurred:\np/a.rego:3: rego_compile_error: import data.b unused\n"
            "rego_compile_error: error limit reached\n");
  EXPECT_TRUE(contains(writ({"policy", "check", "-m", "x", "p"}).err,
                       "--max-errors takes a number, not x"));
  const Ran json = writ_expecting(1, {"policy", "check", "-S", "-m", "1", "-f", "json", "p"});
  EXPECT_TRUE(contains(json.out, "\"message\": \"import data.b unused\""));
  EXPECT_TRUE(contains(json.out, "\"row\": 3"));
}

TEST_F(PolicyTest, BuildSignsABundleAndEvalHoldsItToItsKey) {
  write("src/p.rego", "package a\nallow if data.users[input.user]\n");
  write("src/data.json", R"({"users": {"ann": true}})");
  write("input.json", R"({"user": "ann"})");
  bash(
      "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem 2>/dev/null && "
      "openssl pkey -in k.pem -pubout -out k.pub");
  writ_expecting(0, {"policy", "build", "src", "-o", "b.tar.gz", "--revision", "r1", "-e",
                     "a/allow", "--signing-key", "k.pem", "--signing-alg", "ES256"});
  EXPECT_EQ(bash("tar tzf b.tar.gz | tr '\\n' ' '"),
            "/data.json /src/p.rego /.manifest /.signatures.json ");
  const std::vector<std::string> eval = {"policy",     "eval", "-b",  "b.tar.gz",    "-i",
                                         "input.json", "-f",   "raw", "data.a.allow"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), eval.begin(), eval.end());
    return more;
  };
  EXPECT_EQ(writ_expecting(0, with({"--verification-key", "k.pub", "--signing-alg", "ES256"})).out,
            "true\n");
  EXPECT_TRUE(contains(writ(eval).err, "verification key not provided"));
  EXPECT_EQ(writ_expecting(0, with({"--skip-verify"})).out, "true\n");
  const Ran other = writ(with({"--verification-key", "secret", "--signing-alg", "HS256"}));
  EXPECT_TRUE(contains(other.err, "failed to verify JWT signature")) << other.text();
}

TEST_F(PolicyTest, SignCoversAFolderAndNamesTheFileThatChanged) {
  write("b/p.rego", "package a\np := 1\n");
  write("b/data.json", R"({"x": 1.0})");
  writ_expecting(0, {"policy", "sign", "--signing-key", "secret", "--signing-alg", "HS256", "-b",
                     "b", "-o", "b"});
  const std::vector<std::string> check = {"policy", "eval", "-b",  "b",        "--verification-key",
                                          "secret", "-f",   "raw", "data.a.p", "--signing-alg",
                                          "HS256"};
  EXPECT_EQ(writ_expecting(0, check).out, "1\n");
  write("b/data.json", "{\n  \"x\": 1.0\n}\n");
  EXPECT_EQ(writ_expecting(0, check).out, "1\n");
  write("b/p.rego", "package a\np := 2\n");
  EXPECT_TRUE(contains(writ(check).err, "p.rego: digest mismatch (want: "));
}

TEST_F(PolicyTest, RefusesBundlesThatAreBroken) {
  write("src/p.rego", "package a\n");
  writ_expecting(0, {"policy", "build", "src", "-o", "b.tar.gz"});
  bash(
      "head -c 100 b.tar.gz > cut.tar.gz; mkdir up; echo '{}' > data.json; "
      "tar czPf up.tar.gz ../work/data.json; "
      "head -c 60000000 /dev/zero | tr '\\0' ' ' > big.rego; tar czf bomb.tar.gz big.rego; "
      "rm big.rego");
  const auto problem = [&](const std::string& file) {
    const Ran ran = writ({"policy", "eval", "-b", file, "data"});
    EXPECT_NE(ran.exit, 0) << file;
    return ran.err;
  };
  EXPECT_TRUE(contains(problem("cut.tar.gz"), "not a whole gzipped tar")) << problem("cut.tar.gz");
  EXPECT_TRUE(contains(problem("up.tar.gz"), "leaves the archive")) << problem("up.tar.gz");
  EXPECT_TRUE(contains(problem("bomb.tar.gz"), "unpacks to more than is allowed"))
      << problem("bomb.tar.gz");
}

TEST_F(PolicyTest, EvalSaysWhatHappenedAndWhereTheTimeWent) {
  write("p.rego", "package a\n\nallow if {\n\tinput.x > 1\n\ttrace(\"large\")\n}\n");
  write("i.json", R"({"x": 1})");
  const auto eval = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"policy", "eval", "-d", "p.rego", "-i", "i.json"};
    words.insert(words.end(), more.begin(), more.end());
    words.emplace_back("data.a.allow");
    return writ_expecting(0, words).out;
  };
  EXPECT_EQ(eval({"--explain", "fails", "-f", "pretty"}),
            "undefined\nquery:1      Enter data.a.allow\nquery:1      | Eval data.a.allow\n"
            "p.rego:3     | | Enter data.a.allow\np.rego:4     | | | Fail input.x > 1\n"
            "query:1      | Fail data.a.allow\n");
  const Value watched = json(eval({"--coverage", "--profile", "--metrics"}));
  EXPECT_EQ(text_at(watched, {"coverage", "files", "p.rego", "covered", "0", "start", "row"}), "4");
  EXPECT_EQ(text_at(watched, {"profile", "0", "num_eval"}), "1");
  EXPECT_EQ(size_at(watched, {"profile"}), 2u);
  EXPECT_EQ(size_at(watched, {"metrics"}), 4u);
  EXPECT_TRUE(contains(eval({"--profile", "-f", "pretty"}), "NUM EVAL | NUM REDO"));
}

TEST_F(PolicyTest, EvalSaysWhatRemainsWhileTheInputIsUnknown) {
  write("p.rego",
        "package a\n\ndefault allow := false\n\nallow if {\n\tinput.user == data.owner\n"
        "\tinput.action == \"read\"\n}\n\nallow if input.admin\n");
  write("data.json", R"({"owner": "bob"})");
  write("i.json", R"({"action": "read"})");
  const auto eval = [&](int code, std::vector<std::string> more) {
    std::vector<std::string> words = {"policy",     "eval", "-d",         "p.rego", "-d",
                                      "data.json",  "-i",   "i.json",     "-p",     "--unknowns",
                                      "input.user", "-u",   "input.admin"};
    words.insert(words.end(), more.begin(), more.end());
    return writ_expecting(code, words).out;
  };
  EXPECT_EQ(eval(0, {"-f", "source", "data.a.allow"}),
            "# Query 1\ninput.user = \"bob\"\n\n# Query 2\ninput.admin\n\n");
  EXPECT_EQ(eval(0, {"-f", "source", "--disable-inlining", "data.a.allow", "data.a.allow"}),
            "# Query 1\ndata.partial.a.allow\n\n# Module 1\npackage partial.a\n\n"
            "default allow := false\n\nallow if input.user = \"bob\"\n\nallow if input.admin\n\n");
  EXPECT_EQ(eval(0, {"-f", "pretty", "data.a.allow"}),
            "+---------+--------------------+\n| Query 1 | input.user = \"bob\" |\n"
            "+---------+--------------------+\n| Query 2 | input.admin        |\n"
            "+---------+--------------------+\n");
  const Value partial = json(eval(0, {"data.a.allow"}));
  EXPECT_EQ(text_at(partial, {"partial", "queries", "0", "0", "terms", "2", "value"}), "bob");
  EXPECT_EQ(eval(1, {"--fail", "1 == 2"}), "{\n  \"partial\": {}\n}\n");
}

TEST_F(PolicyTest, TestHoldsCoverageToAThreshold) {
  write("p.rego", "package a\n\np if input.x\n\nq if input.y\n");
  write("p_test.rego", "package a\n\ntest_p if p with input as {\"x\": true}\n");
  const Ran ran = writ_expecting(2, {"policy", "test", ".", "--coverage", "--threshold", "99"});
  EXPECT_TRUE(contains(ran.out, "\"coverage\": 66.66666666666667")) << ran.out;
  EXPECT_EQ(ran.err, "Code coverage threshold not met: got 66.67 instead of 99.00\n");
  writ_expecting(0, {"policy", "test", ".", "--threshold", "60"});
}

TEST_F(PolicyTest, TestTellsWhatDidNotHold) {
  write("p.rego", "package a\n\np if input.x > 10\n");
  write("p_test.rego",
        "package a\n\ntest_p if {\n\tp with input as {\"x\": 3}\n}\n\ntest_q if not p\n");
  const std::string said = writ_expecting(2, {"policy", "test", "-v", "."}).out;
  const std::string line(80, '-');
  EXPECT_TRUE(said.starts_with("FAILURES\n" + line + "\ndata.a.test_p: FAIL (")) << said;
  EXPECT_TRUE(contains(said, "p_test.rego:4     | | | Eval p with input as {\"x\": 3}\n")) << said;
  EXPECT_TRUE(contains(said, "p.rego:3          | | | | | Fail input.x > 10\n")) << said;
  EXPECT_TRUE(contains(said, "\n\nSUMMARY\n" + line + "\n")) << said;
  EXPECT_TRUE(contains(said, "data.a.test_q: PASS (")) << said;
  EXPECT_FALSE(contains(writ_expecting(2, {"policy", "test", "."}).out, "FAILURES"));
}

constexpr std::string_view kDecided = R"(package app

default allow := false

allow if {
	input.method == "GET"
	input.user in data.members
}

allow if is_admin

is_admin if input.user == "root"

now := time.now_ns()

dice := rand.intn("x", 1000000)
)";

// A decision log of three events; {"members": …} is the data they were made with.
class ExplainTest : public WritTest {
 protected:
  void SetUp() override {
    write("p/app.rego", kDecided);
    write("p/data.json", R"({"members": ["ada"]})");
    write(
        "log.jsonl",
        R"({"decision_id":"d-1","path":"app/allow","input":{"method":"POST","user":"root"},"result":true,"timestamp":"2026-01-02T03:04:05Z"}
{"decision_id":"d-2","path":"app/allow","input":{"method":"POST","user":"eve"},"result":true,"timestamp":"2026-01-02T03:04:05Z"}
{"decision_id":"d-3","path":"app/now","result":1767323045000000000,"timestamp":"2026-01-02T03:04:05Z"}
{"decision_id":"d-4","path":"app/dice","result":77,"nd_builtin_cache":{"rand.intn":{"[\"x\",1000000]":77}},"timestamp":"2026-01-02T03:04:05Z"}
{"decision_id":"d-5","path":"app/allow","erased":["/input","/result"],"timestamp":"2026-01-02T03:04:05Z"}
{"decision_id":"d-6","query":"data.app.allow = x","input":{"user":"root"},"result":[{"x":true}],"timestamp":"2026-01-02T03:04:05Z"}
)");
  }
  Ran explain(int exit, const std::string& id, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"policy", "explain", id, "-d", "p", "--file", "log.jsonl"};
    words.insert(words.end(), more.begin(), more.end());
    return writ_expecting(exit, words);
  }
};

TEST_F(ExplainTest, SaysWhichRuleDecidedAndWhyEachOtherDidNot) {
  EXPECT_EQ(explain(0, "d-1").out, R"(decision d-1 of 2026-01-02T03:04:05Z
data["app"]["allow"] was true, and is with these policies
rules that could decide:
  p/app.rego:5: data.app.allow did not hold: line 6: input.method == "GET"
      input.method is "POST"
  p/app.rego:10: data.app.allow held
  p/app.rego:3: data.app.allow was not needed
rules that were asked:
  p/app.rego:12: data.app.is_admin held
)");
}

TEST_F(ExplainTest, ExitsWithOneWhenThePoliciesSayOtherwiseNow) {
  const Value said = json(explain(1, "d-2", {"--json"}).out);
  EXPECT_EQ(text_at(said, {"recorded"}), "true");
  EXPECT_EQ(text_at(said, {"replayed"}), "false");
  EXPECT_FALSE(at(said, {"agrees"}).as_bool());
  EXPECT_EQ(text_at(said, {"candidates", "2", "outcome"}), "fell_back");
  EXPECT_EQ(text_at(said, {"asked", "0", "statement", "text"}), "input.user == \"root\"");
  EXPECT_EQ(text_at(said, {"asked", "0", "statement", "values", "input.user"}), "\"eve\"");
}

TEST_F(ExplainTest, ReplaysTimeAndChanceAsTheyWere) {
  EXPECT_TRUE(contains(explain(0, "d-3").out, "was 1767323045000000000, and is with"));
  EXPECT_TRUE(contains(explain(0, "d-4").out, "was 77, and is with these policies"));
  EXPECT_TRUE(contains(explain(0, "d-6").out, "was [{\"x\":true}], and is with these policies"));
}

TEST_F(ExplainTest, SaysThatAMaskHidesWhatWouldBeCompared) {
  const std::string said = explain(0, "d-5").out;
  EXPECT_TRUE(contains(said, "the log hides the result, these policies say false")) << said;
  EXPECT_TRUE(contains(said, "the log hides a part of the input")) << said;
}

TEST_F(ExplainTest, NamesTheDecisionThatItCannotFind) {
  EXPECT_TRUE(contains(explain(2, "d-9").err, "is decision d-9"));
  const Ran nowhere = writ_expecting(2, {"policy", "explain", "d-1", "-d", "p"});
  EXPECT_TRUE(contains(nowhere.err, "where is the decision kept?"));
  const Ran missing =
      writ_expecting(2, {"--store", "sqlite:none.db", "policy", "explain", "d-1", "-d", "p"});
  EXPECT_TRUE(contains(missing.err, "none.db"));
}

TEST_F(PolicyTest, RefusesRulesWhereDataStands) {
  write("c/app.rego", "package app\n\nlimits := 3\n\ntest_it if limits == 3\n");
  write("c/data.json", R"({"app": {"limits": 4}})");
  constexpr std::string_view kSaid =
      "c/app.rego:3: rego_compile_error: conflicting rule for data path app/limits found";
  const struct {
    int exit;
    std::vector<std::string> words;
  } cases[] = {{1, {"policy", "check", "c"}},
               {1, {"policy", "test", "c"}},
               {2, {"policy", "eval", "-d", "c", "--format", "pretty", "data.app.limits"}},
               {1, {"policy", "build", "-o", "b.tar.gz", "c"}}};
  for (const auto& c : cases) {
    const Ran ran = writ_expecting(c.exit, c.words);
    EXPECT_TRUE(contains(ran.text(), kSaid)) << c.words[1] << "\n" << ran.text();
  }
  EXPECT_FALSE(has("b.tar.gz"));
  write("c/data.json", R"({"app": {"other": 4}})");
  writ_expecting(0, {"policy", "check", "c"});
}

TEST_F(PolicyTest, BenchSaysHowLongAQueryTakes) {
  write("p.rego", "package a\n\nallow if input.x > 1\n");
  write("yes.json", R"({"x": 2})");
  write("no.json", R"({"x": 1})");
  const auto bench = [&](int exit, const std::string& input, const std::string& format) {
    return writ_expecting(
        exit, {"policy", "bench", "-d", "p.rego", "-i", input, "-f", format, "data.a.allow"});
  };
  const Value value = json(bench(0, "yes.json", "json").out);
  EXPECT_GT(value.integer_or("N", 0), 0);
  EXPECT_EQ(size_at(value, {"Extra"}), 12u);
  EXPECT_TRUE(contains(bench(0, "yes.json", "gobench").out, "BenchmarkOPAEval"));
  EXPECT_EQ(bench(1, "no.json", "pretty").err, "undefined result\n");
}

}  // namespace
}  // namespace writ::e2e
