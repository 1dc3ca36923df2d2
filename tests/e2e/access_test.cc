// Access over real HTTP: the second half of the gauntlet (a role, a permission, an assignment, a
// check), and programs that ask with keys of their own.
#include "people.h"

namespace writ::e2e {
namespace {

// The administrator's token, and Ada with hers.
constexpr const char* kRootAndAda = R"(
root=$(login root@example.org "$password" | member access_token)
id=$(send POST /auth/register '' "{\"email\":\"ada@example.org\",\"password\":\"$password\"}" | member id)
ada=$(login ada@example.org "$password" | member access_token)
named() { sed "s/$id/ADA/g"; }
)";

class AccessTest : public PeopleTest {
 protected:
  std::string served(const std::string& script) const {
    return PeopleTest::served(kRootAndAda + script);
  }
};

TEST_F(AccessTest, ARoleAPermissionAnAssignmentAndTheAccessThatFollows) {
  const std::string said = served(R"(
send POST /rbac/roles "$root" '{"name":"accountant"}'
send POST /rbac/policies "$root" '{"subject":"accountant","object":"invoice:7","action":"read"}'
send POST /rbac/users/$id/roles "$root" '{"role":"accountant"}'
send POST /rbac/check "$ada" "{\"subject\":\"$id\",\"object\":\"invoice:7\",\"action\":\"read\"}" | named
send POST /access/v1/evaluation "$ada" "{\"subject\":{\"type\":\"user\",\"id\":\"$id\"},\"action\":{\"name\":\"pay\"},\"resource\":{\"type\":\"invoice\",\"id\":\"7\"}}" | named
send POST /rbac/users/$id/roles "$ada" '{"role":"root"}' | member detail
send DELETE "/rbac/users/$id/roles?role=accountant" "$root"
send POST /rbac/check "$root" "{\"subject\":\"$id\",\"object\":\"invoice:7\",\"action\":\"read\"}" | named
)");
  EXPECT_EQ(
      said,
      R"({"created":true,"revision":1} 201)"
      "\n"
      R"({"added":true,"revision":2} 201)"
      "\n"
      R"({"assigned":true,"revision":3} 201)"
      "\n"
      R"({"allowed":true,"reason":"ADA has read on invoice:7 by the role accountant",)"
      R"("matched_policy":{"subject":"accountant","object":"invoice:7","action":"read"},)"
      R"("via":["ADA","accountant"],"objections":[],"revision":3} 200)"
      "\n"
      R"({"decision":false,"context":{"matched_policy":null,"via":[],"objections":[],"revision":3,)"
      R"("reason_admin":{"en":"no policy permits pay on invoice:7 to ADA or the role that it )"
      R"(holds"}}} 200)"
      "\n"
      "only administrators may do this\n"
      R"({"unassigned":true,"revision":4} 200)"
      "\n"
      R"({"allowed":false,"reason":"no policy permits read on invoice:7 to ADA",)"
      R"("matched_policy":null,"via":[],"objections":[],"revision":4} 200)"
      "\nexit 0\n");
  const Ran events = writ({"ledger", "list", "--json"});
  EXPECT_TRUE(contains(events.out, "writ.access.changed")) << events.text();
  EXPECT_TRUE(contains(events.out, "access/4")) << events.text();
}

TEST_F(AccessTest, ConditionsOfTheSettingsDenyAndBrokenOnesStopTheStart) {
  write(".writ/settings.yaml", "identity: {conditions: conditions.rego}\n");
  write(".writ/conditions.rego",
        "package writ.access\n\n"
        "deny contains \"by day alone\" if {\n\tinput.action == \"sign\"\n"
        "\tnot input.context.is_day\n}\n");
  const std::string said = served(R"(
send POST /rbac/policies "$root" '{"subject":"bob","object":"door","action":"sign"}' | sed 's/.* //'
send POST /rbac/check "$root" '{"subject":"bob","object":"door","action":"sign"}'
send POST /rbac/check "$root" '{"subject":"bob","object":"door","action":"sign","context":{"is_day":true}}' | sed 's/,.* / /'
send POST /rbac/conditions/try "$root" '{"module":"package writ.access\ndeny contains \"never\" if false","questions":[{"subject":"bob","object":"door","action":"sign"}]}' | grep -o '"is_other":[a-z]*'
send GET /rbac/conditions "$ada" | sed 's/.* //'
)");
  EXPECT_EQ(said,
            R"(201
{"allowed":false,"reason":"a condition denies sign on door: by day alone",)"
            R"("matched_policy":{"subject":"bob","object":"door","action":"sign"},"via":["bob"],)"
            R"("objections":["by day alone"],"revision":1} 200
{"allowed":true 200
"is_other":true
403
exit 0
)");
  write(".writ/conditions.rego", "package writ.access\n\ndeny contains x if\n");
  const Ran refused = writ({"serve", "--addr", "127.0.0.1:0"});
  EXPECT_EQ(refused.exit, 2) << refused.text();
  EXPECT_TRUE(contains(refused.err, "the conditions do not compile: conditions.rego:4"))
      << refused.text();
}

TEST_F(AccessTest, AServiceAccountAsksWithItsKeyUntilItIsSwitchedOff) {
  const std::string said = served(R"(
account=$(send POST /iam/service-accounts "$root" '{"name":"shop"}' | member id)
send POST /iam/service-accounts/$account/keys "$root" '{"purpose":"checks","scopes":["rbac:check"]}' > key
key=$(member key < key); rm key
check='{"subject":"bob","object":"door","action":"open"}'
send POST /rbac/check "$key" "$check"
send POST /rbac/policies "$key" "$check" | sed 's/.* //'
send POST /iam/service-accounts/$account/disable "$root" | sed 's/.* //'
send POST /rbac/check "$key" "$check" | sed 's/.* //'
)");
  EXPECT_EQ(said, R"({"allowed":false,"reason":"no policy permits open on door to bob",)"
                  R"("matched_policy":null,"via":[],"objections":[],"revision":0} 200)"
                  "\n403\n200\n401\nexit 0\n");
}

}  // namespace
}  // namespace writ::e2e
