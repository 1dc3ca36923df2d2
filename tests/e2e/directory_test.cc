// Accounts that follow a real directory (Debian's slapd): over TLS, in pages, and whatever the
// directory does meanwhile.
#include "people.h"

namespace writ::e2e {
namespace {

class DirectoryTest : public PeopleTest {
 protected:
  // A certificate for 127.0.0.1, and the words of the scripts:
  //
  //   person NAME [MAIL]…      an entry of the directory that is to come
  //   group NAME [MEMBER]…     likewise
  //   ldap_up, ldap_down       the directory with those entries, at $ldap, the same port each time
  //   settings URL [LINE]…     .writ/settings.yaml for it, as `staff`
  //   directory NAME URL …     a further one there
  //   writ_up, writ_down       the server, at $url; $root is the administrator's token
  //   sync [QUERY]             a run, and what it says in one line
  //   who NAME                 whether the account is on, and its roles
  void SetUp() override {
    if (bash("[ -x /usr/sbin/slapd ] && command -v openssl >/dev/null || echo none") != "") {
      GTEST_SKIP() << "skipped: the packages slapd and openssl";
    }
    PeopleTest::SetUp();
    if (IsSkipped()) return;
    bash(
        "mkdir ../ldap && cd ../ldap && openssl req -x509 -newkey ec -pkeyopt "
        "ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 "
        "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null\n"
        "printf 'under the lamps 9\\n' > password; printf wrong > wrong; chmod 600 password wrong");
  }

  std::string followed(const std::string& script) const {
    return bash(std::string(kLdap) + script + "\nwrit_down; ldap_down");
  }

  static constexpr const char* kLdap =
      R"sh(
writ=)sh" WRIT_BINARY
      R"sh(; slapd=; server=; gate=; url=; port=; tls=; password='violet harbour 71 lamps'
trap 'kill -9 $slapd $server $gate 2>/dev/null || true' EXIT
until_true() { local i; for i in $(seq 600); do "$@" && return; sleep 0.05; done; echo "never: $*"; }
number=0
base='dc=example,dc=org'
empty() { number=0; entry "dn: $base" 'objectClass: dcObject' 'objectClass: organization' 'o: x' 'dc: example'
  entry "dn: ou=people,$base" 'objectClass: organizationalUnit' 'ou: people'
  entry "dn: ou=groups,$base" 'objectClass: organizationalUnit' 'ou: groups'; }
entry() {
  [ $number != 0 ] || : > ../ldap/all.ldif
  number=$((number + 1))
  printf '%s\n' "$@" '' >> ../ldap/all.ldif
}
person() {
  local name=$1; shift; [ $# != 0 ] || set -- $name@example.org
  entry "dn: uid=$name,ou=people,$base" 'objectClass: inetOrgPerson' "uid: $name" "cn: $name" "sn: $name" \
    "entryUUID: 00000000-0000-4000-8000-$(printf '%-12s' $name | od -An -tx1 | tr -d ' \n' | head -c 12)" \
    "$(printf 'mail: %s\n' "$@")"
}
group() {
  local name=$1; shift
  entry "dn: cn=$name,ou=groups,$base" 'objectClass: groupOfNames' "cn: $name" 'member: ' \
    "$([ $# = 0 ] || printf "member: UID=%s, OU=People,$base\n" "$@")"
}
ldap_up() {
  cd ../ldap
  rm -rf data; mkdir data
  printf '%s\n' 'include /etc/ldap/schema/core.schema' 'include /etc/ldap/schema/cosine.schema' \
    'include /etc/ldap/schema/inetorgperson.schema' 'modulepath /usr/lib/ldap' 'moduleload back_mdb' \
    "TLSCertificateFile $PWD/cert.pem" "TLSCertificateKeyFile $PWD/key.pem" "pidfile $PWD/pid" \
    'limits * size.soft=2 size.hard=2 size.prtotal=unlimited' \
    'database mdb' "suffix \"$base\"" "rootdn \"cn=admin,$base\"" \
    "directory $PWD/data" 'access to attrs=userPassword by anonymous auth by * none' \
    "access to * by dn.exact=\"cn=writ,$base\" read by * none" > slapd.conf
  { cat all.ldif; printf '%s\n' "dn: cn=writ,$base" 'objectClass: organizationalRole' \
    'objectClass: simpleSecurityObject' 'cn: writ' 'userPassword: under the lamps 9'; } > with_writ.ldif
  /usr/sbin/slapadd -q -f slapd.conf -l with_writ.ldif 2> slapadd.log || cat slapadd.log
  local try
  for try in $(seq 20); do
    [ -n "$port" ] || { port=$(free_port); tls=$(free_port); }
    /usr/sbin/slapd -d 0 -f slapd.conf -h "ldap://127.0.0.1:$port ldaps://127.0.0.1:$tls ldapi://$(printf %s $PWD/socket | sed 's,/,%2F,g')" \
      2>> slapd.log & slapd=$!
    until_true ldap_listens
    kill -0 $slapd 2>/dev/null && break
    port=
  done
  cd - > /dev/null
}
free_port() { /usr/bin/python3 -c \
  'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
ldap_listens() { ! kill -0 $slapd 2>/dev/null || (exec 5<> /dev/tcp/127.0.0.1/$port) 2>/dev/null; }
ldap_down() { [ -z "$slapd" ] || { kill -CONT $slapd; kill $slapd; wait $slapd || true; slapd=; }; }
ldap_again() { ldap_down; ldap_up; }
settings() { printf '%s\n' 'identity:' '  directories:' > .writ/settings.yaml; directory staff "$@"; }
directory() {
  local name=$1 at=$2 line; shift 2
  printf '%s\n' "    - name: $name" "      url: $at" \
    "      people_bases: ['ou=people,$base']" '      page_size: 2' "      bind_dn: 'cn=writ,$base'" \
    '      max_losses: "1"' '      roles:' \
    "        - {group: 'CN=Operators,ou=groups,$base', role: operator}" \
    "        - {group: 'cn=auditors,ou=groups,$base', role: auditor}" >> .writ/settings.yaml
  for line in "$@"; do printf '      %s\n' "$line" >> .writ/settings.yaml; done
}
secret='password_file: '$PWD/../ldap/password
trusted='ca_file: '$PWD/../ldap/cert.pem
writ_up() {
  rm -f ../ldap/said; mkfifo ../ldap/said
  $writ serve --addr 127.0.0.1:0 --check-answers > ../ldap/said 2>> server.log & server=$!
  local line; read -r line < ../ldap/said; url=${line#listening on }
  root=$(login root@example.org "$password" | member access_token)
}
writ_down() { [ -z "$server" ] || { kill $server; wait $server || true; server=; }; }
send() { curl -sS -X $1 "$url$2" ${3:+-H "Authorization: Bearer $3"} \
  ${4:+-H 'Content-Type: application/json' -d "$4"}; }
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
login() { curl -sS $url/auth/jwt/login --data-urlencode "username=$1" --data-urlencode "password=$2"; }
sync() {
  send POST "/iam/sync/run${1:+?$1}" "$root" | /usr/bin/python3 -c '
import json, sys
said = json.load(sys.stdin)
if "counts" not in said:
    print(said["code"] + ": " + said["detail"].replace(sys.argv[1], "PORT").replace(sys.argv[2], "TLS"))
else:
    print("applied" if said["is_applied"] else "looked at", said["people"],
          *(f"{fate} {count}" for fate, count in said["counts"].items() if count))
' "${port:-none}" "${tls:-none}"
}
who() {
  send GET /users "$root" | /usr/bin/python3 -c '
import json, sys
found = [one for one in json.load(sys.stdin)["items"] if one["email"] == sys.argv[1] + "@example.org"]
print(found[0]["id"] if found else "", "on" if found and found[0]["is_active"] else "off" if found else "nobody")
' $1 | { read -r id state || true
    [ -n "$state" ] || { echo $id; return; }
    echo $state $(send GET /rbac/users/$id/roles "$root" | grep -o '"roles":\[[^]]*\]'); }
}
)sh";
};

TEST_F(DirectoryTest, AccountsFollowItOverTlsPageByPage) {
  EXPECT_EQ(
      followed(R"sh(
empty; for name in ada bea cem dan eve; do person $name; done
group operators ada bea; group auditors ada
ldap_up
settings ldap://127.0.0.1:$port "$secret" "$trusted"
writ_up
sync
who ada
sync apply=true
who ada; who bea; who cem
sync apply=true
empty; for name in ada bea cem eve fay; do person $name; done
group operators ada cem; group auditors ada
ldap_again
sync apply=true
sync apply=true\&may_lose=2
who bea; who cem; who dan; who fay
empty; for name in ada bea cem dan eve fay; do person $name; done
group operators ada cem dan; group auditors ada
ldap_again
sync apply=true
who dan
)sh"),
      "looked at 5 created 5\nnobody\n"
      "applied 5 created 5\n"
      "on \"roles\":[\"auditor\",\"operator\"]\non \"roles\":[\"operator\"]\non \"roles\":[]\n"
      "applied 5 unchanged 5\n"
      "conflict: 2 people would be switched off or lose roles, and 1 may at once; nothing was "
      "changed\n"
      "applied 5 unchanged 2 created 1 changed 2 switched_off 1\n"
      "on \"roles\":[]\non \"roles\":[\"operator\"]\noff \"roles\":[]\non \"roles\":[]\n"
      "applied 6 unchanged 5 returned 1\n"
      "on \"roles\":[\"operator\"]\n");
  const Ran events = writ({"ledger", "list", "--json"});
  EXPECT_TRUE(contains(events.out, "writ.directory.synchronised")) << events.text();
  EXPECT_TRUE(contains(events.out, "writ.directory.refused")) << events.text();
  EXPECT_FALSE(contains(events.out, "uid=")) << "who somebody is there is their own affair";
}

TEST_F(DirectoryTest, IsFollowedByCommandsAfterALookAtWhatTheyWouldDo) {
  EXPECT_EQ(followed(R"sh(
empty; person ada; person bea; group operators ada; group auditors
ldap_up; settings ldap://127.0.0.1:$port "$secret" "$trusted"; writ_up
export WRIT_TOKEN=$root
directories() { $writ identity directories "$@" 2>&1 | sed -E 's/[0-9]{4}-[0-9T:.-]+Z/TIME/' || true; }
directories list
directories sync
directories sync staff --apply --quiet
directories sync --apply
empty; person ada; group operators; group auditors; ldap_again
directories sync --apply
directories sync --apply --may-lose 2
directories list
directories sync --json | member directory
directories sync elsewhere | head -n 1
)sh"),
            "staff  not followed yet\n"
            "staff: 2 people, 2 created; nothing was changed\n"
            "created  ada@example.org  gains operator\n"
            "created  bea@example.org\n"
            "staff: 2 people, 2 created\n"
            "created  ada@example.org  gains operator\n"
            "created  bea@example.org\n"
            "staff: 2 people, 2 unchanged\n"
            "error: 2 people would be switched off or lose roles, and 1 may at once; nothing was "
            "changed\n"
            "  remedy: Look at the dry run; if it is right, run with `may_lose` 2\n"
            "staff: 1 person, 1 changed, 1 switched_off\n"
            "changed  ada@example.org  loses operator\n"
            "switched_off  bea@example.org\n"
            "staff  applied TIME  people 1, changed 2, refused 0\n"
            "staff\n"
            "error: accounts follow no directory `elsewhere`\n");
}

TEST_F(DirectoryTest, WhoIsGoneThereIsSignedOutHereAndNobodyGetsAPasswordByALetter) {
  EXPECT_EQ(followed(R"sh(
empty; person ada; person bea; group operators ada; group auditors
ldap_up; settings ldap://127.0.0.1:$port "$secret" "$trusted"; writ_up
sync apply=true
letter() { until_true has_come "$1"; cat $(grep -l "$1" .writ/identity/outbox/*); }
has_come() { grep -q -s "$1" .writ/identity/outbox/*; }
for one in ada nobody; do
  curl -sS -w ' %{http_code}\n' $url/auth/forgot-password -H 'Content-Type: application/json' -d "{\"email\":\"$one@example.org\"}"
done
letter 'You sign in without a password' | grep -c token= || true
send POST /auth/magic-link/request '' '{"email":"ada@example.org"}' > /dev/null
link=$(letter 'Your sign-in link' | sed -n 's/.*token=\([^ \r]*\).*/\1/p')
ada=$(send POST /auth/magic-link/login '' "{\"token\":\"$link\"}" | member access_token)
send GET /users/me "$ada" | member email; echo
empty; person bea; group operators bea; group auditors; ldap_again
sync apply=true
send GET /users/me "$ada"; echo
)sh"),
            "applied 2 created 2\n"
            "null 202\nnull 202\n0\n"
            "ada@example.org\n"
            "applied 1 changed 1 switched_off 1\n"
            "{\"detail\":\"Unauthorized\"}\n");
}

TEST_F(DirectoryTest, WhatIsNoWholeAnswerChangesNothing) {
  EXPECT_EQ(followed(R"sh(
empty; for name in ada bea cem dan eve; do person $name; done; group operators ada; group auditors
ldap_up
/usr/bin/python3 )sh" WRIT_SOURCE_DIR R"sh(/tests/e2e/ldap_gate.py $port 5 > ../ldap/gate & gate=$!
until_true [ -s ../ldap/gate ]
at=ldap://127.0.0.1:$port
settings $at "$secret" "$trusted"
directory wrong-password $at "$trusted" "password_file: $PWD/../ldap/wrong"
directory untrusted $at "$secret"
directory another-host ldap://localhost:$port "$secret" "$trusted"
directory untrusted-tls ldaps://127.0.0.1:$tls "$secret"
directory no-ids ldaps://127.0.0.1:$tls "$secret" "$trusted" 'id_attribute: employeeNumber'
directory goes-away ldap://127.0.0.1:$(cat ../ldap/gate) "$secret" 'starttls: false'
directory hangs $at "$secret" "$trusted" 'timeout: 1s'
writ_up
for name in wrong-password untrusted another-host untrusted-tls no-ids goes-away; do
  sync directory=$name\&apply=true | sed "s/:$(cat ../ldap/gate)/:GATE/"
done
kill -STOP $slapd
sync directory=hangs\&apply=true
kill -CONT $slapd
who ada
writ_down
empty; person ada; group operators ada
entry "dn: ou=more,ou=people,$base" 'objectClass: referral' 'objectClass: extensibleObject' 'ou: more' \
  'ref: ldap://elsewhere.example.org/ou=more,dc=example,dc=org'
ldap_again
settings $at "$secret" "$trusted"
directory elsewhere $at "$secret" "$trusted" 'ignores_referrals: true'
writ_up
sync directory=staff\&apply=true
group auditors
ldap_again
sync directory=staff\&apply=true
who ada
sync directory=elsewhere\&apply=true
who ada
said() { $writ doctor | grep 'directory  ' | sed "s/:$port/:PORT/"; }
said
settings $at "$trusted" "password_file: $PWD/../ldap/wrong"; said
rm .writ/settings.yaml; said
grep -c 'under the lamps 9' server.log || true
$writ config show | grep -c 'under the lamps 9' || true
)sh"),
            "unavailable: the directory ldap://127.0.0.1:PORT: signing in: Invalid credentials\n"
            "unavailable: the directory ldap://127.0.0.1:PORT: its certificate is not trusted, or "
            "another server's\n"
            "unavailable: the directory ldap://localhost:PORT: its certificate is not trusted, or "
            "another server's\n"
            "unavailable: the directory ldaps://127.0.0.1:TLS: connecting: Can't contact LDAP "
            "server\n"
            "unavailable: the directory ldaps://127.0.0.1:TLS has somebody without one "
            "`employeeNumber`\n"
            "unavailable: the directory ldap://127.0.0.1:GATE: searching "
            "`ou=people,dc=example,dc=org`: Can't contact LDAP server\n"
            "timed_out: the directory ldap://127.0.0.1:PORT: StartTLS: Timed out\n"
            "nobody\n"
            "unavailable: the directory ldap://127.0.0.1:PORT: searching "
            "`cn=auditors,ou=groups,dc=example,dc=org`: No such object\n"
            "unavailable: the directory ldap://127.0.0.1:PORT: a part of `people_bases` is kept "
            "elsewhere, so the answer is not whole\n"
            "nobody\n"
            "applied 1 created 1\n"
            "on \"roles\":[\"operator\"]\n"
            "good     directory   staff, elsewhere can be read\n"
            "bad      directory   the directory ldap://127.0.0.1:PORT: signing in: Invalid "
            "credentials\n"
            "good     directory   accounts follow none (identity.directories)\n0\n0\n");
}

TEST_F(DirectoryTest, AServerFollowsItByItself) {
  EXPECT_EQ(followed(R"sh(
empty; person ada; group operators ada; group auditors
ldap_up
settings "ldapi://$(cd ../ldap; printf %s $PWD/socket | sed 's,/,%2F,g')" 'password_variable: LDAP_PASSWORD' 'interval: 1s'
export LDAP_PASSWORD='under the lamps 9'
writ_up
is() { [ "$(who $1)" = "$2" ]; }
until_true is ada 'on "roles":["operator"]'
empty; person ada; person bea; group operators bea; group auditors; ldap_again
until_true is bea 'on "roles":["operator"]'
who ada
ldap_down
until_true grep -q directory.not_followed server.log
send GET /iam/sync "$root" | grep -o '"outcome":"failed"'
curl -sS $url/metrics | grep -c '^writ_directory_runs_total{outcome="applied"}'
)sh"),
            "on \"roles\":[]\n\"outcome\":\"failed\"\n1\n");
}

}  // namespace
}  // namespace writ::e2e
