// `writ serve` in a project: one API from one contract, over real sockets with the real binary.
#include "base/json.h"
#include "contract/openapi/description.h"
#include "contract/schema.h"
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class ApiTest : public WritTest {
 protected:
  void SetUp() override {
    if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
  }

  // What `script` prints while `writ serve WORDS` listens at $url and holds its answers to the
  // contract. `say` calls it and prints body and status.
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

TEST_F(ApiTest, AProjectIsServedBesidePolicies) {
  set_up();
  const std::string said = served("", R"(
say $url/discovery | grep -o '"families":[^]]*'
say $url/healthz
say $url/readyz
say $url/v1/data
say $url/nowhere | grep -o '"detail":"[^"]*"'
say $url/contracts/x.schema.json | grep -o '"code":"[^"]*"'
say "$url/discovery?colour=red" | grep -o '"errors":.*]'
)");
  EXPECT_TRUE(said.starts_with("\"families\":[")) << said;
  EXPECT_NE(said.find("{\"status\":\"ok\"}200\n"
                      "{\"status\":\"ok\",\"checks\":{\"store\":\"ok\"}}200\n"
                      "{\"result\":{}}\n200\n"
                      "\"detail\":\"nothing is at /nowhere\"\n"
                      "\"code\":\"not_found\"\n"
                      "\"errors\":[{\"detail\":\"there is no such parameter\",\"parameter\":"
                      "\"colour\"}]\n"
                      "exit 0\n"),
            std::string::npos)
      << said;
}

TEST_F(ApiTest, WithoutAProjectThereArePoliciesAlone) {
  const std::string said = served("", R"(
say $url/discovery | grep -o '"families":[^]]*'
say $url/openapi.json | grep -o '"/v1/data/{path}"'
say $url/nowhere
)");
  EXPECT_EQ(said,
            "\"families\":[\"core\",\"policy\"\n\"/v1/data/{path}\"\n404 page not found\n404\n"
            "exit 0\n");
}

TEST_F(ApiTest, WhatIsHandedOutIsAContractThatWritReads) {
  const std::string said = served("", "curl -sS $url/openapi.json > openapi.json");
  EXPECT_EQ(said, "exit 0\n");
  auto document = load_document(root() / "openapi.json");
  ASSERT_TRUE(document) << document.error().text();
  const auto description = contract::Description::read(*std::move(document));
  ASSERT_TRUE(description) << description.error().text();
  EXPECT_EQ(description->find("getDiscovery")->path, "/discovery");
  EXPECT_EQ(description->find("opaGetData")->errors, contract::ErrorShape::opa);
}

TEST_F(ApiTest, ThePageIsForPeopleAndHasNoScripts) {
  const std::string said = served("", R"(
curl -sS -D head.txt $url/docs > page.html
grep -ic 'content-security-policy: default-src .none.' head.txt
grep -c '<script' page.html || true
grep -o '<h2 id="family-core">core</h2>' page.html
)");
  EXPECT_EQ(said, "1\n0\n<h2 id=\"family-core\">core</h2>\nexit 0\n");
}

TEST_F(ApiTest, TypesOfContractsArePrinted) {
  EXPECT_NE(bash(WRIT_BINARY " contract types --lang ts").find("export interface Discovery {\n"),
            std::string::npos);
  EXPECT_NE(bash(WRIT_BINARY " contract types --lang cpp spec --namespace acme")
                .find("namespace acme {\n\nstruct "),
            std::string::npos);
  EXPECT_NE(bash(WRIT_BINARY " contract types --lang go 2>&1 || true").find("no language `go`"),
            std::string::npos);
}

}  // namespace
}  // namespace writ::e2e
