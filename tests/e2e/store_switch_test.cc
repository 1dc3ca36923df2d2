// The store of running servers is changed for PostgreSQL and back, while services write.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "people.h"
#include "store/testing/postgres_server.h"

namespace writ::e2e {
namespace {

class StoreSwitchTest : public PeopleTest {
 protected:
  void SetUp() override {
    if (const std::string why = store::PostgresServer::missing(); !why.empty()) GTEST_SKIP() << why;
    environment_.erase("WRIT_STORE");  // it begins in the project's own file
    PeopleTest::SetUp();
    store::PostgresServer& server = store::PostgresServer::shared();
    std::ofstream(beside("pg.url")) << server.url(server.make_database()) << "\n";
    environment_["WRIT_STORAGE_BACKENDS"] = "pg=file:" + beside("pg.url").string();
    environment_["WRIT_RATES_WRITE"] = "100000/100000";
    environment_["WRIT_RATES_READ"] = "100000/100000";
  }
  // Root and Bea administer. A second server of the project listens at $url2; both have ended, or
  // the test fails, when the script has.
  //
  //   change BACKEND      asks, lets Bea approve and asks again: the answer
  //   arrived URL NAME    returns when the server there uses that store
  //   keys URL            those of the namespace `app`, page after page
  std::string served(const std::string& script) const {
    return PeopleTest::served(
        R"sh(
)sh" WRIT_BINARY
        R"sh( serve --addr 127.0.0.1:0 --check-answers >second.out 2>second.log &
second=$!; trap 'kill -9 $pid $second 2>/dev/null || true' EXIT
until grep -q '^listening on' second.out; do sleep 0.05; done
url2=$(sed -n 's/^listening on //p' second.out)
root=$(login root@example.org "$password" | member access_token)
bea_id=$(send POST /auth/register '' "{\"email\":\"bea@example.org\",\"password\":\"$password\"}" | member id)
send PATCH /users/$bea_id "$root" '{"is_superuser":true}' | grep -o '"is_superuser":true'
bea=$(login bea@example.org "$password" | member access_token)
code() { tail -c 4; }
change() {
  approval=$(send POST "/storage/switch/$1?apply=true" "$root" | sed -n 's/^{"id":"\([^"]*\)".*/\1/p')
  send POST /iam/recovery/approvals/$approval "$bea" | code
  send POST "/storage/switch/$1?apply=true&approval=$approval" "$root"
}
standing() { curl -sS "$1/storage/switch" -H "Authorization: Bearer $root"; }
arrived() { until standing "$1" | grep -q "^{\"backend\":\"$2\".*\"state\":\"done\""; do sleep 0.05; done; }
keys() {
  local after= page
  while
    page=$(curl -sS "$1/storage/app?limit=1000&after=$after" -H "Authorization: Bearer $root" | grep -o '"key":"[^"]*"' | cut -d'"' -f4)
    [ -n "$page" ]
  do echo "$page"; after=${page##*$'\n'}; done
}
)sh" + script +
        "\nkill -TERM $second; code=0; wait $second || code=$?; "
        "echo \"second exit $code\"\n");
  }
};

TEST_F(StoreSwitchTest, GoesToPostgresAndBackWhileServicesWriteAndNothingIsLostOrDoubled) {
  const std::string said = served(R"sh(
writer() {
  for i in $(seq 100000); do
    [ -e stop ] && break
    while
      status=$(curl -sS -o answer-$2 -w '%{http_code}' -X POST "$1/storage/app/$2-$i" -H "Authorization: Bearer $root" \
        -H 'If-None-Match: *' -H 'Content-Type: application/json' -d "{\"value\":$i}")
      [ "$status" = 503 ] && grep -q 'the store has moved' answer-$2
    do :; done # nothing of it has happened: the next try makes it
    if [ "$status" = 201 ]; then echo "$2-$i" >>"acknowledged-$2"; else echo "$2-$i $status" >>refused; cat answer-$2 >>refused; fi
  done
}
wrote() { local n=$(cat acknowledged-* | wc -l); until [ $(cat acknowledged-* | wc -l) -gt $((n + 20)) ]; do sleep 0.05; done; }
touch refused acknowledged-one acknowledged-two
writer $url one & one=$!
writer $url2 two & two=$!
wrote
send POST /storage/switch/mysql "$root" | grep -o 'there is no store named mysql'
send POST /storage/switch/pg "$root" | grep -o '"is_applied":false.*"target":"empty"' | sed 's/,"rows.*"target/ … "target/'
change pg | sed 's/.*"from":"\([a-z]*\)","to":"\([a-z]*\)","state":"\([a-z]*\)".* /\1 \2 \3 /'
arrived $url pg; arrived $url2 pg
wrote
change sqlite | sed 's/.*"from":"\([a-z]*\)","to":"\([a-z]*\)","state":"\([a-z]*\)".* /\1 \2 \3 /'
arrived $url sqlite; arrived $url2 sqlite
wrote
touch stop; wait $one; wait $two
sort acknowledged-* >acknowledged
keys $url | sort >there
cmp acknowledged there && echo same
keys $url2 | sort | cmp acknowledged - && echo both
cat refused
)sh");
  EXPECT_EQ(said,
            "\"is_superuser\":true\n"
            "there is no store named mysql\n"
            "\"is_applied\":false … \"target\":\"empty\"\n"
            "200\nsqlite pg copying 202\n"
            "200\npg sqlite copying 202\n"
            "same\nboth\n"
            "second exit 0\nexit 0\n")
      << read("server.log") << read("second.log");
  // One event for each write, and the log goes on over both changes.
  const Ran events = writ({"ledger", "list", "--json", "--limit", "10000"});
  std::size_t written = 0;
  std::size_t changes = 0;
  for (const Value& event : json_lines(events.out)) {
    const std::string type(event.string_or("type", ""));
    written += type == "writ.storage.changed" ? 1 : 0;
    changes += type.starts_with("writ.store_switch.") ? 1 : 0;
  }
  const std::string acknowledged = read("acknowledged");
  EXPECT_EQ(written, static_cast<std::size_t>(std::ranges::count(acknowledged, '\n')));
  EXPECT_EQ(changes, 6u);
  EXPECT_EQ(writ({"ledger", "verify"}).exit, 0);
}

TEST_F(StoreSwitchTest, TheCommandLineFollowsToWhereTheStoreHasGone) {
  const std::string said = served(R"sh(
send POST /storage/app/flag "$root" '{"value":1}' | code
change pg | code
arrived $url pg
send POST /storage/app/flag "$root" '{"value":2}' | code
)sh");
  EXPECT_TRUE(contains(said, "201\n202\n200\n")) << said << read("server.log");
  const Ran listed = writ({"ledger", "list", "--json", "--limit", "10000"});
  EXPECT_TRUE(contains(listed.out, "writ.store_switch.done")) << listed.text();
  // Settings that do not know the name say so, and the old file is not taken for the store.
  environment_.erase("WRIT_STORAGE_BACKENDS");
  const Ran lost = writ_expecting(2, {"ledger", "list"});
  EXPECT_TRUE(contains(lost.err, "there is no store named pg")) << lost.text();
  EXPECT_TRUE(contains(lost.err, "storage.backends")) << lost.text();
}

TEST_F(StoreSwitchTest, OneAdministratorAloneChangesNothingAndTakesBackWhatIsUnderWay) {
  const std::string said = served(R"sh(
ada=$(send POST /auth/register '' "{\"email\":\"ada@example.org\",\"password\":\"$password\"}" | member id)
ada=$(login ada@example.org "$password" | member access_token)
send POST /storage/switch/pg "$ada" | code
send POST '/storage/switch/pg?apply=true' "$root" | grep -o '"act":"[a-z-]*"'
send DELETE /storage/switch "$root" | member detail
standing $url
)sh");
  EXPECT_TRUE(contains(said,
                       "403\n\"act\":\"switch-store\"\nthe store is not being changed\n"
                       "{\"backend\":\"sqlite\",\"backends\":[\"pg\",\"sqlite\"]}"))
      << said;
}

}  // namespace
}  // namespace writ::e2e
