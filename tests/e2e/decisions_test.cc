// `writ serve` with a decision log: what was answered can be explained, also after a crash.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class DecisionLogTest : public WritTest {
 protected:
  void SetUp() override {
    if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
    write("p/app.rego", R"(package app

default allow := false

allow if input.user == "ada"
)");
    write("p/mask.rego", "package system.log\n\nmask contains \"/input/password\"\n");
  }

  // What `script` prints while `writ serve` with that configuration listens at $url; $pid is its
  // process. `ask BODY` asks for a decision and sets $answer and $id.
  std::string served(const std::string& config, const std::string& script) const {
    write("serve.yaml", config);
    return bash(
        "coproc server { exec " WRIT_BINARY
        " serve --addr 127.0.0.1:0 --check-answers --config-file serve.yaml p 2> server.err; }\n"
        "pid=$server_PID; trap 'kill -9 $pid 2>/dev/null || true' EXIT\n"
        "read -r line <&\"${server[0]}\"; url=${line#listening on }\n"
        "ask() { answer=$(curl -sS $url/v1/data/app/allow -d \"$1\"); "
        "id=$(sed 's/.*\"decision_id\":\"\\([^\"]*\\)\".*/\\1/' <<< \"$answer\"); }\n" +
        script);
  }
};

TEST_F(DecisionLogTest, ExplainsAnAnswerThatWasTheLastBeforeACrash) {
  const std::string said = served(
      "labels: {region: eu}\n"
      "decision_logs:\n"
      "  buffer: {store: \"sqlite:decisions.db\", flush: each}\n",
      R"(ask '{"input": {"user": "ada", "password": "s3cret"}}'
kill -9 $pid; wait $pid 2> /dev/null || true
)" WRIT_BINARY R"( --store sqlite:decisions.db policy explain $id -d p
cat decisions.db* | grep -c s3cret | sed "s/^/secrets: /")");
  EXPECT_TRUE(contains(said,
                       "data[\"app\"][\"allow\"] was true, and is with these policies\n"
                       "the log hides a part of the input\n"
                       "rules that could decide:\n"
                       "  p/app.rego:5: data.app.allow held\n"
                       "  p/app.rego:3: data.app.allow was not needed\n"))
      << said;
  EXPECT_TRUE(contains(said, "secrets: 0\n")) << said;
}

TEST_F(DecisionLogTest, PrintsEventsAndExplainsThemFromThere) {
  served("labels: {region: eu}\ndecision_logs: {console: true}\n",
         "ask '{\"input\": {\"user\": \"eve\"}}'; echo $id > id; kill $pid; wait $pid\n");
  // Beside the server's own records.
  Value event;
  for (const Value& line : json_lines(read("server.err"))) {
    if (line.find("decision_id") != nullptr) event = line;
  }
  EXPECT_EQ(text_at(event, {"labels", "region"}), "eu");
  EXPECT_EQ(text_at(event, {"input", "user"}), "eve");
  const std::string id = text_at(event, {"decision_id"});
  EXPECT_EQ(read("id"), id + "\n");
  EXPECT_TRUE(
      contains(writ_expecting(0, {"policy", "explain", id, "-d", "p", "--file", "server.err"}).out,
               "p/app.rego:5: data.app.allow did not hold: line 5: input.user == \"ada\"\n"
               "      input.user is \"eve\"\n"
               "  p/app.rego:3: data.app.allow is the default, and nothing else held\n"));
}

}  // namespace
}  // namespace writ::e2e
