// writ ledger: the log, looked at and added to by hand.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class LedgerTest : public WritTest {
 protected:
  void start() {
    set_up();
    ASSERT_EQ(apply(spec_of("steps:\n  - {id: a, run: echo a}\n")).exit, 0);
  }
  std::string first_event() const {
    const auto events = json_lines(writ({"ledger", "list", "--json", "--limit", "1"}).out);
    return events.empty() ? "" : std::string(events[0].string_or("id", ""));
  }
};

constexpr std::string_view kForeign =
    R"({"specversion":"1.0","id":"42","source":"/shop","type":"shop.order.placed",)"
    R"("subject":"order/42","time":"2026-01-01T00:00:00Z","data":{"total":12.5}})";

TEST_F(LedgerTest, ListsTheEventsOfARun) {
  start();
  const auto events = json_lines(writ_expecting(0, {"ledger", "list", "--json"}).out);
  ASSERT_GE(events.size(), 3u);
  EXPECT_EQ(events[0].string_or("type", ""), "writ.run.started");
  EXPECT_EQ(events[0].string_or("specversion", ""), "1.0");
  EXPECT_EQ(events[0].string_or("writindex", ""), "0");
  const auto completed = json_lines(
      writ_expecting(0, {"ledger", "list", "--json", "--type", "writ.step.completed"}).out);
  ASSERT_EQ(completed.size(), 1u);
  EXPECT_TRUE(contains(completed[0].string_or("subject", ""), "main/a"));
  const auto of_run =
      json_lines(writ_expecting(0, {"ledger", "list", "--json", "--run", "latest"}).out);
  EXPECT_EQ(of_run.size(), events.size());
  EXPECT_TRUE(json_lines(writ({"ledger", "list", "--json", "--type", "none."}).out).empty());
}

TEST_F(LedgerTest, SaysThatAListWasCut) {
  start();
  const Ran ran = writ_expecting(0, {"ledger", "list", "--limit", "2"});
  EXPECT_EQ(std::ranges::count(ran.out, '\n'), 2) << ran.out;
  EXPECT_TRUE(contains(ran.err, "--after 2")) << ran.err;
  writ_expecting(2, {"ledger", "list", "--limit", "many"});
}

TEST_F(LedgerTest, AppendsAForeignEventOnce) {
  set_up();
  const Ran first = writ({"ledger", "append"}, kForeign);
  EXPECT_EQ(first.exit, 0) << first.text();
  const Ran again = writ({"ledger", "append"}, kForeign);
  EXPECT_EQ(again.exit, 0) << again.text();
  const auto events = json_lines(writ({"ledger", "list", "--json", "--text", "12.5"}).out);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(text_at(events[0], {"data", "total"}), "12.5");
  write("other.json", std::string(kForeign.substr(0, kForeign.size() - 7)) + "13.5}}");
  EXPECT_EQ(writ({"ledger", "append", "other.json"}).exit, 2) << "the same id, other content";
}

TEST_F(LedgerTest, FindsAnEventByItsThreadAndItsTime) {
  set_up();
  write("event.json", R"({"specversion": "1.0", "id": "1", "source": "https://agent.example",)"
                      R"( "type": "example.decided", "time": "2026-02-01T00:00:00Z",)"
                      R"( "writthread": "talk/7", "writtags": "pii internal pii",)"
                      R"( "writfidelity": "replayed", "writtool": "agent/1.2"})");
  writ_expecting(0, {"ledger", "append", "event.json"});
  const auto list = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"ledger", "list", "--json"});
    return json_lines(writ_expecting(0, options).out);
  };
  const auto of_thread = list({"--thread", "talk/7"});
  ASSERT_EQ(of_thread.size(), 1u);
  EXPECT_EQ(of_thread[0].string_or("writtags", ""), "internal pii");
  EXPECT_EQ(of_thread[0].string_or("writfidelity", ""), "replayed");
  EXPECT_EQ(of_thread[0].string_or("writtool", ""), "agent/1.2");
  EXPECT_TRUE(list({"--thread", "talk"}).empty());
  const auto of_day = list({"--from", "2026-02-01T00:00:00Z", "--to", "2026-02-01T00:00:01Z"});
  ASSERT_EQ(of_day.size(), 1u);
  EXPECT_EQ(of_day[0].string_or("type", ""), "example.decided");
  const Ran wrong = writ_expecting(2, {"ledger", "list", "--from", "yesterday"});
  EXPECT_NE(wrong.err.find("--from takes a time, not yesterday"), std::string::npos) << wrong.err;
}

TEST_F(LedgerTest, SaysWhatARunWasMadeFromAndWithWhat) {
  start();
  const auto events =
      json_lines(writ_expecting(0, {"ledger", "list", "--json", "--type", "writ.run.started"}).out);
  ASSERT_EQ(events.size(), 1u);
  const Value* payload = events[0].find("data");
  ASSERT_NE(payload, nullptr);
  EXPECT_EQ(events[0].string_or("writrevision", ""), payload->string_or("base", "?"));
  EXPECT_NE(events[0]
                .string_or("writinputs", "")
                .find("sha256:" + std::string(payload->string_or("plan", "?"))),
            std::string::npos);
  EXPECT_TRUE(events[0].string_or("writtool", "").starts_with("writ/"));
}

TEST_F(LedgerTest, AppendsAnEventWithoutATimeOnce) {
  set_up();
  constexpr std::string_view kTimeless =
      R"({"specversion":"1.0","id":"1","source":"/shop","type":"t"})";
  EXPECT_EQ(writ({"ledger", "append", "-"}, kTimeless).exit, 0);
  EXPECT_EQ(writ({"ledger", "append", "-"}, kTimeless).exit, 0);
  const auto events = json_lines(writ({"ledger", "list", "--json"}).out);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_FALSE(contains(events[0].string_or("time", ""), "1970"));
}

TEST_F(LedgerTest, TakesAStreamOfEventsInBatches) {
  set_up();
  std::string lines;
  for (int i = 0; i < 600; ++i) {
    lines += R"({"specversion":"1.0","id":")" + std::to_string(i) +
             R"(","source":"/shop","type":"t","time":"2026-01-01T00:00:00Z"})" + "\n";
  }
  const std::string cut = lines + "{\"specversion\":\n";
  const Ran refused = writ({"ledger", "append", "--lines"}, cut);
  EXPECT_EQ(refused.exit, 2) << refused.text();
  EXPECT_TRUE(contains(refused.err, "standard input, line 601:1:16")) << refused.err;
  const Ran unknown = writ({"ledger", "append", "--lines"}, lines + "{\"specversion\":\"2\"}\n");
  EXPECT_TRUE(contains(unknown.err, "line 601; 512 events before it are in the log"))
      << unknown.err;
  const Ran taken = writ({"ledger", "append", "--lines", "--json"}, lines);
  EXPECT_EQ(taken.exit, 0) << taken.text();
  EXPECT_EQ(json(taken.out).integer_or("appended", 0), 600);
  const Value verified = json(writ_expecting(0, {"ledger", "verify", "--json"}).out);
  EXPECT_EQ(verified.integer_or("events", 0), 600) << "each is there once";
}

TEST_F(LedgerTest, KeepsAndChecksSignaturesOfSingleEvents) {
  set_up();
  trust_reviewer();
  const Ran ran = writ({"ledger", "append", "--sign", "--json"}, kForeign);
  ASSERT_EQ(ran.exit, 0) << ran.text();
  const std::string signatures = text_at(json(ran.out), {"writsignatures"});
  EXPECT_TRUE(signatures.starts_with("ed25519:")) << signatures;
  writ_expecting(0, {"ledger", "verify"});
  const Ran other = writ({"ledger", "append", "--json", "--key", reviewer()},
                         R"({"specversion":"1.0","id":"2","source":"/shop","type":"t"})");
  EXPECT_TRUE(contains(other.out, "ed25519:")) << other.text();
  const std::string forged = R"({"specversion":"1.0","id":"forged","source":"/shop","type":"t",)"
                             R"("writsignatures":")" +
                             signatures + "\"}";
  const Ran refused = writ({"ledger", "append"}, forged);
  EXPECT_EQ(refused.exit, 7) << refused.text();
  EXPECT_TRUE(contains(refused.err, "is not over this event")) << refused.err;
}

TEST_F(LedgerTest, RefusesWhatIsNoEvent) {
  set_up();
  EXPECT_EQ(writ({"ledger", "append"}, "{").exit, 2);
  EXPECT_EQ(writ({"ledger", "append"}, "[]").exit, 2);
  EXPECT_EQ(writ({"ledger", "append"}, R"({"specversion":"1.0"})").exit, 2);
  EXPECT_EQ(writ({"ledger", "append", "no-such-file"}).exit, 2);
  const Ran folder = writ({"ledger", "append", "--lines", "."});
  EXPECT_EQ(folder.exit, 9) << folder.text();
  EXPECT_TRUE(contains(folder.err, ". cannot be read")) << folder.err;
  const std::string of_run = std::string(kForeign.substr(0, kForeign.size() - 1)) +
                             R"(,"writrun":"01a1fc7e-7f54-70b2-95ec-ea705ebf148e","writseq":"1"})";
  EXPECT_EQ(writ({"ledger", "append"}, of_run).exit, 8) << "only a run writes its events";
}

TEST_F(LedgerTest, ShowsAnEvent) {
  start();
  const std::string id = first_event();
  const Value event = json(writ_expecting(0, {"ledger", "show", id}).out);
  EXPECT_EQ(event.string_or("id", ""), id);
  writ_expecting(2, {"ledger", "show", "01a1fc7e-7f54-70b2-95ec-ea705ebf148e"});
  writ_expecting(2, {"ledger", "show", "x"});
}

TEST_F(LedgerTest, ProvesAnEventUnderASignedHead) {
  set_up();
  ASSERT_EQ(writ({"ledger", "append"}, kForeign).exit, 0);
  EXPECT_EQ(writ({"ledger", "prove", first_event()}).exit, 9) << "no head is signed yet";
  const Ran head = writ_expecting(0, {"ledger", "checkpoint"});
  EXPECT_TRUE(contains(head.out, "\n1\n")) << head.out;
  const Ran proof = writ_expecting(0, {"ledger", "prove", first_event(), "--out", "proof.txt"});
  EXPECT_TRUE(contains(read("proof.txt"), "c2sp.org/tlog-proof@v1")) << read("proof.txt");
  EXPECT_TRUE(contains(read("proof.txt"), "writ.local/")) << read("proof.txt");
}

TEST_F(LedgerTest, VerifiesTheWholeLog) {
  start();
  writ_expecting(0, {"ledger", "checkpoint"});
  const Value report = json(writ_expecting(0, {"ledger", "verify", "--json"}).out);
  EXPECT_GE(report.integer_or("events", 0), 3);
  EXPECT_EQ(report.integer_or("pending", -1), 0);
}

TEST_F(LedgerTest, ExportsTilesAndLines) {
  start();
  const Ran lines =
      writ_expecting(0, {"ledger", "export", "--out", "log.jsonl", "--format", "jsonl"});
  const auto events = json_lines(read("log.jsonl"));
  ASSERT_GE(events.size(), 3u);
  writ_expecting(0, {"ledger", "export", "--out", "tiles"});
  EXPECT_TRUE(contains(read("tiles/checkpoint"), "writ.local/"));
  const std::string width = std::to_string(events.size());
  EXPECT_EQ(read("tiles/tile/0/000.p/" + width).size(), 32 * events.size());
  EXPECT_TRUE(contains(read("tiles/tile/entries/000.p/" + width), "writ.run.started"));
  writ_expecting(0, {"ledger", "export", "--out", "tiles"});
  writ_expecting(2, {"ledger", "export", "--out", "x", "--format", "xml"});
}

}  // namespace
}  // namespace writ::e2e
