// Accounts over real HTTP: the first half of the gauntlet (an administrator, users, tokens), and
// what must not be found anywhere afterwards.
#include "people.h"

namespace writ::e2e {
namespace {

using AccountsTest = PeopleTest;

TEST_F(AccountsTest, AreMadeChangedSwitchedOffAndDeleted) {
  const std::string said = served(R"(
root=$(login root@example.org "$password" | member access_token)
named() { sed "s/$id/ID/g"; }
id=$(send POST /auth/register '' "{\"email\":\"Ada@example.org\",\"password\":\"$password\"}" | member id)
ada=$(login ada@example.org "$password" | member access_token)
send GET /users/me "$ada" | named
send GET /users/$id "$ada"
send PATCH /users/$id "$root" '{"is_verified":true}' | named
send POST /users/$id/disable "$root" | named
send GET /users/me "$ada"
login ada@example.org "$password"; echo
send DELETE /users/$id "$root"
send GET /users/$id "$root"
)");
  const char* const kAda = R"({"id":"ID","email":"ada@example.org","is_active":)";
  EXPECT_EQ(said, std::string(kAda) + R"(true,"is_superuser":false,"is_verified":false} 200)" +
                      "\n" + R"({"detail":"Forbidden"} 403)" + "\n" + kAda +
                      R"(true,"is_superuser":false,"is_verified":true} 200)" + "\n" + kAda +
                      R"(false,"is_superuser":false,"is_verified":true} 200)" + "\n" +
                      R"({"detail":"Unauthorized"} 401)" + "\n" +
                      R"({"detail":"LOGIN_BAD_CREDENTIALS"})" + "\n" + " 204\n" +
                      R"({"detail":"Not Found"} 404)" + "\nexit 0\n");
}

TEST_F(AccountsTest, TokensRotateEndAtOnceAndAreFoundNowhere) {
  const std::string said = served(R"(
in=$(login root@example.org "$password")
first=$(echo "$in" | member refresh_token); access=$(echo "$in" | member access_token)
next=$(curl -sS $url/auth/jwt/refresh -H 'Content-Type: application/json' -d "{\"refresh_token\":\"$first\"}")
second=$(echo "$next" | member refresh_token); newer=$(echo "$next" | member access_token)
curl -sS -o third.json $url/auth/jwt/refresh -H 'Content-Type: application/json' -d "{\"refresh_token\":\"$second\"}"
third=$(member refresh_token < third.json)
send POST /auth/jwt/refresh '' "{\"refresh_token\":\"$first\"}"
send GET /users/me "$newer"
send POST /auth/jwt/refresh '' "{\"refresh_token\":\"$third\"}"
out=$(login root@example.org "$password" | member access_token)
send POST /auth/jwt/logout "$out"
send GET /users/me "$out"
rm third.json
printf '%s\n' "$password" "$first" "$second" "$third" "$access" "$newer" "$out" > ../secrets
)");
  EXPECT_EQ(said, R"({"detail":"REFRESH_BAD_TOKEN"} 400)"
                  "\n"
                  R"({"detail":"Unauthorized"} 401)"
                  "\n"
                  R"({"detail":"REFRESH_BAD_TOKEN"} 400)"
                  "\n 204\n"
                  R"({"detail":"Unauthorized"} 401)"
                  "\nexit 0\n");
  EXPECT_EQ(bash("wc -l < ../secrets; grep -c . ../secrets"), "7\n7\n");
  EXPECT_EQ(bash("grep -rlaF -f ../secrets . || true"), "") << "a secret stands in a file";
  const Ran events = writ({"ledger", "list", "--json"});
  EXPECT_TRUE(contains(events.out, "writ.session.refreshed")) << events.text();
  EXPECT_TRUE(contains(events.out, "refresh_token_reused")) << events.text();
  write("events.json", events.out);
  EXPECT_EQ(bash("grep -cF -f ../secrets events.json || true"), "0\n");
}

TEST_F(AccountsTest, AnswersAboutNobodyAreThoseAboutSomebody) {
  const std::string said = served(R"(
for path in forgot-password magic-link/request request-verify-token; do
  for who in root nobody; do
    curl -sS -i $url/auth/$path -H 'Content-Type: application/json' -d "{\"email\":\"$who@example.org\"}" \
      | grep -viE '^(date|x-trace-id):' > $who.txt
  done
  cmp root.txt nobody.txt && tail -n 1 root.txt
done
for who in root nobody; do
  curl -sS -i $url/auth/jwt/login -d "username=$who@example.org&password=wrong" \
    | grep -viE '^(date|x-trace-id):' > $who.txt
done
cmp root.txt nobody.txt && tail -n 1 root.txt
)");
  EXPECT_EQ(said,
            "null\nnull\nnull\n"
            R"({"detail":"LOGIN_BAD_CREDENTIALS"})"
            "\nexit 0\n");
}

TEST_F(AccountsTest, AServerHasOneFirstAdministrator) {
  const Ran again =
      writ({"identity", "bootstrap-admin", "eve@example.org"}, std::string(kPassword) + "\n");
  EXPECT_EQ(again.exit, 2) << again.text();
  EXPECT_TRUE(contains(again.err, "this server has an administrator")) << again.text();
  const Ran weak = writ({"identity", "bootstrap-admin", "eve@example.org"}, "password\n");
  EXPECT_EQ(weak.exit, 2) << weak.text();
  EXPECT_TRUE(contains(weak.err, "the password is one of those that are tried first"))
      << weak.text();
}

}  // namespace
}  // namespace writ::e2e
