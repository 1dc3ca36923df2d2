// Backups and going back to them over real HTTP.
#include "people.h"

namespace writ::e2e {
namespace {

class RecoveryTest : public PeopleTest {
 protected:
  // Root and Bea administer; Ada has an account.
  std::string served(const std::string& script) const {
    return PeopleTest::served(R"(
root=$(login root@example.org "$password" | member access_token)
made() { send POST /auth/register '' "{\"email\":\"$1@example.org\",\"password\":\"$password\"}" | member id; }
bea_id=$(made bea)
ada_id=$(made ada)
send PATCH /users/$bea_id "$root" '{"is_superuser":true}' | grep -c '"is_superuser":true'
bea=$(login bea@example.org "$password" | member access_token)
backup() { send POST /iam/recovery/backup "$1" | member id; }
code() { tail -c 4; }
)" + script);
  }
};

TEST_F(RecoveryTest, ABackupComesBackOnceTwoAdministratorsWantItAndNoSessionSurvives) {
  const std::string said = served(R"sh(
id=$(backup "$root")
send POST /rbac/policies "$root" '{"subject":"eve","object":"vault","action":"open"}' | code
send PATCH /users/$ada_id "$root" '{"is_superuser":true}' | code
send POST /iam/recovery/restore/$id "$root" | grep -o '"fields":[^}]*'
waits=$(send POST "/iam/recovery/restore/$id?apply=true" "$root")
echo "$waits" | code
approval=$(echo "$waits" | sed -n 's/^{"id":"\([^"]*\)".*/\1/p')
send POST /iam/recovery/approvals/$approval "$root" | member detail
send POST /iam/recovery/approvals/$approval "$bea" | code
send POST "/iam/recovery/restore/$id?apply=true&approval=$approval" "$root" | grep -o '"is_applied":[a-z]*'
send GET /users/me "$root" | code
root=$(login root@example.org "$password" | member access_token)
send GET /rbac/policies "$root"
send GET /users/$ada_id "$root" | grep -o '"is_superuser":[a-z]*'
send GET /iam/recovery/backups "$root" | grep -o '"reason":"[a-z_]*"'
)sh");
  EXPECT_EQ(said,
            "1\n201\n200\n"
            "\"fields\":[\"is_superuser\"]\n"
            "202\n"
            "who asks does not approve\n"
            "200\n"
            "\"is_applied\":true\n"
            "401\n"
            "{\"policies\":[]} 200\n"
            "\"is_superuser\":false\n"
            "\"reason\":\"before_restore\"\n\"reason\":\"asked\"\n"
            "exit 0\n");
  const Ran events = writ({"ledger", "list", "--json"});
  EXPECT_TRUE(contains(events.out, "writ.recovery.restored")) << events.text();
  EXPECT_TRUE(contains(events.out, "writ.admin_approval.used")) << events.text();
}

TEST_F(RecoveryTest, AResetOfAccessIsUndoneFromItsOwnBackup) {
  const std::string said = served(R"sh(
approved() {
  approval=$(send POST "$1?apply=true" "$root" "$2" | sed -n 's/^{"id":"\([^"]*\)".*/\1/p')
  send POST /iam/recovery/approvals/$approval "$bea" | code
  send POST "$1?apply=true&approval=$approval" "$root" "$2"
}
send POST /rbac/policies "$root" '{"subject":"books","object":"invoice","action":"read"}' | code
reset=$(approved /rbac/management/reset)
echo "$reset" | grep -o '"applied":true'
id=$(echo "$reset" | member backup)
send GET /rbac/policies "$root"
approved /iam/recovery/rollback/$id '{"item":"access"}'
send GET /rbac/policies "$root"
)sh");
  EXPECT_EQ(said,
            "1\n201\n\"applied\":true\n"
            "{\"policies\":[]} 200\n"
            "200\n"
            R"({"is_applied":true,"fields":[],"added":1,"removed":0,"sessions":0} 200)"
            "\n"
            R"({"policies":[{"subject":"books","object":"invoice","action":"read"}]} 200)"
            "\nexit 0\n");
}

TEST_F(RecoveryTest, OnTheMachineABackupIsMadeLookedIntoAndRestored) {
  const Ran made = writ({"identity", "backup"});
  ASSERT_EQ(made.exit, 0) << made.text();
  const std::string id = made.out.substr(0, made.out.find('\n'));
  EXPECT_TRUE(contains(made.out, "\n1 users, ")) << made.text();
  EXPECT_EQ(PeopleTest::served(R"(
root=$(login root@example.org "$password" | member access_token)
send POST /auth/register '' "{\"email\":\"ada@example.org\",\"password\":\"$password\"}" | tail -c 4
send POST /rbac/policies "$root" '{"subject":"eve","object":"vault","action":"open"}' | tail -c 4
)"),
            "201\n201\nexit 0\n");
  const Ran back = writ({"identity", "rollback", id, "access", "--apply"});
  EXPECT_EQ(back.out, "0 added, 1 removed\ndone\n") << back.text();
  const Ran dry = writ({"identity", "restore", id});
  EXPECT_TRUE(contains(dry.out,
                       "ada@example.org goes\n1 sessions end\n"
                       "nothing was changed; --apply does it\n"))
      << dry.text();
  const Ran done = writ({"identity", "restore", id, "--apply"});
  EXPECT_TRUE(contains(done.out, "\nwhat was there: backup ")) << done.text();
  EXPECT_EQ(PeopleTest::served(R"(
login ada@example.org "$password"
echo
login root@example.org "$password" | grep -o '"token_type":"bearer"'
)"),
            "{\"detail\":\"LOGIN_BAD_CREDENTIALS\"}\n\"token_type\":\"bearer\"\nexit 0\n");
  const Ran none = writ({"identity", "restore", "latest"});
  EXPECT_EQ(none.exit, 2);
  EXPECT_TRUE(contains(none.text(), "`latest` is no backup's id")) << none.text();
}

}  // namespace
}  // namespace writ::e2e
