#include "server/runs/run_operations.h"

#include <utility>

#include "base/document.h"
#include "execution/explain.h"
#include "execution/run_document.h"
#include "project/trust_value.h"
#include "server/api/answers.h"

namespace writ::server {
namespace {

using execution::Journal;

constexpr std::size_t kRunsSearched = 10'000;
constexpr std::uint64_t kMaxAttestation = 16u << 20;

Result<Journal> journal_of(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const RunId run, project::resolve_run(needs.project.store(), call.text("run")));
  return Journal::open(needs.project.journal_deps(), run);
}

// The step that `?step=` asks for alone; empty: all.
std::string chosen_step(const Call& call) {
  const Value* const step = call.parameter("step");
  return step == nullptr ? std::string() : step->as_string();
}

template <typename Item, typename Write>
Array list_of(const Call& call, const std::vector<Item>& items, Write write) {
  const std::string step = chosen_step(call);
  Array out;
  for (const Item& item : items) {
    if (step.empty() || item.step == step) out.push_back(write(item));
  }
  return out;
}

Result<net::Answer> list_runs(const RunNeeds& needs, const Call& call) {
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  WRIT_TRY(const auto rows, execution::list_runs(needs.project.store(), limit));
  Array runs;
  for (const execution::RunRow& row : rows) runs.push_back(execution::to_value(row));
  return json(200, Object{{"runs", std::move(runs)}});
}

Result<net::Answer> get_run(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  return json(200, execution::status_value(journal.plan(), journal.state(), needs.clock.wall()));
}

Result<net::Answer> get_plan(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  return json(200, journal.plan().to_value());
}

Result<net::Answer> list_steps(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  return json(200, Object{{"steps", execution::steps_value(journal.plan(), journal.state())}});
}

Result<net::Answer> get_step(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  WRIT_TRY(const execution::Explanation explanation,
           execution::explain(journal, call.text("step")));
  return json(200, execution::to_value(explanation));
}

Result<net::Answer> list_evidence(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  WRIT_TRY(const auto records, journal.evidence());
  return json(200, Object{{"evidence", list_of(call, records, [](const evidence::Record& record) {
                             return record.to_value();
                           })}});
}

Result<net::Answer> list_blockers(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  return json(200, Object{{"blockers", execution::blockers_value(journal.state())}});
}

Result<net::Answer> list_decisions(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  WRIT_TRY(const auto decisions, journal.decisions());
  return json(200, Object{{"decisions",
                           list_of(call, decisions, [](const execution::DecisionRecord& decision) {
                             return decision.to_value();
                           })}});
}

execution::Closed which_of(const Call& call) {
  return call.flag("all") ? execution::Closed::too : execution::Closed::left_out;
}

Result<net::Answer> list_run_deferrals(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  return json(
      200, execution::run_deferrals_value(journal.state().run, which_of(call), needs.clock.wall()));
}

Result<net::Answer> list_deferrals(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const auto rows, execution::newest_of_each_spec(needs.project.store(), kRunsSearched));
  Array runs;
  for (const execution::RunRow& row : rows) {
    Value one = execution::run_deferrals_value(row, which_of(call), needs.clock.wall());
    if (!one.find("deferrals")->as_array().empty()) runs.push_back(std::move(one));
  }
  return json(200, Object{{"runs", std::move(runs)}});
}

Result<net::Answer> list_assumptions(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  return json(200, execution::run_assumptions_value(journal.state().run));
}

// The bytes as they are kept, which are canonical JSON.
Result<net::Answer> get_attestation(const RunNeeds& needs, const Call& call) {
  WRIT_TRY(const Journal journal, journal_of(needs, call));
  const std::string& kept = journal.state().run.attestation;
  if (kept.empty()) {
    return fail(Code::not_found, "run " + journal.state().run.id.text() + " is not attested",
                "`writ status` shows what it waits for");
  }
  WRIT_TRY(const crypto::Digest digest, crypto::Digest::parse_hex(kept));
  net::Response response;
  response.content_type = "application/json";
  WRIT_TRY(response.body, needs.project.blobs().read(digest, kMaxAttestation));
  return response;
}

// As it stands in the working tree: what the next run rests on, once it is committed.
Result<net::Answer> get_trust(const RunNeeds& needs, const Call&) {
  const project::Project* const project = needs.project.project();
  if (project == nullptr) {
    return fail(Code::not_found, "this server has a store, and no project with a trust file",
                "Start `writ serve` in a repository where `writ init` was run");
  }
  const auto document = load_document(project->paths().trust());
  identity::Trust trust;
  if (document) {
    WRIT_TRY(trust, identity::Trust::parse(*document));
  } else if (document.error().code != Code::not_found) {
    return std::unexpected(document.error());
  }
  return json(200, project::trust_value(trust, needs.clock.wall()));
}

using Function = Result<net::Answer> (*)(const RunNeeds&, const Call&);

}  // namespace

std::vector<Binding> run_operations(const RunNeeds& needs) {
  const auto bound = [&needs](Function function) {
    return [needs, function](const Call& call) { return function(needs, call); };
  };
  return {
      {"listRuns", bound(&list_runs)},
      {"getRun", bound(&get_run)},
      {"getRunPlan", bound(&get_plan)},
      {"listRunSteps", bound(&list_steps)},
      {"getRunStep", bound(&get_step)},
      {"listRunEvidence", bound(&list_evidence)},
      {"listRunBlockers", bound(&list_blockers)},
      {"listRunDecisions", bound(&list_decisions)},
      {"listRunDeferrals", bound(&list_run_deferrals)},
      {"listDeferrals", bound(&list_deferrals)},
      {"listRunAssumptions", bound(&list_assumptions)},
      {"getRunAttestation", bound(&get_attestation)},
      {"getTrust", bound(&get_trust)},
  };
}

}  // namespace writ::server
