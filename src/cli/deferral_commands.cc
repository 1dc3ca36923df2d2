// writ assume, deferral add, close, list: what is left open, and who settles it.
#include <algorithm>
#include <memory>
#include <ostream>

#include "base/json.h"
#include "cli/find_step.h"
#include "cli/handlers.h"
#include "cli/open_matters.h"
#include "cli/project.h"
#include "cli/remote_desk.h"
#include "cli/report.h"
#include "cli/run_desk.h"
#include "cli/server_client.h"
#include "cli/wiring.h"
#include "execution/journal.h"
#include "execution/run_document.h"

namespace writ::cli {
namespace {

constexpr std::size_t kRunsListed = 10'000;

using execution::Intent;
using identity::StatementKind;

Result<execution::OpenMatter> matter_of(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  execution::OpenMatter matter;
  matter.what = arguments.value("--what").value_or("");
  matter.owner = arguments.value("--owner").value_or("");
  matter.unblocker = arguments.value("--unblocker").value_or("");
  if (const auto due = arguments.value("--due")) {
    WRIT_TRY(matter.due, execution::parse_due(*due));
  }
  return matter;
}

// The assumption is refused, and does not get lost by that.
std::unexpected<Error> put_off_instead(const protocol::Plan& plan,
                                       const execution::Deferral& deferral) {
  const auto invariant =
      std::ranges::find(plan.invariants, deferral.invariant, &protocol::Invariant::id);
  const std::string text = invariant == plan.invariants.end() ? "" : invariant->text;
  return fail(Code::not_permitted,
              "this touches invariant " + deferral.invariant + " (" + text +
                  "), which no assumption may; it stands as deferral " + deferral.id.text(),
              "Have it decided, then `writ deferral close latest " + deferral.id.text() +
                  " --key FILE --reason TEXT`");
}

Result<std::unique_ptr<RunDesk>> desk_of(const CommandContext& context) {
  return open_run_desk(context, context.arguments.positional("RUN"));
}

Result<std::string> step_of(const CommandContext& context, const RunDesk& desk) {
  return find_step(desk.plan(), context.arguments.positional("STEP"));
}

// Of the run that was named; else of the newest of each spec, which has what earlier ones left
// open. A list of {"run", "spec", "deferrals"}.
Result<Array> deferrals_at(const CommandContext& context, ServerClient& server) {
  const std::string all = context.arguments.has("--all") ? "?all=true" : "";
  const std::string named = context.arguments.positional("RUN");
  if (!named.empty()) {
    WRIT_CHECK(expect_run_name(named));
    WRIT_TRY(Value one, server.get("/runs/" + named + "/deferrals" + all));
    return Array{std::move(one)};
  }
  WRIT_TRY(const Value answer, server.get("/deferrals" + all));
  const Value* const runs = answer.find("runs");
  if (runs != nullptr && runs->is_array()) return runs->as_array();
  return fail(Code::unavailable, "the server's answer holds no runs");
}

Result<Array> deferrals_here(const CommandContext& context) {
  WRIT_TRY(const auto project, open_project(context));
  std::vector<execution::RunRow> rows;
  const std::string named = context.arguments.positional("RUN");
  if (named.empty()) {
    WRIT_TRY(rows, execution::newest_of_each_spec(project->store(), kRunsListed));
  } else {
    WRIT_TRY(const RunId run, project->resolve_run(named));
    WRIT_TRY(const auto journal,
             execution::Journal::open(project->journal_deps(crypto::KeyId{}), run));
    rows.push_back(journal.state().run);
  }
  const auto closed =
      context.arguments.has("--all") ? execution::Closed::too : execution::Closed::left_out;
  Array out;
  for (const execution::RunRow& row : rows) {
    out.push_back(execution::run_deferrals_value(row, closed, context.wiring.clock.wall()));
  }
  return out;
}

Result<Array> deferrals_listed(const CommandContext& context) {
  WRIT_TRY(const auto server, ServerClient::find(context));
  WRIT_TRY(Array all, server != nullptr ? deferrals_at(context, *server) : deferrals_here(context));
  std::erase_if(all, [](const Value& run) {
    const Value* const deferrals = run.find("deferrals");
    return deferrals == nullptr || !deferrals->is_array() || deferrals->as_array().empty();
  });
  return all;
}

}  // namespace

Result<int> assume(const CommandContext& context) {
  WRIT_TRY(const auto desk, desk_of(context));
  WRIT_TRY(const std::string step, step_of(context, *desk));
  Intent intent{StatementKind::assumption, step};
  WRIT_TRY(intent.matter, matter_of(context));
  intent.about = context.arguments.values("--about");
  WRIT_TRY(const execution::Draft said, say(context, *desk, std::move(intent)));
  if (said.matter.deferral) return put_off_instead(desk->plan(), *said.matter.deferral);
  report(context, Object{{"run", desk->run().text()}, {"step", step}, {"act", "assumed"}},
         "recorded for " + step + " of run " + desk->run().text() + "\n");
  return 0;
}

Result<int> deferral_add(const CommandContext& context) {
  WRIT_TRY(const auto desk, desk_of(context));
  WRIT_TRY(const std::string step, step_of(context, *desk));
  Intent intent{StatementKind::deferral, step};
  WRIT_TRY(intent.matter, matter_of(context));
  WRIT_TRY(const execution::Draft said, say(context, *desk, std::move(intent)));
  const std::string id = said.matter.deferral ? said.matter.deferral->id.text() : "";
  report(context,
         Object{{"run", desk->run().text()}, {"step", step}, {"act", "deferred"}, {"deferral", id}},
         "deferral " + id + " of run " + desk->run().text() +
             "\n  it is listed until `writ deferral close`, and nothing is attested before\n");
  return 0;
}

Result<int> deferral_close(const CommandContext& context) {
  WRIT_TRY(const auto desk, desk_of(context));
  WRIT_TRY(const DeferralId id, DeferralId::parse(context.arguments.positional("DEFERRAL")));
  Intent intent{StatementKind::closure};
  intent.deferral = id;
  intent.reason = context.arguments.value("--reason").value_or("");
  WRIT_CHECK(say(context, *desk, std::move(intent)));
  report(context, Object{{"run", desk->run().text()}, {"deferral", id.text()}, {"act", "closed"}},
         "closed deferral " + id.text() + "\n  next: writ resume\n");
  return 0;
}

Result<int> deferral_list(const CommandContext& context) {
  WRIT_TRY(Array listed, deferrals_listed(context));
  if (context.global.is_json) {
    context.wiring.out << to_pretty_json(Value(std::move(listed)));
    return 0;
  }
  const WallTime now = context.wiring.clock.wall();
  const Style style(context.global.has_color);
  for (const Value& run : listed) {
    context.wiring.out << "run " << run.string_or("run", "") << "  " << run.string_or("spec", "")
                       << "\n";
    for (const Value& item : run.find("deferrals")->as_array()) {
      WRIT_TRY(const execution::Deferral deferral, execution::deferral_from_value(item));
      print_deferral(context.wiring.out, style, deferral, now);
    }
  }
  return 0;
}

}  // namespace writ::cli
