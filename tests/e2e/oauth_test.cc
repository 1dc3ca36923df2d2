// Tokens for programs over real HTTP: what ends with a person, and what must be found nowhere.
#include "people.h"

namespace writ::e2e {
namespace {

// The administrator, Ada, and a program with a key. `token FORM…` asks for one as the program.
constexpr const char* kCast = R"(
root=$(login root@example.org "$password" | member access_token)
id=$(send POST /auth/register '' "{\"email\":\"ada@example.org\",\"password\":\"$password\"}" | member id)
in=$(login ada@example.org "$password")
ada=$(echo "$in" | member access_token); refresh=$(echo "$in" | member refresh_token)
job=$(send POST /iam/service-accounts "$root" '{"name":"job"}' | member id)
key=$(send POST /iam/service-accounts/$job/keys "$root" '{"purpose":"tests","scopes":["rbac:check"]}' | member key)
token() { curl -sS -u "$job:$key" $url/oauth/token "$@"; }
exchange() { token -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange \
  -d subject_token_type=urn:ietf:params:oauth:token-type:access_token -d "subject_token=$1"; }
introspect() { curl -sS -u "$job:$key" $url/oauth/introspect -d "token=$1" | sed 's/,.*//'; echo; }
named() { sed "s/$id/ADA/g; s/$job/JOB/g"; }
)";

class OauthTest : public PeopleTest {
 protected:
  std::string served(const std::string& script) const { return PeopleTest::served(kCast + script); }
};

TEST_F(OauthTest, WithAPersonEndsAllThatWasGivenOutForThem) {
  const std::string said = served(R"(
acting=$(exchange "$ada" | member access_token)
mine=$(send POST /auth/api-keys/ "$ada" '{"purpose":"scripts"}' | member key)
send POST /rbac/roles "$root" '{"name":"accountant"}'
send POST /rbac/policies "$root" '{"subject":"accountant","object":"invoice:7","action":"read"}'
send POST /rbac/users/$id/roles "$root" '{"role":"accountant"}'
question="{\"subject\":\"$id\",\"object\":\"invoice:7\",\"action\":\"read\"}"
for one in "$ada" "$acting" "$mine"; do send POST /rbac/check "$one" "$question" | cut -c1-16; done
introspect "$acting"
send DELETE /users/$id "$root"
for one in "$ada" "$acting" "$mine"; do send POST /rbac/check "$one" "$question" | tail -c 4; done
introspect "$acting"
exchange "$ada"; echo
send POST /auth/jwt/refresh '' "{\"refresh_token\":\"$refresh\"}"
send POST /rbac/check "$root" "$question" | named
send GET /rbac/users/$id/roles "$root" | named
)");
  EXPECT_EQ(
      said,
      R"({"created":true,"revision":1} 201)"
      "\n"
      R"({"added":true,"revision":2} 201)"
      "\n"
      R"({"assigned":true,"revision":3} 201)"
      "\n"
      R"({"allowed":true,)"
      "\n"
      R"({"allowed":true,)"
      "\n"
      R"({"allowed":true,)"
      "\n"
      R"({"active":true)"
      "\n 204\n401\n401\n401\n"
      R"({"active":false})"
      "\n"
      R"({"error":"invalid_request","error_description":"a token that was shown does not count"})"
      "\n"
      R"({"detail":"REFRESH_BAD_TOKEN"} 400)"
      "\n"
      R"({"allowed":false,"reason":"no policy permits read on invoice:7 to ADA",)"
      R"("matched_policy":null,"via":[],"objections":[],"revision":4} 200)"
      "\n"
      R"({"subject":"ADA","roles":[],"revision":4} 200)"
      "\nexit 0\n");
}

TEST_F(OauthTest, NoKeyOrTokenOfAProgramIsFoundAnywhere) {
  const std::string said = served(R"(
own=$(token -d grant_type=client_credentials | member access_token)
acting=$(exchange "$ada" | member access_token)
introspect "$acting"
curl -sS -u "$job:${key}x" $url/oauth/token -d grant_type=client_credentials | member error; echo
curl -sS $url/oauth/token -d grant_type=client_credentials -d client_id=$job -d "client_secret=$key" | member scope; echo
curl -sS -u "$job:$key" $url/oauth/revoke -d "token=$acting"
introspect "$acting"
printf '%s\n' "$key" "$own" "$acting" > ../secrets
)");
  EXPECT_EQ(said, R"({"active":true)"
                  "\ninvalid_client\nrbac:check\n"
                  R"({"active":false})"
                  "\nexit 0\n");
  EXPECT_EQ(bash("grep -c . ../secrets"), "3\n");
  EXPECT_EQ(bash("grep -rlaF -f ../secrets . || true"), "") << "a secret stands in a file";
  const Ran events = writ({"ledger", "list", "--json"});
  for (const char* const type :
       {"writ.token.exchanged", "writ.token.revoked", "writ.client.refused"}) {
    EXPECT_TRUE(contains(events.out, type)) << events.text();
  }
  write("events.json", events.out);
  EXPECT_EQ(bash("grep -cF -f ../secrets events.json || true"), "0\n");
}

}  // namespace
}  // namespace writ::e2e
