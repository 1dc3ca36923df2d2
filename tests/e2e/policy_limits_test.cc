// What nobody should be able to do with a policy, an input or a bundle: take all memory, all time
// or the stack. The answer is a clear error, whoever else asks is answered, and what was there
// stays there.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

constexpr std::string_view kGood = "package good\n\nallow if input.user == \"ada\"\n";
constexpr std::string_view kLoop =
    "package loop\n\nxs := numbers.range(1, 100000)\n\n"
    "forever if {\n\tsome i in xs\n\tsome j in xs\n\ti + j == 0\n}\n\ntest_forever if forever\n";
constexpr std::string_view kGreedy =
    "package greedy\n\nrange := numbers.range(1, 1000000000000)\n\n"
    "x := \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"\n\n"
    "xs := replace(x, \"x\", replace(x, \"x\", replace(x, \"x\", replace(x, \"x\", x))))\n";

class PolicyLimitsTest : public WritTest {
 protected:
  // Standard error and output of `writ policy WORDS`, which must fail with `exit` within 3 GB.
  std::string refused(const std::string& words, int exit = 2) const {
    const std::string said = bash("ulimit -v 3000000; code=0; " WRIT_BINARY " policy " + words +
                                  " > said 2>&1 || code=$?; echo $code; head -c 3000 said");
    const std::string code = said.substr(0, said.find('\n'));
    EXPECT_EQ(code, std::to_string(exit)) << words << "\n" << said;
    return said.substr(std::min(said.size(), code.size() + 1));
  }
  void write_nested() const {
    const std::string open(1 << 20, '[');
    const std::string close(1 << 20, ']');
    write("open.json", open);
    write("nested.json", open + close);
    write("input.json", R"({"input": )" + open + close + "}");
    write("query.json", R"({"query": ")" + open + close + R"("})");
    write("open.rego", "package a\n\np := " + open + "\n");
    write("nested.rego", "package a\n\np := " + open + close + "\n");
    write("call.rego", "package a\n\np := " + std::string(1 << 20, '(') + "\n");
    write("bundle/nested/data.json", open + close);
  }
};

TEST_F(PolicyLimitsTest, RefusesAMegabyteOfBracketsWhereverItStands) {
  write_nested();
  write("good.rego", kGood);
  for (const std::string file : {"open.rego", "nested.rego", "call.rego"}) {
    for (const std::string command : {"check ", "fmt ", "test "}) {
      const std::string said = refused(command + file, command == "fmt " ? 2 : 1);
      EXPECT_TRUE(contains(said, file + ":3: rego_parse_error: ")) << command << said;
      EXPECT_TRUE(contains(said, "max recursion depth exceeded")) << command << said;
      EXPECT_LT(said.size(), 1500u) << command;
    }
  }
  for (const std::string file : {"open.json", "nested.json"}) {
    const std::string input = refused("eval -d good.rego -i " + file + " data.good.allow");
    EXPECT_TRUE(contains(input, file + ":1:1002  nested too deeply")) << input;
    const std::string data = refused("eval -d " + file + " data");
    EXPECT_TRUE(contains(data, file + ":1:1002  nested too deeply")) << data;
  }
  const std::string packed = refused("eval -b bundle data");
  EXPECT_TRUE(contains(packed, "nested/data.json:1:1002  nested too deeply")) << packed;
  const std::string query = refused("eval \"$(head -c 100000 open.json)\"");
  EXPECT_TRUE(contains(query, "max recursion depth exceeded")) << query;
}

TEST_F(PolicyLimitsTest, EndsAQueryThatAllocatesOrLoopsWithoutEnd) {
  write("greedy.rego", kGreedy);
  for (const std::string rule : {"range", "xs"}) {
    const std::string said = refused("eval -d greedy.rego data.greedy." + rule);
    EXPECT_TRUE(contains(said, "query used too much memory")) << rule << said;
    EXPECT_TRUE(contains(said, "eval_cancel_error")) << rule << said;
  }
  write("loop.rego", kLoop);
  const std::string tested = refused("test loop.rego");
  EXPECT_TRUE(contains(tested, "data.loop.test_forever: ERROR")) << tested;
  EXPECT_TRUE(contains(tested, "eval_cancel_error: ")) << tested;
}

TEST_F(PolicyLimitsTest, HoldUpNobodyElseWhoAsksTheServer) {
  if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
  write_nested();
  write("good.rego", kGood);
  write("loop.rego", kLoop);
  write("greedy.rego", kGreedy);
  const std::string said = bash(
      R"(
( ulimit -v 8000000; exec )" WRIT_BINARY
      R"( serve --addr 127.0.0.1:0 --check-answers good.rego loop.rego greedy.rego > out ) & pid=$!
trap 'kill -9 $pid 2>/dev/null || true' EXIT
until grep -q listening out; do kill -0 $pid; sleep 0.02; done
url=$(sed -n 's/listening on //p' out)
good() { curl -s -m 5 -w '%{http_code}\n' $url/v1/data/good/allow -d '{"input": {"user": "ada"}}'; }
bad() { curl -s "$@" | grep -v errors | grep '"message"' | sed 's/^ *"message": //' | tr '\n' ' '; good; }
curl -s -m 1 $url/v1/data/loop/forever || echo "no answer: $?"
good
for rule in range xs; do bad $url/v1/data/greedy/$rule; done
bad -X PUT $url/v1/policies/good.rego --data-binary @nested.rego
bad -X PUT $url/v1/policies/good.rego --data-binary @call.rego
bad -X PUT $url/v1/data/good --data-binary @nested.json
bad $url/v1/data/good/allow --data-binary @input.json
bad $url/v0/data/good/allow --data-binary @nested.json
bad $url/v1/data/good/allow -H 'Content-Type: application/yaml' --data-binary @input.json
bad $url/v1/query --data-binary @query.json
bad $url/v1/compile --data-binary @query.json
peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$pid/status)
[ $peak -lt 1500000 ] && echo bounded || echo "took $peak kB"
)");
  const std::string good = "{\"result\":true}\n200\n";
  const std::string memory =
      "\"query used too much memory\" "
      "\"error(s) occurred while evaluating query\" " +
      good;
  const std::string policy =
      "\"max recursion depth exceeded\" "
      "\"error(s) occurred while compiling module(s)\" " +
      good;
  const std::string body = "\"body contains malformed input document: nested too deeply\" " + good;
  const std::string query =
      "\"max recursion depth exceeded\" "
      "\"error(s) occurred while parsing query\" " +
      good;
  EXPECT_EQ(said, "no answer: 28\n" + good + memory + memory + policy + policy +
                      "\"nested too deeply\" " + good + body + body +
                      "\"body contains malformed input document: more than 500000 values, "
                      "aliases expanded\" " +
                      good + query + query + "bounded\n");
}

}  // namespace
}  // namespace writ::e2e
