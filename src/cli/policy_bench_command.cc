// writ policy bench: how long a query takes, as `opa bench` says it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ostream>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/policy_input.h"
#include "cli/policy_setup.h"
#include "cli/policy_watch.h"
#include "cli/wiring.h"

namespace writ::cli {
namespace {

constexpr int kErrors = 1;
constexpr std::size_t kMostSamples = 5'000'000;
constexpr std::chrono::seconds kLongest{1};

struct Named {
  std::string_view name;
  double fraction;
};
constexpr Named kPercentiles[] = {{"75%", 0.75}, {"90%", 0.9},     {"95%", 0.95},
                                  {"99%", 0.99}, {"99.9%", 0.999}, {"99.99%", 0.9999}};

// What the samples come to, under OPA's names; in nanoseconds.
std::vector<std::pair<std::string, double>> histogram_of(std::vector<std::int64_t> samples) {
  std::ranges::sort(samples);
  const auto count = static_cast<double>(samples.size());
  const auto at = [&](double fraction) {
    const auto index = static_cast<std::size_t>(fraction * count);
    return static_cast<double>(samples[std::min(index, samples.size() - 1)]);
  };
  const double mean =
      static_cast<double>(std::accumulate(samples.begin(), samples.end(), std::int64_t{0})) / count;
  double squares = 0;
  for (const std::int64_t sample : samples) {
    squares += (static_cast<double>(sample) - mean) * (static_cast<double>(sample) - mean);
  }
  std::vector<std::pair<std::string, double>> out;
  const auto add = [&](std::string_view name, double value) {
    out.emplace_back(fmt::format("histogram_timer_rego_query_eval_ns_{}", name), value);
  };
  for (const Named& percentile : kPercentiles) add(percentile.name, at(percentile.fraction));
  add("count", count);
  add("max", static_cast<double>(samples.back()));
  add("mean", mean);
  add("median", at(0.5));
  add("min", static_cast<double>(samples.front()));
  add("stddev", std::sqrt(squares / count));
  return out;
}

struct Measured {
  std::vector<std::int64_t> samples;  // nanoseconds
  std::chrono::nanoseconds total{0};
  std::optional<rego::PolicyError> error;
  bool is_undefined = false;
};

// Evaluates for a second, or as often as there is room for samples.
Measured measure(const Clock& clock, const rego::Query& query, const rego::EvalInput& input,
                 rego::Evaluator& evaluator) {
  Measured out;
  const auto begin = clock.steady();
  auto before = begin;
  while (out.samples.size() < kMostSamples && before - begin < kLongest) {
    const rego::Answer& answer = evaluator.evaluate(query, input);
    const auto after = clock.steady();
    if (answer.error) {
      out.error = answer.error;
      return out;
    }
    out.is_undefined = answer.rows.empty();
    if (out.is_undefined) return out;
    out.samples.push_back((after - before).count());
    before = after;
  }
  out.total = before - begin;
  return out;
}

void print_measured(const CommandContext& context, const Measured& measured,
                    const std::string& format) {
  std::ostream& out = context.wiring.out;
  const std::size_t count = measured.samples.size();
  const auto each = measured.total.count() / static_cast<std::int64_t>(count);
  const auto histogram = histogram_of(measured.samples);
  if (format == "gobench") {
    out << fmt::format("BenchmarkOPAEval\t{:>8}\t{:>12} ns/op\n", count, each);
  } else if (format == "json") {
    Object extra;
    for (const auto& [name, value] : histogram) extra.set(name, value);
    out << to_pretty_json(Object{{"N", static_cast<std::int64_t>(count)},
                                 {"T", measured.total.count()},
                                 {"Extra", std::move(extra)}});
  } else {
    std::vector<std::vector<std::string>> lines{{"samples", std::to_string(count)},
                                                {"ns/op", std::to_string(each)}};
    for (const auto& [name, value] : histogram)
      lines.push_back({name, fmt::format("{:.0f}", value)});
    out << drawn_table(lines);
  }
}

}  // namespace

Result<int> policy_bench(const CommandContext& context) {
  const std::string format = output_format(context, "pretty");
  if (format != "pretty" && format != "json" && format != "gobench") {
    return fail(Code::usage, "--format takes pretty, json or gobench, not " + format);
  }
  WRIT_TRY(const PolicySetup setup, load_policy_setup(context));
  const auto refused = [&](const rego::PolicyErrors& errors) {
    print_policy_errors(context, errors, format == "json");
    return kErrors;
  };
  if (!setup.program) return refused(setup.errors);
  const auto query = rego::compile_query(setup.program, context.arguments.positional("QUERY"));
  if (!query) return refused(query.error());
  rego::Evaluator evaluator;
  rego::Services services;
  services.clock = &context.wiring.clock;
  services.random = &context.wiring.random;
  rego::EvalInput input;
  WRIT_TRY(input.input, read_policy_input(context, evaluator.input_arena()));
  input.data = setup.loaded.data;
  input.services = &services;
  input.stop = context.wiring.stop;
  const Measured measured = measure(context.wiring.clock, **query, input, evaluator);
  if (measured.error) return refused({*measured.error});
  if (measured.is_undefined) {
    context.wiring.err << "undefined result\n";
    return kErrors;
  }
  print_measured(context, measured, format);
  return 0;
}

}  // namespace writ::cli
