// The whole way of an identity server in one run: an administrator who signs in and goes on, people
// who are made, changed, switched off and deleted, and a role, a permission and an assignment that
// open a door and close it again when the person goes.
#include "people.h"

namespace writ::e2e {
namespace {

using GauntletTest = PeopleTest;

TEST_F(GauntletTest, FromTheFirstAdministratorToVerifiedAccess) {
  const std::string said = served(R"(
in=$(login root@example.org "$password")
root=$(curl -sS $url/auth/jwt/refresh -H 'Content-Type: application/json' \
  -d "{\"refresh_token\":\"$(echo "$in" | member refresh_token)\"}" | member access_token)
id=$(send POST /auth/register '' "{\"email\":\"ada@example.org\",\"password\":\"$password\"}" | member id)
named() { sed "s/$id/ID/g"; }
may() { send POST /rbac/check "$root" "{\"subject\":\"$id\",\"object\":\"ledger:7\",\"action\":\"read\"}" |
  named | sed 's/,"matched.*}/ …}/'; }
ada=$(login ada@example.org "$password" | member access_token)
send PATCH /users/me "$ada" "{\"email\":\"ada.l@example.org\",\"current_password\":\"$password\"}" | named | cut -c 1-45
may
send POST /rbac/roles "$root" '{"name":"auditor"}'
send POST /rbac/policies "$root" '{"subject":"auditor","object":"ledger:7","action":"read"}'
send POST /rbac/users/$id/roles "$root" '{"role":"auditor"}'
may
send GET /rbac/users/$id/roles "$root" | named
send POST /users/$id/disable "$root" | named | cut -c 1-60
send GET /users/me "$ada"
send DELETE /users/$id "$root"
send GET /users/$id "$root"
may
)");
  EXPECT_EQ(said, R"({"id":"ID","email":"ada.l@example.org","is_ac)"
                  "\n"
                  R"({"allowed":false,"reason":"no policy permits read on ledger:7 to ID" …} 200)"
                  "\n"
                  R"({"created":true,"revision":1} 201)"
                  "\n"
                  R"({"added":true,"revision":2} 201)"
                  "\n"
                  R"({"assigned":true,"revision":3} 201)"
                  "\n"
                  R"({"allowed":true,"reason":"ID has read on ledger:7 by the role auditor" …} 200)"
                  "\n"
                  R"({"subject":"ID","roles":["auditor"],"revision":3} 200)"
                  "\n"
                  R"({"id":"ID","email":"ada.l@example.org","is_active":false,"is)"
                  "\n"
                  R"({"detail":"Unauthorized"} 401)"
                  "\n 204\n"
                  R"({"detail":"Not Found"} 404)"
                  "\n"
                  R"({"allowed":false,"reason":"no policy permits read on ledger:7 to ID" …} 200)"
                  "\nexit 0\n");
}

}  // namespace
}  // namespace writ::e2e
