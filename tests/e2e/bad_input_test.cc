// What is wrong before a run exists: exit 2, file, line and column, a remedy, and nothing written.
#include <regex>

#include "writ_shell.h"

namespace writ::e2e {
namespace {

using BadInputTest = WritTest;

struct BadSpec {
  std::string name;  // for the message
  std::string text;
  std::string place;    // "spec.yaml:4:3"
  std::string message;  // part of it
};

std::string nested(std::size_t depth) {
  return "writ: 1\nkind: Spec\nmodule: " + std::string(depth, '[') + std::string(depth, ']') + "\n";
}

std::string alias_bomb() {
  std::string out = "writ: 1\nkind: Spec\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    out += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int n = 0; n < 10; ++n) out += (n == 0 ? "" : ", ") + last;
    out += "]\n";
  }
  return out;
}

std::vector<BadSpec> bad_specs() {
  const std::string head = "writ: 1\nkind: Spec\nmodule: {id: demo}\n";
  return {
      {"malformed YAML", head + "steps:\n  - {id: a, run: [echo\n", "spec.yaml:", ""},
      {"a tab as indentation", head + "steps:\n\t- run: echo\n", "spec.yaml:5:", ""},
      {"an empty file", "", "spec.yaml:", ""},
      {"no spec", "writ: 1\nkind: Protocol\n", "spec.yaml:2:7", "Spec"},
      {"an unknown key", head + "step:\n  - run: echo\n", "spec.yaml:4:1", "steps"},
      {"cyclic needs",
       head + "phases:\n  - {id: a, needs: [b], steps: [{id: x, run: echo}]}\n"
              "  - {id: b, needs: [a], steps: [{id: y, run: echo}]}\n",
       "spec.yaml:5:", "b"},
      {"needs of nothing",
       head + "phases:\n  - {id: a, needs: [nothing], steps: [{id: x, run: echo}]}\n",
       "spec.yaml:5:", "nothing"},
      {"an unknown protocol", head + "protocols: [no-such-law@1]\nsteps:\n  - run: echo\n",
       "spec.yaml:4:13", "no-such-law"},
      {"duplicate ids", head + "steps:\n  - {id: a, run: echo}\n  - {id: a, run: echo}\n",
       "spec.yaml:6:", "a"},
      {"a duplicate key", head + "steps:\n  - {id: a, run: echo, run: echo}\n",
       "spec.yaml:5:", "run"},
      {"an unknown fact", head + "steps:\n  - {id: a, run: echo, gate: tests.pased >= 1}\n",
       "spec.yaml:5:", "tests.passed"},
      {"a fact that nobody produces",
       head + "steps:\n  - {id: a, run: echo, gate: scan.violations == 0}\n",
       "spec.yaml:5:", "scan.violations"},
      {"a malformed gate", head + "steps:\n  - {id: a, run: echo, gate: \"exit.code ==\"}\n",
       "spec.yaml:5:", ""},
      {"a step of two kinds", head + "steps:\n  - {id: a, run: echo, check: scan}\n",
       "spec.yaml:5:", ""},
      {"an unknown check", head + "steps:\n  - {id: a, check: scam}\n", "spec.yaml:5:", "scan"},
      {"a pipe without a shell", head + "steps:\n  - run: cat x | wc\n", "spec.yaml:5:", "shell"},
      {"a bad duration", head + "steps:\n  - {run: echo, timeout: soon}\n", "spec.yaml:5:", ""},
      {"a path out of the tree",
       head + "steps:\n  - {id: a, run: echo, evidence: {tests: ../../etc/passwd}}\n",
       "spec.yaml:5:", ".."},
      {"an absolute path", head + "steps:\n  - {id: a, run: echo, evidence: {file: /etc/passwd}}\n",
       "spec.yaml:5:", ""},
      {"a scope out of the tree",
       "writ: 1\nkind: Spec\nmodule: {id: demo, repo: {may_change: [../x]}}\nsteps:\n  - run: "
       "echo\n",
       "spec.yaml:3:", ".."},
      {"a NUL byte", head + "steps:\n  - run: \"e" + std::string(1, '\0') + "cho\"\n",
       "spec.yaml:5:", "NUL"},
      {"no UTF-8", head + "steps:\n  - run: \"\xff\xfe\"\n", "spec.yaml:5:", "UTF-8"},
      {"deep nesting", nested(5000), "spec.yaml:3:", ""},
      {"an alias bomb", alias_bomb(), "spec.yaml:", ""},
      {"a document of 100 MB", head + "# " + std::string(100u << 20, 'x') + "\n", "spec.yaml:1:1",
       "larger than"},
      {"duplicate phases",
       head + "phases:\n  - {id: a, steps: [{id: x, run: echo}]}\n"
              "  - {id: a, steps: [{id: y, run: echo}]}\n",
       "spec.yaml:6:", "a"},
      {"duplicate acceptance criteria",
       "writ: 1\nkind: Spec\nmodule:\n  id: demo\n  acceptance: {required: [{id: A, text: a}, "
       "{id: A, text: b}]}\nsteps:\n  - run: echo\n",
       "spec.yaml:5:", "is there twice"},
      {"an unknown fact in a question",
       head + "steps:\n  - run: echo\nquestions:\n  - {id: q, text: q, gate: tets.failed == 0}\n",
       "spec.yaml:7:", "tests.failed"},
      {"an alias to nothing", head + "steps: *none\n", "spec.yaml:4:", ""},
      {"an input out of the tree", head + "inputs: {d: ../d.md}\nsteps:\n  - run: echo\n",
       "spec.yaml:4:", ".."},
      {"context out of the tree", head + "context: [../../d.md]\nsteps:\n  - run: echo\n",
       "spec.yaml:4:", ".."},
  };
}

// "spec.yaml:4:13": file, line and column.
bool has_position(const std::string& text) {
  static const std::regex position(R"(spec\.yaml:[1-9][0-9]*:[1-9][0-9]*)");
  return std::regex_search(text, position);
}

TEST_F(BadInputTest, IsRefusedWithItsPlaceAndNothingIsWritten) {
  set_up();
  const std::string before = listing();
  for (const BadSpec& bad : bad_specs()) {
    SCOPED_TRACE(bad.name);
    write("spec.yaml", bad.text);
    for (const char* command : {"plan", "apply"}) {
      const Ran ran = writ({command, "spec.yaml"});
      EXPECT_EQ(ran.exit, 2) << ran.text();
      EXPECT_TRUE(contains(ran.err, bad.place)) << ran.text();
      EXPECT_TRUE(contains(ran.err, bad.message)) << ran.text();
      EXPECT_TRUE(contains(ran.err, "remedy: ")) << ran.text();
      EXPECT_TRUE(has_position(ran.err)) << ran.text();
      EXPECT_EQ(ran.out, "");
    }
  }
  EXPECT_EQ(listing(), before);
}

TEST_F(BadInputTest, ShowsEveryErrorOfADocumentAtOnce) {
  set_up();
  write("spec.yaml",
        "writ: 1\nkind: Spec\nmodule: {id: demo, nam: x}\nsteps:\n  - {id: a, run: echo, timout: "
        "1s}\n");
  const Ran ran = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err, "spec.yaml:3:20")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "did you mean `name`")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "spec.yaml:5:")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "did you mean `timeout`")) << ran.err;
}

TEST_F(BadInputTest, QuotesTheLineOfADocument) {
  write("spec.yaml", spec_of("steps:\n  - {id: a, run: echo, run: echo}\n"));
  const Ran broken = writ_expecting(2, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(broken.err, "    5 |   - {id: a, run: echo, run: echo}\n")) << broken.err;
  write("spec.yaml", spec_of("steps:\n  - {id: a, run: echo, timout: 1s}\n"));
  const Ran refused = writ_expecting(2, {"plan", "spec.yaml"});
  EXPECT_TRUE(contains(refused.err, "    5 |   - {id: a, run: echo, timout: 1s}\n      | " +
                                        std::string(23, ' ') + "^\n"))
      << refused.err;
}

// Configuration, trust and keys may hold secrets, and where they are broken they are not shown.
TEST_F(BadInputTest, NeverShowsASecretOfTheConfiguration) {
  const std::string service = "services:\n  a:\n    url: http://127.0.0.1:1\n    ";
  for (const std::string credentials :
       {"credentials: {bearer: {token: s3cret}", "credentials: {bearer: {token: s3cret, x: 1}}",
        "credentials: {bearer: s3cret}", "credentials: {bearer: {token: \"s3cret}}"}) {
    write("serve.yaml", service + credentials + "\n");
    const Ran ran = writ_expecting(2, {"serve", "--config-file", "serve.yaml"});
    EXPECT_TRUE(contains(ran.err, "serve.yaml:")) << ran.err;
    EXPECT_FALSE(contains(ran.text(), "s3cret")) << ran.text();
  }
  set_up();
  write(".writ/config.yaml", "project: s3cret\nproject: s3cret\n");
  write("spec.yaml", spec_of("steps:\n  - {id: a, run: echo}\n"));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"status"}, {"apply", "spec.yaml"}, {"resume"}}) {
    const Ran config = writ_expecting(2, words);
    EXPECT_TRUE(contains(config.err, "config.yaml:2:1  the key")) << config.err;
    EXPECT_FALSE(contains(config.text(), "s3cret")) << config.text();
  }
}

TEST_F(BadInputTest, GivesTheSameAsJson) {
  set_up();
  write("spec.yaml", spec_of("steps:\n  - {id: a, run: echo, timout: 1s}\n"));
  const Ran ran = writ({"apply", "spec.yaml", "--json"});
  EXPECT_EQ(ran.exit, 2);
  const Value value = json(ran.out);
  EXPECT_EQ(text_at(value, {"error", "code"}), "invalid_input");
  EXPECT_EQ(text_at(value, {"error", "diagnostics", "0", "file"}), "spec.yaml");
  EXPECT_EQ(text_at(value, {"error", "diagnostics", "0", "line"}), "5");
}

TEST_F(BadInputTest, NamesAFileThatIsNotThere) {
  set_up();
  const Ran ran = writ_expecting(2, {"apply", "no-such.yaml"});
  EXPECT_TRUE(contains(ran.err, "no-such.yaml")) << ran.err;
  writ_expecting(2, {"apply", "."});
}

// A link is followed only to what lies inside.
TEST_F(BadInputTest, RefusesALinkThatLeadsOutOfTheTree) {
  set_up();
  write("spec.yaml",
        "writ: 1\nkind: Spec\nmodule: {id: demo}\ninputs: {d: docs/d.md}\nsteps:\n  - run: "
        "touch mark\n");
  bash("mkdir docs && ln -s /etc/hostname docs/d.md");
  const std::string before = listing();
  const Ran ran = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err, "spec.yaml:4:13")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "docs/d.md")) << ran.err;
  EXPECT_EQ(listing(), before);
}

TEST_F(BadInputTest, RefusesASpecThatWasEditedWhileItsRunWaits) {
  set_up();
  ASSERT_EQ(
      apply(spec_of("steps:\n  - {id: ask, wait: 1h}\n  - {id: mark, run: touch mark}\n")).exit, 6);
  const Value before = json(writ_expecting(0, {"status", "--json"}).out);
  write("spec.yaml", spec_of("steps:\n  - {id: ask, wait: 1ms}\n  - {id: mark, run: touch it}\n"));
  const Ran ran = writ_expecting(2, {"resume"});
  EXPECT_TRUE(contains(ran.err, "spec.yaml was edited since run")) << ran.err;
  EXPECT_TRUE(contains(ran.err, "writ resume --replan")) << ran.err;
  EXPECT_EQ(json(writ_expecting(0, {"status", "--json"}).out), before) << "nothing was written";
  write("spec.yaml", "steps: [\n");
  writ_expecting(2, {"resume", "--replan"});
  EXPECT_EQ(json(writ_expecting(0, {"status", "--json"}).out), before) << "nothing was written";
}

TEST_F(BadInputTest, RefusesProtocolsThatIncludeEachOther) {
  set_up();
  const std::string head = "writ: 1\nkind: Protocol\nversion: 1.0.0\nauthority: default\n";
  write(".writ/protocols/a.yaml", head + "id: a\nprotocols: [b@1]\n");
  write(".writ/protocols/b.yaml", head + "id: b\nprotocols: [a@1]\n");
  write("spec.yaml", spec_of("protocols: [a@1]\nsteps:\n  - run: echo\n"));
  const Ran ran = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err, ".writ/protocols/")) << ran.err;
}

TEST_F(BadInputTest, RefusesASpecThatLoosensItsLaw) {
  set_up();
  write(".writ/protocols/house.yaml",
        "writ: 1\nkind: Protocol\nid: house\nversion: 1.0.0\nauthority: absolute\n"
        "rules: {ambiguity: stop}\n");
  write("spec.yaml", spec_of("protocols: [house@1]\nambiguity: assume\nsteps:\n  - run: echo\n"));
  const Ran ran = writ_expecting(2, {"apply", "spec.yaml"});
  EXPECT_TRUE(contains(ran.err, "spec.yaml:")) << ran.err;
}

TEST_F(BadInputTest, RefusesATrustFileThatIsNone) {
  set_up();
  write(".writ/trust.yaml", "writ: 1\nkind: Trust\nkeys: [{name: x}]\n");
  commit();
  const Ran ran = apply(spec_of("steps:\n  - {id: mark, run: touch mark}\n"));
  EXPECT_EQ(ran.exit, 2) << ran.text();
  EXPECT_TRUE(contains(ran.err, ".writ/trust.yaml:3:")) << ran.err;
  EXPECT_FALSE(has("mark"));
}

TEST_F(BadInputTest, RefusesAStoreOfAnotherKind) {
  set_up();
  EXPECT_EQ(writ({"--store", "mysql://x", "status"}).exit, 2);
}

}  // namespace
}  // namespace writ::e2e
