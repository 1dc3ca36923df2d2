// Writ's own resources over HTTP: the real binary, its own socket, answers held to the contract.
#include <algorithm>

#include "writ_shell.h"

namespace writ::e2e {
namespace {

class ResourcesTest : public WritTest {
 protected:
  void SetUp() override {
    if (bash("command -v curl || true").empty()) GTEST_SKIP() << "curl is not installed";
    set_up();
  }

  // What `script` prints while `writ serve` listens. `ask PATH` asks the project's own socket and
  // ends the answer with a line feed.
  std::string served(const std::string& script) const {
    return bash("coproc server { exec " WRIT_BINARY
                " serve --addr 127.0.0.1:0 --check-answers; }\n"
                "pid=$server_PID; trap 'kill -9 $pid 2>/dev/null || true' EXIT\n"
                "read -r line <&\"${server[0]}\"; url=${line#listening on }\n"
                "ask() { curl -sS -w '\\n' --unix-socket .writ/serve.sock \"http://writ$@\"; }\n"
                "at=http://writ\n" +
                script + "\nkill -TERM $pid; wait $pid\n");
  }
  Value asked(const std::string& path) const { return json(served("ask '" + path + "'")); }
};

constexpr std::string_view kSteps = "steps:\n  - {id: a, run: echo a}\n  - {id: b, run: 'false'}\n";

constexpr const char* kOrder =
    R"({"specversion":"1.0","id":"42","source":"/shop","type":"shop.order.placed",)"
    R"("subject":"order/42","data":{"total":12}})";

TEST_F(ResourcesTest, AnswersWhatTheCommandLinePrints) {
  EXPECT_NE(apply(spec_of(kSteps)).exit, 0);
  const auto said =
      json_lines(served("for path in '' /plan /steps /steps/main%2Fa /evidence /blockers "
                        "/decisions; do ask /writ/v1/runs/latest$path; done\n"
                        "ask /writ/v1/trust; ask /writ/v1/runs"));
  ASSERT_EQ(said.size(), 9u);
  const Value status = json(writ({"status", "--json"}).out);
  EXPECT_EQ(said[0], status);
  EXPECT_EQ(text_at(said[1], {"plan", "spec_id"}), "demo");
  EXPECT_EQ(at(said[2], {"steps"}), at(status, {"steps"}));
  EXPECT_EQ(said[3], json(writ({"explain", "main/a", "--json"}).out));
  EXPECT_EQ(text_at(said[4], {"evidence", "0", "step"}), "main/a");
  EXPECT_EQ(at(said[5], {"blockers"}), at(status, {"blockers"}));
  EXPECT_EQ(size_at(said[6], {"decisions"}), 0u);
  EXPECT_EQ(said[7], json(writ({"trust", "show", "--json"}).out));
  EXPECT_EQ(at(said[8], {"runs", "0"}), at(status, {"run"}));
}

TEST_F(ResourcesTest, NamesRunsAndStepsThatAreNotThere) {
  const auto said =
      json_lines(served("ask /writ/v1/runs/latest; ask /writ/v1/runs/0123; "
                        "ask /writ/v1/runs/NONE"));
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0].string_or("detail", ""), "there is no run yet");
  EXPECT_EQ(said[1].string_or("detail", ""), "no run begins with 0123");
  EXPECT_EQ(said[2].string_or("code", ""), "not_found");
  EXPECT_NE(apply(spec_of(kSteps)).exit, 0);
  const Value step = asked("/writ/v1/runs/latest/steps/a%2Fb");
  EXPECT_EQ(step.string_or("detail", ""), "the run has no step a/b");
  EXPECT_EQ(step.string_or("code", ""), "not_found");
}

TEST_F(ResourcesTest, TakesAnEventOnceAndProvesIt) {
  write("order.json", kOrder);
  const auto said = json_lines(served(R"sh(
send() { ask /writ/v1/events -H 'Content-Type: application/json' --data-binary @order.json; }
send; send
for i in 1 2 3 4 5 6 7 8 9 10; do
  ask '/writ/v1/events?type=shop.' > list.json; grep -q order/42 list.json && break; sleep 0.2
done
cat list.json
)sh" WRIT_BINARY R"sh( ledger checkpoint >/dev/null
ask /writ/v1/checkpoint
ask /writ/v1/events/$(sed 's/.*"id":"\([^"]*\)".*/\1/' list.json)/proof
)sh"));
  ASSERT_EQ(said.size(), 5u);
  const std::string id = text_at(said[0], {"ids", "0"});
  EXPECT_EQ(said[1], said[0]) << "the same event is taken for what it is";
  EXPECT_EQ(size_at(said[2], {"events"}), 1u);
  EXPECT_EQ(text_at(said[2], {"events", "0", "id"}), id);
  EXPECT_TRUE(text_at(said[2], {"events", "0", "writactor"}).starts_with("key:"));
  EXPECT_EQ(said[3], json(writ({"ledger", "checkpoint", "--json"}).out));
  EXPECT_EQ(said[4], json(writ({"ledger", "prove", id, "--json"}).out));
}

TEST_F(ResourcesTest, StreamsEventsAndGoesOnWhereAConnectionBroke) {
  EXPECT_NE(apply(spec_of(kSteps)).exit, 0);
  write("order.json", kOrder);
  // Before a server is there, which would give events their places in its own time.
  const std::string list = writ({"ledger", "list", "--json"}).out;
  const std::string said = served("n=" + std::to_string(std::ranges::count(list, '\n')) + R"sh(
stream() { timeout 20 curl -sSN --unix-socket .writ/serve.sock "$at/writ/v1/events/stream$@"; }
grep -m $n ^id < <(stream '') > all.txt
grep -m $((n - 2)) ^id < <(stream '' -H 'Last-Event-ID: 1') > rest.txt
sed -n 1,2p all.txt
sed 1,2d all.txt | cmp - rest.txt
stream '?type=shop.' -D head.txt > shop.txt &
)sh" WRIT_BINARY R"sh( ledger append order.json --json > appended.json
for i in $(seq 100); do grep -q ^id shop.txt && break; sleep 0.1; done
sed 's/.*"writindex":"\([0-9]*\)".*/id: \1/' appended.json | cmp - <(grep ^id shop.txt)
grep -i '^content-type' head.txt
)sh");
  EXPECT_EQ(said, "id: 0\nid: 1\nContent-Type: text/event-stream\r\n");
}

TEST_F(ResourcesTest, AsksWhoComesFromElsewhereForACredential) {
  const auto said =
      json_lines(served("curl -sS -w '\\n' $url/writ/v1/runs\n"
                        "ask /writ/v1/runs -H 'X-Forwarded-For: 192.0.2.1'\n"
                        "stat -c '{\"mode\":\"%a\"}' .writ/serve.sock\n"));
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0].string_or("detail", ""), "this asks for a credential");
  EXPECT_EQ(said[1].string_or("code", ""), "unauthenticated");
  EXPECT_EQ(said[2].string_or("mode", ""), "600");
}

TEST_F(ResourcesTest, LeavesTheSocketToTheServerThatHasIt) {
  const std::string said =
      served("coproc second { exec " WRIT_BINARY
             " serve --addr 127.0.0.1:0 --check-answers; } 2>/dev/null\n"
             "other=$second_PID; read -r line <&\"${second[0]}\"; echo \"${line%%:*}\"\n"
             "kill -TERM $other; wait $other\nask /writ/v1/runs\n");
  EXPECT_EQ(said, "listening on http\n{\"runs\":[]}\n");
}

}  // namespace
}  // namespace writ::e2e
