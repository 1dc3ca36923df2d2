// writ policy check, conformance and test: policies looked at without a decision being asked for.
// Exit codes are those of OPA's commands of the same name.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ostream>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/policy_setup.h"
#include "cli/wiring.h"
#include "policy/conformance/conformance.h"
#include "policy/observe/coverage.h"
#include "policy/test/run_tests.h"

namespace writ::cli {
namespace {

constexpr int kErrors = 1;
constexpr int kTestsFailed = 2;
constexpr int kVerificationFailed = 7;

std::string_view outcome_word(const rego::TestResult& test) {
  switch (test.outcome) {
    case rego::TestOutcome::pass:
      return "PASS";
    case rego::TestOutcome::fail:
      return "FAIL";
    case rego::TestOutcome::error:
      return "ERROR";
    case rego::TestOutcome::skipped:
      return "SKIPPED";
  }
  return "";
}

Value test_value(const rego::TestResult& test) {
  Object out{
      {"location", Object{{"file", test.file}, {"row", test.at.line}, {"col", test.at.column}}},
      {"package", test.package},
      {"name", test.name},
      {"duration", test.duration.count()}};
  if (test.outcome == rego::TestOutcome::fail) out.set("fail", true);
  if (test.outcome == rego::TestOutcome::skipped) out.set("skip", true);
  if (!test.message.empty()) out.set("error", test.message);
  return out;
}

void print_test(std::ostream& out, const rego::TestResult& test) {
  out << fmt::format("{}.{}: {} ({}µs)\n", test.package, test.name, outcome_word(test),
                     test.duration.count() / 1000);
  if (!test.message.empty()) out << "  " << test.message << "\n";
  for (const std::string& part : test.failed_parts) out << "  " << part << ": FAIL\n";
  if (!test.printed.empty() && test.outcome != rego::TestOutcome::pass) {
    out << "\n";
    for (const std::string& line : test.printed) out << "  " << line << "\n";
    out << "\n";
  }
}

// What did not hold in each test that failed, and the heading of what follows.
void print_failures(std::ostream& out, const std::vector<rego::TestResult>& tests) {
  const std::string line = std::string(80, '-') + "\n";
  bool has_any = false;
  for (const rego::TestResult& test : tests) {
    if (test.trace.empty()) continue;
    if (!has_any) out << "FAILURES\n" << line;
    has_any = true;
    out << fmt::format("{}.{}: {} ({}µs)\n\n", test.package, test.name, outcome_word(test),
                       test.duration.count() / 1000);
    for (const std::string& traced : test.trace) out << "  " << traced << "\n";
    out << "\n";
  }
  if (has_any) out << "SUMMARY\n" << line;
}

void print_tests(const CommandContext& context, const std::vector<rego::TestResult>& tests) {
  std::ostream& out = context.wiring.out;
  const bool shows_all = context.arguments.has("--verbose");
  if (shows_all) print_failures(out, tests);
  std::map<rego::TestOutcome, std::size_t> counts;
  for (const rego::TestResult& test : tests) ++counts[test.outcome];
  const std::size_t passed = counts[rego::TestOutcome::pass];
  std::string file;
  for (const rego::TestResult& test : tests) {
    if (test.outcome == rego::TestOutcome::pass && !shows_all) continue;
    if (test.file != file) out << test.file << ":\n";
    file = test.file;
    print_test(out, test);
  }
  if (!file.empty()) out << std::string(80, '-') << "\n";
  const auto line = [&](std::string_view word, rego::TestOutcome outcome) {
    if (counts[outcome] > 0) out << fmt::format("{}: {}/{}\n", word, counts[outcome], tests.size());
  };
  if (!tests.empty()) out << fmt::format("PASS: {}/{}\n", passed, tests.size());
  line("FAIL", rego::TestOutcome::fail);
  line("ERROR", rego::TestOutcome::error);
  line("SKIPPED", rego::TestOutcome::skipped);
}

// 0: none.
Result<double> threshold_of(const CommandContext& context) {
  const auto given = context.arguments.value("--threshold");
  if (!given) return 0.0;
  double out = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), out);
  if (error == std::errc() && end == given->data() + given->size() && out >= 0 && out <= 100) {
    return out;
  }
  return fail(Code::usage, "--threshold takes a percentage, not " + *given);
}

int report_coverage(const CommandContext& context, const rego::Coverage::Report& report,
                    double threshold) {
  const bool is_met = report.percent >= threshold;
  if (context.arguments.has("--coverage") || is_met) {
    context.wiring.out << to_pretty_json(report.json);
  }
  if (is_met) return 0;
  context.wiring.err << fmt::format(
      "Code coverage threshold not met: got {:.2f} instead of {:.2f}\n", report.percent, threshold);
  return kTestsFailed;
}

}  // namespace

Result<int> policy_check(const CommandContext& context) {
  WRIT_TRY(const PolicySetup setup, load_policy_setup(context));
  if (setup.program) return 0;
  print_policy_errors(context, setup.errors, output_format(context, "pretty") == "json");
  return kErrors;
}

Result<int> policy_test(const CommandContext& context) {
  WRIT_TRY(const double threshold, threshold_of(context));
  const bool covers = context.arguments.has("--coverage") || threshold > 0;
  const bool traces = context.arguments.has("--verbose");
  WRIT_TRY(const PolicySetup setup,
           load_policy_setup(context, covers || traces ? Watched::observed : Watched::no));
  const bool as_json = output_format(context, "pretty") == "json";
  if (!setup.program) {
    print_policy_errors(context, setup.errors, as_json);
    return kErrors;
  }
  rego::Services services;
  services.clock = &context.wiring.clock;
  services.random = &context.wiring.random;
  rego::TestOptions options;
  options.services = &services;
  options.data = setup.loaded.data;
  options.only = context.arguments.value("--run").value_or("");
  options.stop = context.wiring.stop;
  options.is_traced = traces;
  rego::Coverage coverage;
  if (covers) options.observer = &coverage;
  WRIT_TRY(const auto tests, rego::run_policy_tests(setup.program, options));
  const bool failed = std::ranges::any_of(tests, [](const rego::TestResult& test) {
    return test.outcome == rego::TestOutcome::fail || test.outcome == rego::TestOutcome::error;
  });
  if (covers && !failed)
    return report_coverage(context, coverage.report(*setup.program), threshold);
  if (as_json) {
    Array values;
    for (const rego::TestResult& test : tests) values.push_back(test_value(test));
    context.wiring.out << to_pretty_json(std::move(values));
  } else {
    print_tests(context, tests);
  }
  return failed ? kTestsFailed : 0;
}

Result<int> policy_conformance(const CommandContext& context) {
  WRIT_TRY(const auto report,
           rego::run_conformance(context.path(context.arguments.positional("DIR")),
                                 context.arguments.value("--category").value_or("")));
  std::ostream& out = context.wiring.out;
  for (const auto& [category, count] : report.categories) {
    out << fmt::format("{:<36} {:>5} passed {:>5} failed\n", category, count.passed, count.failed);
  }
  for (const rego::ConformanceFailure& failure : report.failures) {
    out << fmt::format("FAIL {}/{}: {}\n", failure.category, failure.name, failure.reason);
  }
  out << fmt::format("{} passed, {} failed\n", report.passed, report.failed());
  return report.failed() == 0 ? 0 : kVerificationFailed;
}

}  // namespace writ::cli
