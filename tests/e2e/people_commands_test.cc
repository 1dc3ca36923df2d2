// writ identity users, agents, roles: administration by commands, of a server that lives here and
// of one that was named.
#include "people.h"

namespace writ::e2e {
namespace {

class PeopleCommandsTest : public PeopleTest {
 protected:
  // With `writ`, and `root`: the administrator's token, which is shown.
  std::string administered(const std::string& script) const {
    return served("writ() { " WRIT_BINARY R"( identity "$@" 2>&1 || echo "exit $?"; }
root=$(login root@example.org "$password" | member access_token)
ids() { sed -E "s/[0-9a-f]{8}-[0-9a-f-]{27}/ID/g"; }
export WRIT_TOKEN=$root
)" + script);
  }
};

TEST_F(PeopleCommandsTest, UsersAreListedSwitchedAndDeletedByTheirAddress) {
  EXPECT_EQ(administered(R"sh(
send POST /auth/register '' "{\"email\":\"ada@example.org\",\"password\":\"$password\"}" > /dev/null
writ users list | ids
writ users disable ada@example.org | ids
writ users show ada@example.org --json | ids
writ users enable ada@example.org | ids
writ users delete ada@example.org
writ users show ada@example.org
)sh"),
            "ID  root@example.org  administrator\n"
            "ID  ada@example.org  address not verified\n"
            "ID  ada@example.org  off  address not verified\n"
            "{\"id\":\"ID\",\"email\":\"ada@example.org\",\"is_active\":false,"
            "\"is_superuser\":false,\"is_verified\":false}\n"
            "ID  ada@example.org  address not verified\n"
            "ada@example.org is deleted\n"
            "error: nobody has the address ada@example.org\n"
            "  remedy: `writ identity users list` shows who is there\n"
            "exit 2\nexit 0\n");
}

TEST_F(PeopleCommandsTest, RolesAreMadeGivenAndTakenWithADryRunBefore) {
  EXPECT_EQ(administered(R"sh(
send POST /rbac/policies "$root" '{"subject":"clerk","object":"invoice","action":"read"}' >/dev/null
writ roles add clerk --description 'Writes invoices'
writ roles add accountant --parent clerk
writ roles list
writ roles assign accountant ada --dry-run
writ roles assign accountant ada
writ roles of ada
writ roles show accountant
writ roles unassign accountant ada
writ roles delete accountant
writ roles show accountant
)sh"),
            "created, revision 2\n"
            "created, revision 3\n"
            "accountant\n"
            "clerk  Writes invoices\n"
            "nothing was changed, revision 3\n"
            "ada gains read invoice\n"
            "assigned, revision 4\n"
            "accountant\nclerk\n"
            "accountant\n  holds clerk\n  held by ada\n"
            "unassigned, revision 5\n"
            "deleted, revision 6\n"
            "error: there is no role accountant\n"
            "  remedy: List roles: GET /rbac/roles\n"
            "exit 2\nexit 0\n");
}

TEST_F(PeopleCommandsTest, AgentsHaveASponsorAndKeysThatAreShownOnce) {
  EXPECT_EQ(administered(R"sh(
provider=$(send POST /iam/ai-providers "$root" '{"name":"Acme","kind":"openai","base_url":"https://models.example"}')
provider=$(echo "$provider" | member id)
agent=$(writ agents add reviewer --sponsor root@example.org --provider $provider --model m-1 --json | member id)
writ agents list | ids
writ agents key $agent --purpose reviews --scope rbac:check --quiet > key
echo "$(wc -l < key) $(cut -c1-5 key)"
writ agents disable $agent | ids
writ agents delete $agent | ids
writ agents list
)sh"),
            "ID  reviewer  m-1  sponsor ID\n"
            "1 writ_\n"
            "ID  reviewer  m-1  sponsor ID  off\n"
            "ID is deleted\n"
            "exit 0\n");
}

TEST_F(PeopleCommandsTest, NobodyAdministersWithoutAToken) {
  const std::string said = administered(R"sh(
writ --server $url users list | head -n 1
unset WRIT_TOKEN
writ users list
writ --server $url roles list
)sh");
  EXPECT_TRUE(contains(said, "root@example.org")) << said;
  EXPECT_TRUE(contains(said, "Show the token of an administrator")) << said;
  EXPECT_TRUE(contains(said, "exit 8")) << said;
  EXPECT_TRUE(contains(bash(WRIT_BINARY " identity users list 2>&1 || echo exit $?"),
                       "no server is named, and none lives here"));
}

}  // namespace
}  // namespace writ::e2e
