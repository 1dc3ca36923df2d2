// writ policy eval: one query, in the formats and with the exit codes that OPA's users know.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/policy_input.h"
#include "cli/policy_partial.h"
#include "cli/policy_setup.h"
#include "cli/policy_watch.h"
#include "cli/wiring.h"
#include "policy/term/build.h"
#include "policy/term/json.h"

namespace writ::cli {
namespace {

using rego::Term;

constexpr int kErrors = 2;
constexpr int kNotAsAsked = 1;
constexpr std::string_view kFormats[] = {"json", "pretty", "values", "bindings", "raw", "discard"};

// Rows as OPA shows them, made of terms so that numbers keep their spelling.
class Shown {
 public:
  Shown(const rego::Query& query, const rego::Answer& answer) : query_(query), answer_(answer) {}

  // With what was watched beside it.
  Term result(const Object& watched) {
    std::vector<Term> rows;
    for (const rego::Solution& row : answer_.rows) {
      std::vector<rego::Member> members{{text("expressions"), expressions(row)}};
      if (!row.bindings.empty()) members.push_back({text("bindings"), bindings(row)});
      rows.push_back(make_object(arena_, std::move(members)));
    }
    Term out = rego::from_value(arena_, Value(watched));
    if (rows.empty()) return out;
    return with_member(arena_, out, text("result"), make_array(arena_, rows));
  }

  Term values() {
    std::vector<Term> rows;
    for (const rego::Solution& row : answer_.rows) rows.push_back(make_array(arena_, row.values));
    return make_array(arena_, rows);
  }

  Term all_bindings() {
    std::vector<Term> rows;
    for (const rego::Solution& row : answer_.rows) rows.push_back(bindings(row));
    return make_array(arena_, rows);
  }

  std::string raw() {
    std::string out;
    for (const rego::Solution& row : answer_.rows) {
      for (std::size_t i = 0; i < row.values.size(); ++i) {
        if (i > 0) out += ' ';
        out += row.values[i].is_string() ? std::string(row.values[i].text())
                                         : to_json(row.values[i], rego::Escape::html);
      }
      out += '\n';
    }
    return out;
  }

  std::string pretty() {
    if (answer_.rows.empty()) return "undefined\n";
    const bool is_single = query_.expressions.size() == 1 && answer_.rows.size() == 1;
    if (is_single && query_.bindings.empty()) return json(answer_.rows[0].values[0]);
    return table();
  }

  static std::string json(const Term& term) {
    return to_pretty_json(term, 2, rego::Escape::html) + "\n";
  }

 private:
  Term text(std::string_view value) { return make_string(arena_, value); }

  Term expressions(const rego::Solution& row) {
    std::vector<Term> out;
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      const auto& expression = query_.expressions[i];
      const Term location =
          make_object(arena_, {{text("row"), Term::integer(expression.at.line)},
                               {text("col"), Term::integer(expression.at.column)}});
      out.push_back(make_object(arena_, {{text("value"), row.values[i]},
                                         {text("text"), text(expression.text)},
                                         {text("location"), location}}));
    }
    return make_array(arena_, out);
  }

  Term bindings(const rego::Solution& row) {
    std::vector<rego::Member> members;
    for (std::size_t i = 0; i < row.bindings.size(); ++i) {
      members.push_back({text(query_.bindings[i].name), row.bindings[i]});
    }
    return make_object(arena_, std::move(members));
  }

  // Variables, or the expressions when there are none, as columns.
  std::string table() {
    std::vector<std::vector<std::string>> lines(1);
    const bool has_names = !query_.bindings.empty();
    for (const auto& binding : query_.bindings) lines[0].push_back(binding.name);
    for (const auto& expression : query_.expressions) {
      if (!has_names) lines[0].push_back(expression.text);
    }
    for (const rego::Solution& row : answer_.rows) {
      lines.emplace_back();
      for (const Term& cell : has_names ? row.bindings : row.values) {
        lines.back().push_back(to_json(cell, rego::Escape::html));
      }
    }
    return drawn_table(lines);
  }

  const rego::Query& query_;
  const rego::Answer& answer_;
  rego::Arena arena_;
};

void print_answer(std::ostream& out, const std::string& format, Shown& shown,
                  const Object& watched) {
  if (format == "json") {
    out << Shown::json(shown.result(watched));
  } else if (format == "values") {
    out << Shown::json(shown.values());
  } else if (format == "bindings") {
    out << Shown::json(shown.all_bindings());
  } else if (format == "raw") {
    out << shown.raw();
  } else if (format == "discard") {
    Object out_of_it = watched;
    out_of_it.set("result", "discarded");
    out << to_pretty_json(std::move(out_of_it));
  } else {
    out << shown.pretty();
  }
}

int exit_code(const CommandContext& context, const rego::Answer& answer) {
  const bool is_defined = !answer.rows.empty();
  if (context.arguments.has("--fail") && !is_defined) return kNotAsAsked;
  if (context.arguments.has("--fail-defined") && is_defined) return kNotAsAsked;
  return 0;
}

}  // namespace

Result<int> policy_eval(const CommandContext& context) {
  if (context.arguments.has("--partial")) return policy_eval_partially(context);
  const std::string format = output_format(context, "json");
  if (std::ranges::find(kFormats, format) == std::end(kFormats)) {
    return fail(Code::usage,
                "--format takes json, pretty, values, bindings, raw or discard, not " + format);
  }
  WRIT_TRY(PolicyWatch watch, PolicyWatch::create(context));
  const Watched watched = watch.observes() ? Watched::observed : Watched::no;
  WRIT_TRY(PolicySetup setup, load_policy_setup(context, watched));
  const bool as_json = format == "json";
  const auto refused = [&](const rego::PolicyErrors& errors) {
    print_policy_errors(context, errors, as_json);
    return kErrors;
  };
  if (!setup.program) return refused(setup.errors);
  const Clock& clock = context.wiring.clock;
  const auto begin = clock.steady();
  auto query = rego::compile_query(setup.program, context.arguments.positional("QUERY"),
                                   {.keeps_print = true, .is_observed = watch.observes()});
  if (!query) return refused(query.error());
  rego::Evaluator evaluator;
  rego::Services services;
  services.clock = &context.wiring.clock;
  services.random = &context.wiring.random;
  rego::EvalInput input;
  WRIT_TRY(input.input, read_policy_input(context, evaluator.input_arena()));
  input.data = setup.loaded.data;
  input.services = &services;
  input.strict_builtin_errors = context.arguments.has("--strict-builtin-errors");
  input.stop = context.wiring.stop;
  input.observer = watch.observer();
  input.print = [&](std::string_view line) { context.wiring.err << line << "\n"; };
  const auto compiled = clock.steady();
  const rego::Answer& answer = evaluator.evaluate(**query, input);
  setup.timers.emplace_back("timer_rego_query_compile_ns", (compiled - begin).count());
  setup.timers.emplace_back("timer_rego_query_eval_ns", (clock.steady() - compiled).count());
  if (answer.error) return refused({*answer.error});
  if (context.arguments.has("--show-builtin-errors") && !answer.builtin_errors.empty()) {
    print_policy_errors(context, answer.builtin_errors, false);
  }
  Shown shown(**query, answer);
  print_answer(context.wiring.out, format, shown, watch.members(*setup.program, setup.timers));
  if (format == "pretty") context.wiring.out << watch.text(*setup.program, setup.timers);
  return exit_code(context, answer);
}

}  // namespace writ::cli
