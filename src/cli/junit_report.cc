#include "cli/junit_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "execution/outcome.h"

namespace writ::cli {
namespace {

using execution::StepState;
using execution::StepStatus;

// What XML 1.0 cannot hold is left out, else consumers refuse the whole file.
bool is_xml(std::string_view sequence) {
  if (sequence.size() == 1) {
    const char c = sequence[0];
    return static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r';
  }
  return sequence != "\xef\xbf\xbe" && sequence != "\xef\xbf\xbf";  // U+FFFE, U+FFFF
}

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return "";
  }
}

// As the value of an attribute.
std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(sequence.size());
    if (length == 0 || !is_xml(sequence)) continue;
    const std::string_view named = entity(sequence[0]);
    out += named.empty() ? sequence : named;
  }
  return out;
}

std::string seconds(std::int64_t milliseconds) {
  return fmt::format("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
}

struct Case {
  std::string name;
  std::int64_t elapsed_ms = 0;
  std::string_view element;  // failure, error, skipped; empty: passed
  std::string type;
  std::string message;
};

struct Suite {
  std::string name;
  std::vector<Case> cases;

  std::size_t count(std::string_view element) const {
    std::size_t n = 0;
    for (const Case& c : cases) n += c.element == element ? 1 : 0;
    return n;
  }
  std::int64_t elapsed_ms() const {
    std::int64_t sum = 0;
    for (const Case& c : cases) sum += c.elapsed_ms;
    return sum;
  }
};

std::string or_else(std::string_view text, std::string_view fallback) {
  return std::string(text.empty() ? fallback : text);
}

Case case_of(const protocol::PlanStep& step, const StepState& state, const execution::RunState& run,
             const std::string& blocking) {
  Case out{step.path, state.elapsed_ms, "", "", ""};
  switch (state.status) {
    case StepStatus::passed:
      break;
    case StepStatus::shut:
      out.element = "failure";
      out.type = "gate_shut";
      out.message = or_else(state.reason, "the gate is shut");
      break;
    case StepStatus::failed:
      out.element = "error";
      out.type = or_else(state.failure, "failed");
      out.message = or_else(state.reason, "the step failed");
      break;
    case StepStatus::blocked: {
      const execution::Blocker* blocker = run.open_blocker(step.path);
      out.element = "error";
      out.type = blocker == nullptr ? "blocked" : execution::blocker_name(blocker->kind);
      out.message = blocker == nullptr ? state.reason : blocker->issue;
      break;
    }
    case StepStatus::waiting:
    case StepStatus::running:
      out.element = "skipped";
      out.message = or_else(state.reason, execution::status_name(state.status));
      break;
    case StepStatus::pending:
      out.element = "skipped";
      out.message = blocking.empty() ? "not reached" : "not reached: " + blocking + " comes first";
      break;
  }
  return out;
}

// The first part of the path; a step at the top stands under its stage.
std::string phase_of(const protocol::PlanStep& step) {
  const std::size_t slash = step.path.find('/');
  return slash == std::string::npos ? step.stage : step.path.substr(0, slash);
}

std::vector<Suite> suites_of(const protocol::Plan& plan, const execution::RunState& state) {
  const std::string blocking = execution::standing(plan, state).step;
  std::vector<Suite> suites;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const std::string phase = phase_of(plan.steps[i]);
    const auto at = std::ranges::find(suites, phase, &Suite::name);
    Suite& suite = at == suites.end() ? suites.emplace_back(Suite{phase, {}}) : *at;
    suite.cases.push_back(case_of(plan.steps[i], state.steps[i], state, blocking));
  }
  return suites;
}

std::string counts(std::string_view name, const std::vector<Suite>& suites) {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
  std::int64_t elapsed_ms = 0;
  for (const Suite& suite : suites) {
    tests += suite.cases.size();
    failures += suite.count("failure");
    errors += suite.count("error");
    skipped += suite.count("skipped");
    elapsed_ms += suite.elapsed_ms();
  }
  return fmt::format(
      "name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"",
      escaped(name), tests, failures, errors, skipped, seconds(elapsed_ms));
}

std::string case_xml(std::string_view classname, const Case& c) {
  std::string out = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
                                escaped(classname), escaped(c.name), seconds(c.elapsed_ms));
  if (c.element.empty()) return out + "/>\n";
  out += fmt::format(">\n      <{} message=\"{}\"", c.element, escaped(c.message));
  if (!c.type.empty()) out += fmt::format(" type=\"{}\"", escaped(c.type));
  return out + "/>\n    </testcase>\n";
}

}  // namespace

std::string junit_xml(const protocol::Plan& plan, const execution::RunState& state) {
  const std::vector<Suite> suites = suites_of(plan, state);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites " +
                    counts(plan.spec_id, suites) + ">\n";
  for (const Suite& suite : suites) {
    out += fmt::format("  <testsuite {} timestamp=\"{}\" hostname=\"localhost\">\n",
                       counts(suite.name, {suite}), to_rfc3339(state.run.created).substr(0, 19));
    for (const Case& c : suite.cases) out += case_xml(plan.spec_id + "." + suite.name, c);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace writ::cli
