// `writ serve` as OPA's documentation uses OPA: curl against the real binary on a port of its own.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class ServeTest : public WritTest {
 protected:
  void SetUp() override {
    if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
  }

  // What `script` prints while `writ serve WORDS` listens at $url; then the server's own end. `say`
  // calls it and prints body and status.
  std::string served(const std::string& words, const std::string& script) const {
    return bash("coproc server { exec " WRIT_BINARY " serve --addr 127.0.0.1:0 --check-answers " +
                words +
                "; }\n"
                "pid=$server_PID; trap 'kill -9 $pid 2>/dev/null || true' EXIT\n"
                "read -r line <&\"${server[0]}\"; url=${line#listening on }\n"
                "say() { curl -sS -w '%{http_code}\\n' \"$@\"; }\n" +
                script + "\nkill -TERM $pid; code=0; wait $pid || code=$?; echo \"exit $code\"\n");
  }
};

constexpr const char* kExample = R"(package opa.examples

import data.networks
import data.ports
import data.servers

public_servers contains server if {
	some k, m
	server := servers[_]
	server.ports[_] == ports[k].id
	ports[k].networks[_] == networks[m].id
	networks[m].public == true
}
)";

TEST_F(ServeTest, AnswersTheExamplesOfOpasDocumentation) {
  write("example1.rego", kExample);
  write("data.json", R"({
    "servers": [{"id": "app", "protocols": ["https", "ssh"], "ports": ["p1", "p2", "p3"]},
                {"id": "db", "protocols": ["mysql"], "ports": ["p3"]}],
    "networks": [{"id": "n1", "public": false}, {"id": "n2", "public": true}],
    "ports": [{"id": "p1", "networks": ["n1"]}, {"id": "p3", "networks": ["n2"]}]})");
  const std::string said = served("data.json", R"(
say -X PUT $url/v1/policies/example1 --data-binary @example1.rego
say "$url/v1/data/opa/examples/public_servers"
say "$url/v1/data/servers/1/id?pretty=true"
say -X PUT $url/v1/data/us-west/servers -H 'Content-Type: application/json' -d '[]'
say -X PUT $url/v1/data/us-west/servers -H 'If-None-Match: *' -d '{}'
say -X PATCH $url/v1/data/servers -H 'Content-Type: application/json-patch+json' \
  -d '[{"op": "add", "path": "-", "value": {"id": "s5", "ports": ["p3"]}}]'
say $url/v1/data/opa/examples/public_servers/x
say -G $url/v1/query --data-urlencode 'q=data.servers[i].id = "s5"'
say $url/v1/query -d '{"query": "input.x = data.networks[i].id", "input": {"x": "n2"}}'
say -X DELETE $url/v1/data/us-west
say -X DELETE $url/v1/policies/example1
say "$url/v1/data/opa"
say $url/health
)");
  const char* const app = R"({"id":"app","ports":["p1","p2","p3"],"protocols":["https","ssh"]})";
  const char* const db = R"({"id":"db","ports":["p3"],"protocols":["mysql"]})";
  EXPECT_EQ(said, std::string("{}\n200\n") + "{\"result\":[" + app + "," + db + "]}\n200\n" +
                      "{\n  \"result\": \"db\"\n}\n200\n"
                      "204\n304\n204\n"
                      "{}\n200\n"
                      "{\"result\":[{\"i\":2}]}\n200\n"
                      "{\"result\":[{\"i\":1}]}\n200\n"
                      "204\n{}\n200\n{}\n200\n{}\n200\nexit 0\n");
}

TEST_F(ServeTest, DecidesByTheInputInEachOfOpasWays) {
  write("policy.rego", R"(package example.authz

default allow := false

allow if {
	input.method == "GET"
	input.path == ["getUser", input.user]
}
)");
  write("main.rego", "package system\n\nmain := data.example.authz.allow\n");
  const std::string said = served("policy.rego main.rego", R"(
input='{"method": "GET", "path": ["getUser", "bob"], "user": "bob"}'
say $url/v1/data/example/authz/allow -d "{\"input\": $input}"
say -G $url/v1/data/example/authz/allow --data-urlencode 'input={"method": "PUT"}'
say $url/v0/data/example/authz/allow -d "$input"
say $url/ -H 'Content-Type: application/json' -d "$input"
say $url/v1/data/example/authz -d ''
printf 'input:\n  method: GET\n  path: [getUser, eve]\n  user: eve\n' > input.yaml
say $url/v1/data/example/authz/allow -H 'Content-Type: application/yaml' --data-binary @input.yaml
say $url/v1/data/example/authz/allow -d '{"input": ' | head -n 2 | tail -n 1
say $url/v0/data/example/authz/nothing -d '{}'
)");
  EXPECT_EQ(said,
            "{\"result\":true}\n200\n{\"result\":false}\n200\ntrue\n200\ntrue\n200\n"
            "{\"result\":{\"allow\":false},\"warning\":{\"code\":\"api_usage_warning\",\"message\":"
            "\"'input' key missing from the request\"}}\n200\n"
            "{\"result\":true}\n200\n"
            "  \"code\": \"invalid_parameter\",\n"
            "{\n  \"code\": \"undefined_document\",\n  \"message\": \"document undefined: "
            "data.example.authz.nothing\"\n}\n404\nexit 0\n");
}

TEST_F(ServeTest, ServesBundlesAndKeepsOthersOutOfThem) {
  write("bundle/.manifest", R"({"revision": "r7", "roots": ["app"]})");
  write("bundle/app/data.json", R"({"owners": ["ada"]})");
  write("bundle/app/p.rego", "package app\n\nallow if input.user in data.app.owners\n");
  bash("tar -czf packed.tar.gz -C bundle .");
  for (const char* name : {"bundle", "packed.tar.gz"}) {
    const std::string said = served("--bundle " + std::string(name), R"(
say "$url/v1/data/app/allow?provenance" -d '{"input": {"user": "ada"}}' | grep -o '"bundles"[^}]*}}'
say -X PUT $url/v1/data/app/owners -d '["eve"]' | grep message
say -X PUT $url/v1/policies/mine --data-binary $'package app.sub\nx := 1' | grep message
say -X PUT $url/v1/data/other -d '1'
)");
    EXPECT_EQ(said, "\"bundles\":{\"" + std::string(name) +
                        "\":{\"revision\":\"r7\"}}\n"
                        "  \"message\": \"path app/owners is owned by bundle \\\"" +
                        name +
                        "\\\"\"\n"
                        "  \"message\": \"path app/sub is owned by bundle \\\"" +
                        name + "\\\"\"\n204\nexit 0\n");
  }
}

TEST_F(ServeTest, LetsInWhomThePolicyLetsInAndPacksAnswers) {
  write("authz.rego", R"(package system.authz

default allow := {"allowed": false, "reason": "strangers are not served"}

allow if input.identity == "s3cret"

allow if input.path == ["health"]
)");
  write("data.json", R"({"text": ")" + std::string(5000, 'x') + R"("})");
  const std::string words = "--authentication=token --authorization=basic authz.rego data.json";
  const std::string said = served(words, R"(
say $url/health
say $url/v1/data/text | grep -v code
say $url/metrics -o none
auth='Authorization: Bearer s3cret'
curl -s -H "$auth" -H 'Accept-Encoding: gzip' $url/v1/data/text | gzip -d | wc -c
curl -s -H "$auth" --compressed $url/v1/data/text | wc -c
echo '{"input": {}}' | gzip | say -H "$auth" -H 'Content-Encoding: gzip' $url/v1/data/none --data-binary @-
echo '{"input": {}}' | say -H "$auth" -H 'Content-Encoding: gzip' $url/v1/data/none --data-binary @- | grep message
)");
  EXPECT_EQ(said,
            "{}\n200\n{\n  \"message\": \"strangers are not served\"\n}\n401\n401\n"
            "5014\n5014\n{}\n200\n  \"message\": \"the body is no whole gzip\"\nexit 0\n");
  const Ran usage = writ_expecting(2, {"serve", "--authorization", "basics"});
  EXPECT_TRUE(contains(usage.err, "--authorization is basic or off, not basics")) << usage.text();
}

TEST_F(ServeTest, SaysWhatItCannotServeBeforeItListens) {
  write("bad.rego", "package bad\n\nallow if {\n\tinput.x ==\n}\n");
  const Ran bad = writ_expecting(2, {"serve", "--addr", "127.0.0.1:0", "bad.rego"});
  EXPECT_TRUE(contains(bad.err, "bad.rego:5:1  rego_parse_error")) << bad.text();
  EXPECT_EQ(bad.out, "");
  write("a/.manifest", R"({"roots": ["app"]})");
  write("b/.manifest", R"({"roots": ["app/sub"]})");
  const Ran overlap =
      writ_expecting(2, {"serve", "--addr", "127.0.0.1:0", "--bundle", "a", "--bundle", "b"});
  EXPECT_TRUE(contains(overlap.err,
                       "detected overlapping roots in manifests for these bundles: [a, b] (app "
                       "overlaps app/sub)"))
      << overlap.text();
  write("c/.signatures.json", R"({"signatures": ["x"]})");
  const Ran is_signed = writ_expecting(7, {"serve", "--addr", "127.0.0.1:0", "--bundle", "c"});
  EXPECT_TRUE(contains(is_signed.err, "verification key not provided")) << is_signed.text();
  const Ran address = writ_expecting(2, {"serve", "--addr", "nowhere:1"});
  EXPECT_TRUE(contains(address.err, "the host is no IP address")) << address.text();
}

TEST_F(ServeTest, ListensWhereItIsToldInEitherWord) {
  EXPECT_EQ(
      served("--listen unix:" + beside("a.sock").string() + " -a unix:" + beside("b.sock").string(),
             "for socket in a b; do say --unix-socket ../$socket.sock http://writ/health; "
             "done\n"),
      "{}\n200\n{}\n200\nexit 0\n");
  const Ran refused = writ_expecting(2, {"serve", "--listen", "nowhere:1"});
  EXPECT_TRUE(contains(refused.err, "the host is no IP address")) << refused.text();
}

// What the log says is looked for until it is there: the server answers signals on its own time.
TEST_F(ServeTest, TakesOverSettingsOnHangupAndNamesWhatWaits) {
  set_up();
  write(".writ/settings.yaml", "log: {requests: false}\n");
  const std::string said = served("2> log", R"(
curl -sS $url/healthz > answer
printf 'log: {requests: true, files: 3}\nserver: {drain: 3s}\n' > .writ/settings.yaml
kill -HUP $pid
for i in $(seq 200); do grep -q setting.waits_for_restart log && break; sleep 0.05; done
curl -sS $url/discovery?hush=1 >> answer
for i in $(seq 200); do grep -q request.served log && break; sleep 0.05; done
)");
  EXPECT_TRUE(contains(said, "exit 0")) << said;
  std::map<std::string, std::string> messages;
  for (const Value& record : json_lines(read("log"))) {
    messages[std::string(record.string_or("event", ""))]
        .append(record.string_or("message", ""))
        .append(" ");
  }
  EXPECT_EQ(messages["setting.taken"], "server.drain log.requests ");
  EXPECT_EQ(messages["setting.waits_for_restart"], "log.files ");
  EXPECT_EQ(messages["request.served"], "GET /discovery ");
  EXPECT_EQ(messages["server.stopped"], "all is answered ");
}

}  // namespace
}  // namespace writ::e2e
