// Accounts over real HTTP: the first half of the gauntlet (an administrator, users, tokens), and
// what must not be found anywhere afterwards.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

constexpr const char* kPassword = "violet harbour 71 lamps";

// Words of the scripts below.
constexpr const char* kWords = R"(
password='violet harbour 71 lamps'
say() { curl -sS -w ' %{http_code}\n' "$@"; }
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
login() { curl -sS $url/auth/jwt/login --data-urlencode "username=$1" --data-urlencode "password=$2"; }
send() { local method=$1 path=$2 token=$3 body=$4
  say -X $method $url$path ${token:+-H "Authorization: Bearer $token"} \
    ${body:+-H 'Content-Type: application/json' -d "$body"}; }
named() { sed "s/$id/ID/g"; }
)";

class AccountsTest : public WritTest {
 protected:
  void SetUp() override {
    if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
    set_up();
    const Ran made =
        writ({"identity", "bootstrap-admin", "root@example.org"}, std::string(kPassword) + "\n");
    ASSERT_EQ(made.exit, 0) << made.text();
    EXPECT_EQ(made.out, "root@example.org administers this server\n");
  }

  // What `script` prints while the server of the project listens at $url. What the server itself
  // says goes to server.log.
  std::string served(const std::string& script) const {
    return bash("coproc server { exec " WRIT_BINARY
                " serve --addr 127.0.0.1:0 --check-answers 2>server.log; }\n"
                "pid=$server_PID; trap 'kill -9 $pid 2>/dev/null || true' EXIT\n"
                "read -r line <&\"${server[0]}\"; url=${line#listening on }\n" +
                std::string(kWords) + script +
                "\nkill -TERM $pid; code=0; wait $pid || code=$?; echo \"exit $code\"\n");
  }
};

TEST_F(AccountsTest, AreMadeChangedSwitchedOffAndDeleted) {
  const std::string said = served(R"(
root=$(login root@example.org "$password" | member access_token)
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
