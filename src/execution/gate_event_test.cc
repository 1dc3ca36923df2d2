#include "execution/gate_event.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace writ::execution {
namespace {

LoggedGate shut_gate(std::string_view body) {
  std::vector<policy::ModuleProblem> problems;
  auto gate = policy::make_rego_gate(
      "package g\nfailed := input.facts[\"tests.failed\"]\n" + std::string(body), {}, problems);
  EXPECT_TRUE(gate) << problems.front().message;
  LoggedGate decided;
  decided.record.step = "test/gate";
  decided.record.attempt = 2;
  decided.record.gate = *std::move(gate);
  decided.record.facts.run = Object{{"spec", "orders.book"}};
  decided.record.facts.step = Object{{"path", "test/gate"}};
  decided.record.facts.tree = "sha256:9b";
  decided.record.facts.facts["tests.failed"] = {0, {}};
  decided.record.decision = policy::evaluate(decided.record.gate, decided.record.facts);
  decided.event.entry.source = "writ:project/p";
  decided.event.entry.correlation = "run-1";
  decided.event.entry.context.tool = "writ/0.1.0";
  return decided;
}

TEST(GateEvent, IsOneOfADecisionLog) {
  const LoggedGate decided = shut_gate("allow := true\ndeny contains \"Mend it\" if failed == 0");
  EXPECT_EQ(
      to_json(gate_event(decided).value()),
      R"({"decision_id":"00000000-0000-0000-0000-000000000000",)"
      R"("labels":{"id":"writ:project/p","version":"writ/0.1.0"},"path":"writ/gate/decision",)"
      R"("input":{"format":"writ.facts/v1","run":{"spec":"orders.book"},)"
      R"("step":{"path":"test/gate"},"tree":"sha256:9b","facts":{"tests.failed":0}},)"
      R"("result":{"open":false,"reason":"Mend it: tests.failed is 0","outcome":"shut",)"
      R"("reasons":["Mend it"]},"timestamp":"1970-01-01T00:00:00.000000Z","correlation_id":"run-1",)"
      R"("gate":{"run":"00000000-0000-0000-0000-000000000000","step":"test/gate","attempt":2,)"
      R"("policy":"rego g, reads tests.failed","tree":"sha256:9b"}})");
}

TEST(GateEvent, SaysOfAPolicyThatFailedThatItDid) {
  const Value event = gate_event(shut_gate("allow if 1 / failed > 0")).value();
  EXPECT_EQ(event.find("error")->string_or("code", ""), "error");
  EXPECT_EQ(event.find("error")->string_or("message", ""),
            "the gate's policy has no answer: line 3: eval_builtin_error: div: divide by zero");
}

}  // namespace
}  // namespace writ::execution
