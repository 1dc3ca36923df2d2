#include "cli/policy_partial.h"

#include <algorithm>
#include <ostream>

#include "cli/policy_input.h"
#include "cli/policy_setup.h"
#include "cli/wiring.h"
#include "policy/parse/ast_term.h"
#include "policy/partial/partial.h"
#include "policy/term/build.h"
#include "policy/term/json.h"

namespace writ::cli {
namespace {

using rego::Member;
using rego::Term;

constexpr int kErrors = 2;
constexpr int kNotAsAsked = 1;
constexpr std::string_view kFormats[] = {"json", "pretty", "source"};

std::string lines_of(const rego::ast::Body& body) {
  std::string out;
  for (const rego::ast::Statement& statement : body) out += rego::ast::to_text(statement) + "\n";
  return out;
}

// {"partial": {"queries": […], "support": […]}}
std::string as_json(const rego::PartialAnswer& answer) {
  rego::Arena arena;
  std::vector<Term> queries;
  for (const auto& query : answer.queries) queries.push_back(to_term(arena, query));
  std::vector<Term> support;
  for (const auto& one : answer.support) support.push_back(to_term(arena, one.module));
  std::vector<Member> members;
  if (!queries.empty()) {
    members.push_back({rego::borrow_string("queries"), make_array(arena, queries)});
  }
  if (!support.empty()) {
    members.push_back({rego::borrow_string("support"), make_array(arena, support)});
  }
  const Term partial = make_object(arena, std::move(members));
  const Term whole = make_object(arena, {{rego::borrow_string("partial"), partial}});
  return to_pretty_json(whole, 2, rego::Escape::html) + "\n";
}

std::string as_source(const rego::PartialAnswer& answer) {
  std::string out;
  for (std::size_t i = 0; i < answer.queries.size(); ++i) {
    out += "# Query " + std::to_string(i + 1) + "\n" + lines_of(answer.queries[i]) + "\n";
  }
  for (std::size_t i = 0; i < answer.support.size(); ++i) {
    out += "# Module " + std::to_string(i + 1) + "\n" + answer.support[i].text + "\n";
  }
  return out;
}

// A name and lines of text beside it.
struct Row {
  std::string name;
  std::vector<std::string> lines;
};

Row make_row(std::string name, const std::string& text) {
  Row out{std::move(name), {}};
  for (std::size_t at = 0; at == 0 || at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string& line = out.lines.emplace_back();
    for (const char c : text.substr(at, end - at)) line += c == '\t' ? "  " : std::string(1, c);
    at = end + 1;
  }
  return out;
}

std::string drawn(const std::vector<Row>& rows) {
  std::size_t names = 0;
  std::size_t width = 0;
  for (const Row& row : rows) {
    names = std::max(names, row.name.size());
    for (const std::string& line : row.lines) width = std::max(width, line.size());
  }
  const std::string rule =
      "+" + std::string(names + 2, '-') + "+" + std::string(width + 2, '-') + "+\n";
  std::string out = rule;
  for (const Row& row : rows) {
    std::string name = row.name;
    for (std::string line : row.lines) {
      name.resize(names, ' ');
      line.resize(width, ' ');
      out.append("| ").append(name).append(" | ").append(line).append(" |\n");
      name.clear();
    }
    out += rule;
  }
  return out;
}

std::string as_table(const rego::PartialAnswer& answer) {
  std::vector<Row> rows;
  for (const auto& query : answer.queries) {
    rows.push_back(make_row("Query " + std::to_string(rows.size() + 1), lines_of(query)));
  }
  for (std::size_t i = 0; i < answer.support.size(); ++i) {
    rows.push_back(make_row("Support " + std::to_string(i + 1), answer.support[i].text));
  }
  return rows.empty() ? "undefined\n" : drawn(rows);
}

rego::PartialOptions partial_options(const CommandContext& context) {
  rego::PartialOptions out;
  const std::vector<std::string> unknowns = context.arguments.values("--unknowns");
  if (!unknowns.empty()) out.unknowns = unknowns;
  out.disable_inlining = context.arguments.values("--disable-inlining");
  out.calls_nondeterministic = context.arguments.has("--nondeterministic-builtins");
  out.strict_builtin_errors = context.arguments.has("--strict-builtin-errors");
  out.stop = context.wiring.stop;
  return out;
}

}  // namespace

Result<int> policy_eval_partially(const CommandContext& context) {
  const std::string format = output_format(context, "json");
  if (std::ranges::find(kFormats, format) == std::end(kFormats)) {
    return fail(Code::usage, "--format takes json, pretty or source with --partial, not " + format);
  }
  WRIT_TRY(const PolicySetup setup, load_policy_setup(context));
  const auto refused = [&](const rego::PolicyErrors& errors) {
    print_policy_errors(context, errors, format == "json");
    return kErrors;
  };
  if (!setup.program) return refused(setup.errors);
  rego::Arena arena;
  rego::Services services;
  services.clock = &context.wiring.clock;
  services.random = &context.wiring.random;
  rego::PartialInput input;
  WRIT_TRY(input.input, read_policy_input(context, arena));
  input.data = setup.loaded.data;
  input.services = &services;
  const rego::PartialOptions options = partial_options(context);
  const auto answer = rego::partially_evaluate(setup.program, context.arguments.positional("QUERY"),
                                               input, options);
  if (!answer) return refused(answer.error());
  context.wiring.out << (format == "json"     ? as_json(*answer)
                         : format == "source" ? as_source(*answer)
                                              : as_table(*answer));
  const bool is_defined = !answer->queries.empty();
  if (context.arguments.has("--fail") && !is_defined) return kNotAsAsked;
  if (context.arguments.has("--fail-defined") && is_defined) return kNotAsAsked;
  return 0;
}

}  // namespace writ::cli
