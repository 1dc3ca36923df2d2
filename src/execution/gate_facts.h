#pragma once
// The facts that a gate sees: aggregated from the evidence of the steps it looks at, of the tree
// it judges and nothing else (LAW-31), plus what follows from plan and state themselves
// (acceptance, risk, unfinished steps, deferrals).
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "evidence/record.h"
#include "execution/state.h"
#include "policy/facts.h"
#include "protocol/plan.h"

namespace writ::execution {

struct FactScope {
  const protocol::Plan& plan;
  const RunState& state;
  std::span<const evidence::Record> evidence;  // of the whole run; newest attempts count
  std::span<const std::string> over;           // steps whose evidence the gate sees
  std::string_view step;                       // whose gate it is; empty: of the run
  std::uint32_t attempt = 0;
  std::string_view tree;  // hex
};

Result<policy::Facts> collect_facts(const FactScope& scope);

}  // namespace writ::execution
