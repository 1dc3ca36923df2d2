#include "people.h"

namespace writ::e2e {
namespace {

constexpr const char* kWords = R"(
password='violet harbour 71 lamps'
say() { curl -sS -w ' %{http_code}\n' "$@"; }
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
login() { curl -sS $url/auth/jwt/login --data-urlencode "username=$1" --data-urlencode "password=$2"; }
send() { local method=$1 path=$2 token=$3 body=$4
  say -X $method "$url$path" ${token:+-H "Authorization: Bearer $token"} \
    ${body:+-H 'Content-Type: application/json' -d "$body"}; }
)";

}  // namespace

void PeopleTest::SetUp() {
  if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
  set_up();
  const Ran made =
      writ({"identity", "bootstrap-admin", "root@example.org"}, std::string(kPassword) + "\n");
  ASSERT_EQ(made.exit, 0) << made.text();
  EXPECT_EQ(made.out, "root@example.org administers this server\n");
}

std::string PeopleTest::served(const std::string& script) const {
  return bash("coproc server { exec " WRIT_BINARY
              " serve --addr 127.0.0.1:0 --check-answers 2>server.log; }\n"
              "pid=$server_PID; trap 'kill -9 $pid 2>/dev/null || true' EXIT\n"
              "read -r line <&\"${server[0]}\"; url=${line#listening on }\n" +
              std::string(kWords) + script +
              "\nkill -TERM $pid; code=0; wait $pid || code=$?; echo \"exit $code\"\n");
}

}  // namespace writ::e2e
