// `writ serve` kept up to date by bundles: from another `writ serve`, from files, from disk.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class BundlesTest : public WritTest {
 protected:
  void SetUp() override {
    if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
  }

  // A folder to be packed: `app` at a revision, where `allow` is so.
  void bundle(const std::string& folder, const std::string& revision, const char* allow,
              const std::string& root = "app") const {
    write(folder + "/.manifest",
          R"({"revision": ")" + revision + R"(", "roots": [")" + root + R"("]})");
    write(folder + "/" + root + "/p.rego",
          "package " + root + "\n\nallow := " + std::string(allow) + "\n");
  }

  // What `script` prints. `start NAME WORDS…` starts a server and sets $NAME to its URL; `publish
  // FOLDER FILE` replaces a packed bundle in one step; `until_true COMMAND…` waits for it.
  std::string scripted(const std::string& script) const {
    return bash(R"(pids=; trap 'kill -9 $pids 2>/dev/null || true' EXIT
start() {
  local name=$1; shift
  )" WRIT_BINARY R"( serve --addr 127.0.0.1:0 --check-answers "$@" > $name.out 2> $name.err &
  local pid=$!; pids="$pids $pid"
  until grep -q listening $name.out; do
    kill -0 $pid 2>/dev/null || { cat $name.err; exit 1; }
    sleep 0.02
  done
  eval "$name=\$(sed -n 's/listening on //p' $name.out) ${name}_pid=$pid"
}
publish() { tar -czf $2.part -C $1 . && mv $2.part $2; }
until_true() { for i in $(seq 500); do "$@" > /dev/null 2>&1 && return; sleep 0.02; done; echo "never: $*"; }
says() { curl -s $1 | grep -q "$2"; }
message() { curl -s $1/v1/status | grep -o '"message":"[^}]*' || true; }
)" + script);
  }
};

TEST_F(BundlesTest, ReachAServerAtOnceAndNoRequestFails) {
  bundle("v1", "r1", "false");
  bundle("v2", "r2", "true");
  write("c.yaml", R"(services:
  publisher: {url: "${PUBLISHER}"}
labels: {region: eu}
bundles:
  app:
    service: publisher
    resource: bundles/app.tar.gz
    polling: {min_delay_seconds: 3600, max_delay_seconds: 7200, long_polling_timeout_seconds: 60}
)");
  const std::string said = scripted(R"(
mkdir out; publish v1 out/app.tar.gz
start publisher --bundle-dir out
export PUBLISHER=$publisher
start server -c c.yaml
until_true curl -sf "$server/health?bundles"
curl -s $server/v1/data/app/allow
( while [ ! -e stop ]; do curl -s -o /dev/null -w '%{http_code}\n' $server/v1/data/app/allow; done > codes ) & asking=$!
until_true test -s codes
begin=$(date +%s%N)
publish v2 out/app.tar.gz
until_true says $server/v1/data/app/allow true
took=$(( ($(date +%s%N) - begin) / 1000000 ))
touch stop; wait $asking
sort -u codes
[ $took -lt 5000 ] && echo "at once" || echo "after $took ms"
curl -s $server/v1/status | grep -o '"active_revision":"[^"]*"'
curl -s $server/v1/config | grep -o '"labels":{[^,]*,"region":"eu"' | sed 's/"id":"[^"]*"/ID/'
curl -s $server/metrics | grep '^bundle_loaded_counter'
)");
  EXPECT_EQ(said,
            "{\"result\":false}\n200\nat once\n\"active_revision\":\"r2\"\n"
            "\"labels\":{ID,\"region\":\"eu\"\nbundle_loaded_counter{name=\"app\"} 2\n");
}

TEST_F(BundlesTest, StayAtTheLastGoodOneWhenABadOneComes) {
  bundle("good", "r1", "true");
  bundle("taken", "t1", "true", "other");
  bundle("overlap", "r2", "false", "other");
  bundle("broken", "r3", "nothing.there(");
  bundle("unsigned", "r4", "false");
  write("secret", "the right one");
  write("wrong", "another one");
  write("c.yaml", R"(keys:
  k: {algorithm: HS256, key: "the right one"}
bundles:
  app:
    resource: file://in/app.tar.gz
    polling: {min_delay_seconds: 0.1, max_delay_seconds: 0.2}
    size_limit_bytes: 100000
    signing: {keyid: k}
  taken:
    resource: file://in/taken.tar.gz
)");
  const std::string said = scripted(
      R"(
mkdir in
pack() { (cd $1 && )" WRIT_BINARY
      R"( policy build -b . --signing-alg HS256 --signing-key $2 -o ../in/part); mv in/part in/app.tar.gz; }
pack good ../secret; publish taken in/taken.tar.gz
start server -c c.yaml
until_true curl -sf "$server/health?bundles"
bad() {
  until_true says $server/v1/status "$1"
  curl -s $server/v1/data/app/allow
  pack good ../secret
  if curl -s $server/v1/status | grep -q message; then until_true quiet; fi
}
quiet() { ! says $server/v1/status message; }
head -c 150 in/app.tar.gz > in/part; mv in/part in/app.tar.gz; bad truncated
head -c 60000000 /dev/zero > zeros; tar -czf in/part zeros; mv in/part in/app.tar.gz; bad 'unpacks to more than is allowed'
tar -czPf in/part --transform 's#^good#../good#' good; mv in/part in/app.tar.gz; bad 'leaves the archive'
pack good ../wrong; bad 'failed to verify JWT signature'
publish unsigned in/app.tar.gz; bad 'signature'
pack overlap ../secret; bad 'overlapping roots in manifests for these bundles'
curl -s $server/v1/status | grep -o '"active_revision":"[^"]*"'
curl -s -o /dev/null -w '%{http_code}\n' "$server/health?bundles"
)");
  const std::string still = "{\"result\":true}\n";
  EXPECT_EQ(said, still + still + still + still + still + still +
                      "\"active_revision\":\"r1\"\n\"active_revision\":\"t1\"\n200\n");
}

TEST_F(BundlesTest, AreThereFromDiskAndGoBackToAnEarlierRevision) {
  bundle("v1", "r1", "false");
  bundle("v2", "r2", "true");
  write("c.yaml", R"(services:
  publisher: {url: "${PUBLISHER}"}
persistence_directory: kept
bundles:
  app: {persist: true, polling: {min_delay_seconds: 0.1, max_delay_seconds: 0.2}}
)");
  const std::string said = scripted(R"(
mkdir out; publish v1 out/app.tar.gz
start publisher --bundle-dir out
export PUBLISHER=$publisher
start first -c c.yaml
until_true says $first/v1/data/app/allow false
publish v2 out/app.tar.gz
until_true says $first/v1/data/app/allow true
until_true cmp out/app.tar.gz kept/bundles/app/bundle.tar.gz
kill -9 $first_pid $publisher_pid
start second -c c.yaml
curl -s "$second/health?bundles"
curl -s $second/v1/data/app/allow
)" WRIT_BINARY R"( policy rollback app --persistence-dir kept
until_true says $second/v1/data/app/allow false
)" WRIT_BINARY R"( policy rollback app --persistence-dir kept --list
curl -s $second/v1/data/app/allow
)");
  EXPECT_TRUE(said.starts_with("{}\n{\"result\":true}\nbundle app is at revision r1 (")) << said;
  EXPECT_TRUE(contains(said, " refused\nr1 ")) << said;
  EXPECT_TRUE(contains(said, " current\n{\"result\":false}\n")) << said;
}

TEST_F(BundlesTest, AreConfiguredWithoutMistakes) {
  write("c.yaml", "services:\n  a: {url: 'http://127.0.0.1:1', tokn: x}\nbundels: {}\n");
  const Ran wrong = writ_expecting(2, {"serve", "--addr", "127.0.0.1:0", "-c", "c.yaml"});
  EXPECT_TRUE(contains(wrong.err, "c.yaml:2:34")) << wrong.text();
  EXPECT_TRUE(contains(wrong.err, "unknown key `bundels` (did you mean `bundles`?)"))
      << wrong.text();
  const Ran none = writ_expecting(2, {"policy", "rollback", "app"});
  EXPECT_TRUE(contains(none.err, "nothing is kept of bundle \"app\"")) << none.text();
  const Ran outside = writ_expecting(2, {"policy", "rollback", "../app"});
  EXPECT_TRUE(contains(outside.err, "..")) << outside.text();
}

}  // namespace
}  // namespace writ::e2e
