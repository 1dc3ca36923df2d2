// writ assume, deferral add, close, list: what is left open, and who settles it.
#include <algorithm>
#include <ostream>
#include <set>

#include "base/json.h"
#include "cli/desk.h"
#include "cli/find_step.h"
#include "cli/handlers.h"
#include "cli/open_matters.h"
#include "cli/report.h"
#include "cli/wiring.h"
#include "execution/run_archive.h"
#include "execution/run_document.h"

namespace writ::cli {
namespace {

constexpr std::size_t kRunsListed = 10'000;

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

// The run that was named; else the newest of each spec, which has what earlier ones left open.
Result<std::vector<execution::RunRow>> runs_to_list(const CommandContext& context,
                                                    Project& project) {
  WRIT_TRY(auto rows, execution::list_runs(project.store(), kRunsListed));
  const std::string named = context.arguments.positional("RUN");
  if (!named.empty()) {
    WRIT_TRY(const RunId run, project.resolve_run(named));
    std::erase_if(rows, [&](const execution::RunRow& row) { return row.id != run; });
    return rows;
  }
  std::set<std::string> seen;
  std::erase_if(rows, [&](const auto& row) { return !seen.insert(row.spec_id).second; });
  return rows;
}

}  // namespace

Result<int> assume(const CommandContext& context) {
  WRIT_TRY(const Desk desk, open_desk(context));
  WRIT_TRY(const crypto::SecretKey key, signer_of(context, *desk.project));
  WRIT_TRY(const std::string step, find_step(desk.plan(), context.arguments.positional("STEP")));
  WRIT_TRY(const execution::OpenMatter matter, matter_of(context));
  WRIT_CHECK(execution::assume(desk.act_deps(key.id()), desk.run(), step, key, matter.what,
                               context.arguments.values("--about"), matter));
  report(context, Object{{"run", desk.run().text()}, {"step", step}, {"act", "assumed"}},
         "recorded for " + step + " of run " + desk.run().text() + "\n");
  return 0;
}

Result<int> deferral_add(const CommandContext& context) {
  WRIT_TRY(const Desk desk, open_desk(context));
  WRIT_TRY(const crypto::SecretKey key, signer_of(context, *desk.project));
  WRIT_TRY(const std::string step, find_step(desk.plan(), context.arguments.positional("STEP")));
  WRIT_TRY(const execution::OpenMatter matter, matter_of(context));
  WRIT_TRY(const execution::Deferral deferral,
           execution::defer(desk.act_deps(key.id()), desk.run(), step, key, matter));
  report(context,
         Object{{"run", desk.run().text()},
                {"step", step},
                {"act", "deferred"},
                {"deferral", deferral.id.text()}},
         "deferral " + deferral.id.text() + " of run " + desk.run().text() +
             "\n  it is listed until `writ deferral close`, and nothing is attested before\n");
  return 0;
}

Result<int> deferral_close(const CommandContext& context) {
  WRIT_TRY(const Desk desk, open_desk(context));
  WRIT_TRY(const crypto::SecretKey key, signer_of(context, *desk.project));
  WRIT_TRY(const DeferralId id, DeferralId::parse(context.arguments.positional("DEFERRAL")));
  WRIT_CHECK(execution::close_deferral(desk.act_deps(key.id()), desk.run(), id, key,
                                       context.arguments.value("--reason").value_or("")));
  report(context, Object{{"run", desk.run().text()}, {"deferral", id.text()}, {"act", "closed"}},
         "closed deferral " + id.text() + "\n  next: writ resume\n");
  return 0;
}

Result<int> deferral_list(const CommandContext& context) {
  WRIT_TRY(const auto project, open_project(context));
  WRIT_TRY(const auto rows, runs_to_list(context, *project));
  const WallTime now = context.wiring.clock.wall();
  const Style style(context.global.has_color);
  Array listed;
  for (execution::RunRow row : rows) {
    if (!context.arguments.has("--all")) row.deferrals = execution::open_deferrals(row);
    if (row.deferrals.empty()) continue;
    if (context.global.is_json) {
      listed.push_back(Object{{"run", row.id.text()},
                              {"spec", row.spec_id},
                              {"deferrals", execution::deferrals_value(row, now)}});
      continue;
    }
    context.wiring.out << "run " << row.id.text() << "  " << row.spec_id << "\n";
    for (const auto& deferral : row.deferrals) {
      print_deferral(context.wiring.out, style, deferral, now);
    }
  }
  if (context.global.is_json) context.wiring.out << to_pretty_json(Value(std::move(listed)));
  return 0;
}

}  // namespace writ::cli
