// writ policy explain: a decision from a log again, and which rule made it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "base/file.h"
#include "base/json.h"
#include "cli/explain_gate_decision.h"
#include "cli/handlers.h"
#include "cli/policy_setup.h"
#include "cli/rule_verdicts.h"
#include "cli/wiring.h"
#include "policy/fabric/session.h"
#include "policy/observe/explain.h"
#include "policy/term/build.h"
#include "policy/term/json.h"

namespace writ::cli {
namespace {

using rego::RuleVerdict;
using rego::Term;

constexpr int kDiffers = 1;
constexpr int kErrors = 2;
constexpr std::size_t kLogBytes = std::size_t{1} << 30;

// A decision as it was logged; everything stands in the arena.
struct Logged {
  Term event;
  std::vector<std::string> path;
  std::string query;

  const Term* find(std::string_view name) const { return event.find(name); }
  std::string text(std::string_view name) const {
    const Term* const found = find(name);
    return found != nullptr && found->is_string() ? std::string(found->text()) : std::string();
  }
  // Whether a mask changed something below `place`.
  bool is_masked(std::string_view place) const {
    return std::ranges::any_of(std::array{"erased", "masked"}, [&](std::string_view list) {
      const Term* const paths = find(list);
      return paths != nullptr && paths->is_array() &&
             std::ranges::any_of(paths->items(), [&](const Term& one) {
               return one.is_string() && one.text().starts_with(place);
             });
    });
  }
};

// What an evaluation came to, or the log says that it came to: the result as JSON, "undefined",
// or the error's code.
struct Outcome {
  std::string result = "undefined";
  std::string error;
  bool operator==(const Outcome&) const = default;
  std::string text() const { return error.empty() ? result : "error " + error; }
};

struct Replay {
  Outcome recorded;
  Outcome now;
  bool is_comparable = true;
  std::vector<RuleVerdict> candidates;
  std::vector<RuleVerdict> helpers;
};

// Stands at the time of the decision; budgets need one that goes on.
class DecisionClock final : public Clock {
 public:
  DecisionClock(const Clock& clock, WallTime at) : clock_(clock), at_(at) {}
  WallTime wall() const override { return at_; }
  std::chrono::steady_clock::time_point steady() const override { return clock_.steady(); }

 private:
  const Clock& clock_;
  WallTime at_;
};

Result<std::string> find_line(const std::filesystem::path& file, const std::string& id) {
  WRIT_TRY(const std::string text, read_file(file, kLogBytes));
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    if (line.find(id) != std::string_view::npos) {
      rego::Arena arena;
      const auto event = rego::parse_json(arena, line);
      const Term* const found = event && event->is_object() ? event->find("decision_id") : nullptr;
      if (found != nullptr && found->is_string() && found->text() == id) return std::string(line);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return fail(Code::not_found, "no line of " + file.string() + " is decision " + id,
              "The file must hold one event of a decision log a line");
}

Result<std::string> find_event(const CommandContext& context, const std::string& id) {
  if (const auto file = context.arguments.value("--file")) {
    return find_line(context.path(*file), id);
  }
  return context.wiring.find_decision(context.global.store, id);
}

Result<Logged> read_event(rego::Arena& arena, std::string_view line) {
  Logged out;
  WRIT_TRY(out.event, rego::parse_json(arena, line));
  if (!out.event.is_object()) return fail(Code::invalid_input, "the event is no object");
  out.query = out.text("query");
  const std::string path = out.text("path");
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    if (slash > 0) out.path.emplace_back(rest.substr(0, slash));
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  if (out.query.empty()) rego::append_document_query(out.query, out.path);
  return out;
}

Outcome outcome_of(const Logged& logged) {
  Outcome out;
  const Term* const error = logged.find("error");
  const Term* const code = error != nullptr && error->is_object() ? error->find("code") : nullptr;
  if (code != nullptr && code->is_string()) out.error = code->text();
  if (const Term* const result = logged.find("result"); result != nullptr) {
    out.result = to_json(*result);
  }
  return out;
}

Outcome outcome_of(const Logged& logged, const rego::Query& query, const rego::Answer& answer) {
  Outcome out;
  if (answer.error) out.error = answer.error->code;
  if (answer.error || answer.rows.empty()) return out;
  if (logged.find("query") == nullptr) {
    out.result = to_json(answer.rows.front().values.front());
    return out;
  }
  rego::Arena arena;
  std::vector<Term> rows;
  for (const rego::Solution& row : answer.rows) {
    if (row.values.size() == 1 && row.values.front().is_false()) continue;
    std::vector<rego::Member> members;
    for (std::size_t i = 0; i < query.bindings.size(); ++i) {
      members.push_back({rego::borrow_string(query.bindings[i].name), row.bindings[i]});
    }
    rows.push_back(make_object(arena, std::move(members)));
  }
  if (!rows.empty()) out.result = to_json(make_array(arena, rows));
  return out;
}

Result<Replay> replay(const CommandContext& context, const PolicySetup& setup,
                      const Logged& logged) {
  auto query =
      rego::compile_query(setup.program, logged.query, {.is_observed = true, .is_indexed = false});
  if (!query) return rego::fail(query.error());
  const auto at = parse_rfc3339(logged.text("timestamp"));
  const DecisionClock clock(context.wiring.clock, at ? *at : context.wiring.clock.wall());
  rego::Services services;
  services.clock = &clock;
  services.random = &context.wiring.random;
  rego::Explanation explanation;
  rego::EvalInput input;
  if (const Term* const asked = logged.find("input"); asked != nullptr) input.input = *asked;
  if (const Term* const nd = logged.find("nd_builtin_cache"); nd != nullptr) {
    input.nd_builtin_cache = *nd;
  }
  input.data = setup.loaded.data;
  input.services = &services;
  input.stop = context.wiring.stop;
  input.observer = &explanation;
  rego::Evaluator evaluator;
  const rego::Answer& answer = evaluator.evaluate(**query, input);
  Replay out;
  out.recorded = outcome_of(logged);
  out.now = outcome_of(logged, **query, answer);
  out.is_comparable = !logged.is_masked("/result");
  if (logged.find("query") == nullptr) {
    out.candidates = explanation.candidates(*setup.program, logged.path, input.input);
  }
  out.helpers = explanation.helpers(out.candidates, input.input);
  return out;
}

Object json_of(const Logged& logged, const Replay& replay) {
  Object out{{"decision_id", logged.text("decision_id")},
             {"query", logged.query},
             {"recorded", replay.recorded.text()},
             {"replayed", replay.now.text()},
             {"is_comparable", replay.is_comparable},
             {"agrees", replay.is_comparable && replay.recorded == replay.now},
             {"is_input_masked", logged.is_masked("/input")},
             {"candidates", verdict_values(replay.candidates)},
             {"asked", verdict_values(replay.helpers)}};
  return out;
}

void print(std::ostream& out, const Logged& logged, const Replay& replay) {
  out << fmt::format("decision {} of {}\n", logged.text("decision_id"), logged.text("timestamp"));
  if (const Term* const bundles = logged.find("bundles"); bundles != nullptr) {
    out << "made with " << to_json(*bundles) << "\n";
  }
  out << logged.query << " was " << replay.recorded.text();
  if (!replay.is_comparable) {
    out << "; the log hides the result, these policies say " << replay.now.text() << "\n";
  } else if (replay.recorded == replay.now) {
    out << ", and is with these policies\n";
  } else {
    out << ", and is " << replay.now.text() << " with these policies\n";
  }
  if (logged.is_masked("/input")) out << "the log hides a part of the input\n";
  print_verdicts(out, "rules that could decide:", replay.candidates);
  print_verdicts(out, "rules that were asked:", replay.helpers);
}

}  // namespace

Result<int> policy_explain(const CommandContext& context) {
  const std::string format = output_format(context, "pretty");
  if (format != "json" && format != "pretty") {
    return fail(Code::usage, "--format takes json or pretty, not " + format);
  }
  const std::string id = context.arguments.positional("DECISION");
  if (may_name_gate(context, id)) return explain_gate_decision(context, id);
  WRIT_TRY(const std::string line, find_event(context, id));
  rego::Arena arena;
  WRIT_TRY(const Logged logged, read_event(arena, line));
  WRIT_TRY(const PolicySetup setup, load_policy_setup(context, Watched::every_rule));
  if (!setup.program) {
    print_policy_errors(context, setup.errors, format == "json");
    return kErrors;
  }
  WRIT_TRY(const Replay again, replay(context, setup, logged));
  if (format == "json") {
    context.wiring.out << to_pretty_json(json_of(logged, again));
  } else {
    print(context.wiring.out, logged, again);
  }
  return again.is_comparable && again.recorded != again.now ? kDiffers : 0;
}

}  // namespace writ::cli
