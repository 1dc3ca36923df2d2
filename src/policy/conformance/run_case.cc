#include "policy/conformance/run_case.h"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <thread>

#include "policy/builtins/table.h"
#include "policy/compile/compiler.h"
#include "policy/eval/evaluator.h"
#include "policy/parse/parser.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

// The one builtin that only the cases have: waits, so that a clock that moved would show.
Outcome sleep(Call& call) {
  std::string_view text = call.arg(0).text();
  std::int64_t amount = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    amount = std::min<std::int64_t>(amount * 10 + (text[0] - '0'), 1000);
    text.remove_prefix(1);
  }
  if (text != "ms" && text != "s" && text != "us" && text != "ns") return call.error("no duration");
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min<std::int64_t>(amount, 10)));
  return Term::null();
}

constexpr Builtin kExtra[] = {{"test.sleep", "(duration: string) => (result: null)", &sleep}};

const BuiltinTable& table() {
  static const BuiltinTable kTable(kExtra);
  return kTable;
}

Term field(const Term& object, std::string_view name) {
  const Term* found = object.find(name);
  return found == nullptr || found->is_null() ? Term() : *found;
}

bool flag(const Term& object, std::string_view name) { return field(object, name).is_true(); }

struct Run {
  std::vector<Term> rows;
  std::optional<PolicyError> error;
};

class CaseRunner {
 public:
  CaseRunner(const Term& of, const ModuleRewrite& rewrite) : case_(of), rewrite_(rewrite) {
    services_.clock = &clock_;
    services_.random = &random_;
    options_.builtins = &table();
  }

  std::string run() {
    const Run run = evaluate();
    const Term error = field(case_, "want_error");
    const Term code = field(case_, "want_error_code");
    if (error.is_defined() || code.is_defined()) return compare_error(run, error, code);
    if (run.error) return "failed: " + run.error->text();
    return compare_rows(run);
  }

 private:
  static Run failed(PolicyErrors errors) { return {{}, std::move(errors.front())}; }

  Run evaluate() {
    std::vector<ast::Module> modules;
    const Term texts = field(case_, "modules");
    for (std::size_t i = 0; texts.is_array() && i < texts.size(); ++i) {
      std::string text(texts.items()[i].text());
      if (rewrite_) text = rewrite_(text);
      auto module = parse_module(fmt::format("test-{}.rego", i), text);
      if (!module) return failed(std::move(module).error());
      modules.push_back(*std::move(module));
    }
    auto program = compile(std::move(modules), options_);
    if (!program) return failed(std::move(program).error());
    const Term text = field(case_, "query");
    auto query = compile_query(*program, text.text(), options_);
    if (!query) return failed(std::move(query).error());
    EvalInput input;
    input.services = &services_;
    input.strict_builtin_errors = flag(case_, "strict_error");
    if (const Term data = field(case_, "data"); data.is_defined()) input.data = data;
    const Term* given = case_.find("input");
    if (given != nullptr) input.input = *given;
    if (const Term term = field(case_, "input_term"); term.is_defined()) {
      input.input = ground(term.text());
    }
    return rows_of(**query, evaluator_.evaluate(**query, input));
  }

  // A term in Rego syntax as its value.
  Term ground(std::string_view text) {
    auto program = compile({}, options_);
    auto query = compile_query(*program, fmt::format("x = {}", text), options_);
    if (!query) return {};
    EvalInput input;
    input.services = &services_;
    const Answer& answer = input_evaluator_.evaluate(**query, input);
    return answer.rows.empty() ? Term() : copy_term(arena_, answer.rows[0].bindings[0]);
  }

  // Each row as an object, as it looks in JSON: sets are arrays there.
  Run rows_of(const Query& query, const Answer& answer) {
    Run out{{}, answer.error};
    for (const Solution& row : answer.rows) {
      if (query.expressions.size() == 1 && row.values[0].is_false()) continue;
      std::vector<Member> members;
      for (std::size_t i = 0; i < query.bindings.size(); ++i) {
        const std::string& name = query.bindings[i].name;
        if (flag(case_, "ignore_generated_vars") && name.starts_with("__")) continue;
        members.push_back({make_string(arena_, name), row.bindings[i]});
      }
      const std::string json = to_json(make_object(arena_, std::move(members)));
      auto parsed = parse_json(arena_, json);
      if (parsed) out.rows.push_back(sorted_bindings(*parsed));
    }
    return out;
  }

  Term sorted_bindings(const Term& row) {
    if (!flag(case_, "sort_bindings") || !row.is_object()) return row;
    std::vector<Member> members;
    for (std::size_t i = 0; i < row.size(); ++i) {
      Term value = row.values()[i];
      if (value.is_array()) {
        std::vector<Term> items(value.items().begin(), value.items().end());
        std::stable_sort(items.begin(), items.end());
        value = make_array(arena_, items);
      }
      members.push_back({row.keys()[i], value});
    }
    return make_object(arena_, std::move(members));
  }

  std::string compare_error(const Run& run, const Term& error, const Term& code) {
    if (!run.error) {
      return fmt::format("wanted error {}, came {}", to_json(error.is_defined() ? error : code),
                         to_json(make_array(arena_, run.rows)));
    }
    if (code.is_defined() && run.error->code != code.text()) {
      return fmt::format("wanted code {}, came {}", code.text(), run.error->text());
    }
    if (error.is_defined() && !run.error->text().contains(error.text())) {
      return fmt::format("wanted error {}, came {}", error.text(), run.error->text());
    }
    return {};
  }

  std::string compare_rows(const Run& run) {
    const Term want = field(case_, "want_result");
    if (!want.is_defined()) return {};
    std::vector<Term> wanted;
    for (const Term& row : want.items()) wanted.push_back(sorted_bindings(row));
    std::vector<Term> came = run.rows;
    std::stable_sort(wanted.begin(), wanted.end());
    std::stable_sort(came.begin(), came.end());
    if (wanted == came) return {};
    return fmt::format("wanted {}, came {}", to_json(make_array(arena_, wanted)),
                       to_json(make_array(arena_, came)));
  }

  Term case_;
  const ModuleRewrite& rewrite_;
  Arena arena_;
  SystemClock clock_;
  SystemRandom random_;
  Services services_;
  CompileOptions options_;
  Evaluator evaluator_;
  Evaluator input_evaluator_;
};

}  // namespace

std::string run_case(const Term& conformance_case, const ModuleRewrite& rewrite) {
  return CaseRunner(conformance_case, rewrite).run();
}

}  // namespace writ::rego
