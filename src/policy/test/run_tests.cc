#include "policy/test/run_tests.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "policy/compile/compiler.h"
#include "policy/compile/rule_tree.h"
#include "policy/observe/trace.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

constexpr std::size_t kMostTraced = 100'000;

struct Test {
  std::string package;
  std::string name;
  std::string file;
  Position at;
};

std::string package_text(const std::vector<Term>& package) {
  Node node;
  node.path = package;
  return to_text(node);
}

// One for each name, where its first rule stands.
std::vector<Test> tests_of(const Program& program) {
  std::map<std::string, Test> found;
  for (const ast::Module& module : program.modules) {
    const std::string package = package_text(module.package);
    for (const ast::Rule& rule : module.rules) {
      const std::string& name = name_of(rule);
      const bool is_test = name.starts_with("test_") || name.starts_with("todo_test_");
      if (!is_test || rule.is_function) continue;
      std::string path = package;
      path.append(".").append(name);
      found.try_emplace(std::move(path), Test{package, name, module.file, rule.at});
    }
  }
  std::vector<Test> out;
  for (auto& [name, test] : found) out.push_back(std::move(test));
  std::ranges::stable_sort(out, {}, [](const Test& test) { return std::pair(test.file, test.at); });
  return out;
}

class TestRun {
 public:
  TestRun(std::shared_ptr<const Program> program, const TestOptions& options)
      : program_(std::move(program)), options_(options) {
    input_.data = options.data;
    input_.services = options.services;
    input_.limits.time = options.time;
    input_.stop = options.stop;
    input_.observer = options.observer;
    input_.print = [this](std::string_view line) { printed_.emplace_back(line); };
  }

  TestResult run(const Test& test) {
    TestResult out;
    out.package = test.package;
    out.name = test.name;
    out.file = test.file;
    out.at = test.at;
    if (test.name.starts_with("todo_")) {
      out.outcome = TestOutcome::skipped;
      return out;
    }
    printed_.clear();
    const auto begin = options_.services->clock->steady();
    judge(test, out);
    out.duration = options_.services->clock->steady() - begin;
    out.printed = printed_;
    const bool has_passed = out.outcome == TestOutcome::pass;
    if (options_.is_traced && !has_passed) out.trace = trace_of(test);
    return out;
  }

 private:
  void judge(const Test& test, TestResult& out) {
    auto query = compile_query(program_, test.package + "." + test.name);
    if (!query) return set_error(query.error().front(), out);
    const Answer& answer = evaluator_.evaluate(**query, input_);
    if (answer.error) return set_error(*answer.error, out);
    const Term value = answer.rows.empty() ? Term() : answer.rows[0].values[0];
    if (value.is_object()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        const Term& key = value.keys()[i];
        if (!value.values()[i].is_false()) continue;
        out.failed_parts.push_back(key.is_string() ? std::string(key.text()) : to_rego(key));
      }
    }
    const bool holds = value.is_defined() && !value.is_false() && out.failed_parts.empty();
    out.outcome = holds ? TestOutcome::pass : TestOutcome::fail;
  }

  // What was said of the test stands: this is only to see how it came.
  std::vector<std::string> trace_of(const Test& test) {
    const auto query =
        compile_query(program_, test.package + "." + test.name, {.is_observed = true});
    if (!query) return {};
    Trace trace(kMostTraced);
    EvalInput watched = input_;
    watched.observer = &trace;
    evaluator_.evaluate(**query, watched);
    return trace.lines(Trace::Detail::fails);
  }

  static void set_error(const PolicyError& error, TestResult& out) {
    out.outcome = TestOutcome::error;
    out.message = error.text();
  }

  std::shared_ptr<const Program> program_;
  const TestOptions& options_;
  EvalInput input_;
  Evaluator evaluator_;
  std::vector<std::string> printed_;
};

}  // namespace

Result<std::vector<TestResult>> run_policy_tests(std::shared_ptr<const Program> program,
                                                 const TestOptions& options) {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 only(options.only, quiet);
  if (!only.ok()) return fail(Code::invalid_input, "no pattern: " + only.error());
  std::vector<TestResult> out;
  const std::vector<Test> tests = tests_of(*program);
  TestRun run(std::move(program), options);
  for (const Test& test : tests) {
    if (RE2::PartialMatch(test.package + "." + test.name, only)) out.push_back(run.run(test));
  }
  return out;
}

}  // namespace writ::rego
