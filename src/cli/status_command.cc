// writ status: how the newest run (or a given one) stands.
#include <fmt/format.h>

#include <ostream>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/open_matters.h"
#include "cli/run_desk.h"
#include "cli/style.h"
#include "cli/wiring.h"
#include "execution/compliance.h"
#include "execution/outcome.h"
#include "execution/run_document.h"

namespace writ::cli {
namespace {

// What was left open, and by whom: nothing of it is settled by being forgotten.
void print_open_matters(const CommandContext& context, const execution::RunRow& run) {
  std::ostream& out = context.wiring.out;
  const Style style(context.global.has_color);
  for (const execution::Assumption& assumption : run.assumptions) {
    out << "  assumed  " << printable(assumption.step) << "  " << printable(assumption.text)
        << "\n";
  }
  for (const execution::Deferral& deferral : run.deferrals) {
    if (deferral.is_open) print_deferral(out, style, deferral, context.wiring.clock.wall());
  }
}

void print_status(const CommandContext& context, const RunDesk& desk) {
  const execution::RunState& state = desk.state();
  std::ostream& out = context.wiring.out;
  const Style style(context.global.has_color);
  out << fmt::format("run {}  {}  {}  base {}  tree {}\n", state.run.id.text(), state.run.spec_id,
                     execution::status_name(state.run.status), state.run.base.substr(0, 12),
                     state.run.tree.substr(0, 12));
  for (std::size_t i = 0; i < state.steps.size(); ++i) {
    const execution::StepState& step = state.steps[i];
    const std::string attempt = step.attempt > 1 ? fmt::format("  attempt {}", step.attempt) : "";
    out << fmt::format("  {:8}  {}{}{}\n", execution::status_name(step.status),
                       desk.plan().steps[i].path, attempt,
                       step.reason.empty() ? "" : "  " + printable(step.reason));
  }
  for (const execution::Blocker& blocker : state.blockers) {
    if (!blocker.is_open) continue;
    out << style(Tone::bad,
                 fmt::format("  {} {}", execution::blocker_name(blocker.kind), blocker.id.text()))
        << "  " << blocker.step << "  " << printable(blocker.issue) << "\n";
  }
  print_open_matters(context, state.run);
  for (const auto& of : execution::compliance(desk.plan(), state)) {
    out << fmt::format("  {}: {} of {} steps passed{}\n", of.document, of.passed, of.steps,
                       of.open.empty() ? "" : ", not yet " + of.open);
  }
  out << "  next: " << execution::next_line(desk.plan(), state) << "\n";
}

}  // namespace

Result<int> status(const CommandContext& context) {
  WRIT_TRY(const auto desk, open_run_desk(context, context.arguments.positional("RUN")));
  if (context.global.is_json) {
    context.wiring.out << to_pretty_json(
        execution::status_value(desk->plan(), desk->state(), context.wiring.clock.wall()));
  } else {
    print_status(context, *desk);
  }
  return 0;
}

}  // namespace writ::cli
