// TAP 12 to 14 (testanything.org), subtests included. Cases are the leaves: a test point that sums
// up subtests counts itself only when it failed and none of them did.
#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "evidence/report_format.h"
#include "syntax/display.h"

namespace writ::evidence {
namespace {

// One stream of test points: the report itself, or a subtest's.
struct Level {
  std::optional<std::uint64_t> plan;
  std::set<std::uint64_t> seen;
  std::uint64_t last = 0;      // number of the newest point
  std::size_t first_case = 0;  // index of the first case of this level
};

enum class Directive : std::uint8_t { none, skip, todo };

struct Point {
  bool is_ok = false;
  std::optional<std::uint64_t> number;
  std::string name;
  Directive directive = Directive::none;
  std::string reason;
};

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

bool starts_with_word(std::string_view s, std::string_view word) {
  if (s.size() < word.size()) return false;
  return std::equal(word.begin(), word.end(), s.begin(), [](char w, char c) {
    return w == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  });
}

std::optional<std::uint64_t> take_number(std::string_view& s) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (error != std::errc()) return std::nullopt;
  s.remove_prefix(static_cast<std::size_t>(end - s.data()));
  return n;
}

// The description up to an unescaped `# skip` or `# todo`, with \# and \\ undone.
void read_description(std::string_view s, Point& point) {
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '\\' && i + 1 < s.size() && (s[i + 1] == '#' || s[i + 1] == '\\')) {
      point.name += s[++i];
      continue;
    }
    if (s[i] == '#') {
      const std::string_view rest = trimmed(s.substr(i + 1));
      if (starts_with_word(rest, "skip")) point.directive = Directive::skip;
      if (starts_with_word(rest, "todo")) point.directive = Directive::todo;
      if (point.directive != Directive::none) {
        point.reason = rest;
        break;
      }
    }
    point.name += s[i];
  }
  point.name = syntax::displayed(trimmed(point.name));
}

// `ok 3 - name # SKIP reason`
std::optional<Point> read_point(std::string_view line) {
  Point point;
  point.is_ok = line.starts_with("ok");
  if (!point.is_ok && !line.starts_with("not ok")) return std::nullopt;
  line.remove_prefix(point.is_ok ? 2 : 6);
  if (!line.empty() && line[0] != ' ' && line[0] != '\t') return std::nullopt;
  line = trimmed(line);
  std::string_view after = line;
  const auto number = take_number(after);
  if (number && (after.empty() || after[0] == ' ' || after[0] == '\t')) {
    point.number = number;
    line = trimmed(after);
  }
  if (line.starts_with("- ")) line = trimmed(line.substr(2));
  if (line == "-") line = "";
  read_description(line, point);
  return point;
}

class TapReader {
 public:
  explicit TapReader(std::string_view name) : name_(name) {}

  Result<TestReport> read(std::string_view text) {
    levels_.emplace_back();
    while (!text.empty() && !has_bailed_out_) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++line_;
      WRIT_CHECK(read_line(line));
    }
    if (yaml_indent_) return wrong("a diagnostic block `---` never ends");
    if (!has_bailed_out_) {
      if (levels_.size() > 1) return wrong("the report ends inside a subtest");
      WRIT_CHECK(check_plan(levels_.front(), "the report"));
    }
    report_.format = "tap";
    return std::move(report_);
  }

 private:
  std::unexpected<Error> wrong(std::string message) const {
    return report_error(name_, {line_, 1}, std::move(message),
                        "A report that was cut off comes from a test run that was ended");
  }

  Result<void> read_line(std::string_view line) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const std::string_view body = line.substr(indent);
    if (yaml_indent_) return read_yaml(indent, body);
    if (body == "---" && indent == 4 * (levels_.size() - 1) + 2) {
      yaml_indent_ = indent;
      return {};
    }
    if (body.starts_with("#")) {
      diagnose(trimmed(body.substr(1)));
      return {};
    }
    if (indent % 4 != 0 || body.empty()) return {};  // what is no TAP is ignored
    return read_tap(indent / 4, body);
  }

  Result<void> read_yaml(std::size_t indent, std::string_view body) {
    if (body == "..." && yaml_indent_ == indent)
      yaml_indent_.reset();
    else
      diagnose(body);
    return {};
  }

  Result<void> read_tap(std::size_t depth, std::string_view body) {
    if (body.starts_with("TAP version ")) return read_version(body.substr(12));
    if (body.starts_with("Bail out!")) return bail_out(trimmed(body.substr(9)));
    const bool is_plan = body.starts_with("1..");
    const auto point = is_plan ? std::nullopt : read_point(body);
    if (!is_plan && !point) return {};
    WRIT_CHECK(enter(depth, !is_plan));
    return is_plan ? read_plan(body.substr(3)) : take_point(*point, depth);
  }

  Result<void> read_version(std::string_view version) const {
    if (version == "12" || version == "13" || version == "14") return {};
    return wrong("TAP version " + std::string(version) + " is not known");
  }

  Result<void> bail_out(std::string_view reason) {
    has_bailed_out_ = true;
    return add_case({"", "(bail out)", TestStatus::errored, std::string(reason)});
  }

  // Makes `depth` the level that is read, opening subtests as needed.
  Result<void> enter(std::size_t depth, bool is_point) {
    const std::size_t innermost = levels_.size() - 1;
    const bool sums_up = is_point && depth + 1 == innermost;
    if (depth < innermost && !sums_up) return wrong("a subtest ends without its test point");
    if (depth >= kMaxReportDepth) return wrong("subtests are nested too deeply");
    while (levels_.size() <= depth) levels_.emplace_back().first_case = report_.cases.size();
    return {};
  }

  Result<void> read_plan(std::string_view rest) {
    Level& level = levels_.back();
    const auto count = take_number(rest);
    if (!count) return wrong("a plan without a number");
    if (level.plan) return wrong("a second plan");
    if (*count > kMaxCases) return wrong("a plan for more than 1,000,000 tests");
    level.plan = count;
    return {};
  }

  Result<void> take_point(const Point& point, std::size_t depth) {
    const bool sums_up = levels_.size() == depth + 2;
    const std::size_t first_child = sums_up ? levels_.back().first_case : report_.cases.size();
    if (sums_up) WRIT_CHECK(close_level());
    Level& level = levels_.back();
    const std::uint64_t number = point.number.value_or(level.last + 1);
    if (number == 0 || !level.seen.insert(number).second) {
      return wrong("test number " + std::to_string(number) + " comes twice or is 0");
    }
    level.last = number;
    const std::string name =
        point.name.empty() ? "(test " + std::to_string(number) + ")" : point.name;
    diagnosed_ = false;
    if (first_child == report_.cases.size()) return add_leaf(point, name);
    return adopt(point, name, first_child);
  }

  Result<void> add_leaf(const Point& point, const std::string& name) {
    TestCase test{"", name, TestStatus::passed, {}};
    if (point.directive != Directive::none &&
        !(point.is_ok && point.directive == Directive::todo)) {
      test.status = TestStatus::skipped;
      append_message(test.message, point.reason);
    } else if (!point.is_ok) {
      test.status = TestStatus::failed;
      diagnosed_ = true;
    }
    return add_case(std::move(test));
  }

  // The cases of a subtest get the name of the point that sums it up.
  Result<void> adopt(const Point& point, const std::string& name, std::size_t first_child) {
    bool has_failure = false;
    for (std::size_t i = first_child; i < report_.cases.size(); ++i) {
      TestCase& test = report_.cases[i];
      test.suite = test.suite.empty() ? name : name + " > " + test.suite;
      const bool failed = test.status == TestStatus::failed;
      if (failed && point.directive == Directive::todo) test.status = TestStatus::skipped;
      has_failure = has_failure || failed;
    }
    if (point.is_ok || has_failure || point.directive != Directive::none) return {};
    diagnosed_ = true;
    return add_case({name, "(subtest)", TestStatus::failed, {}});
  }

  Result<void> add_case(TestCase test) {
    if (report_.cases.size() == kMaxCases) return wrong("more than 1,000,000 test cases");
    report_.cases.push_back(std::move(test));
    return {};
  }

  void diagnose(std::string_view text) {
    if (diagnosed_) append_message(report_.cases.back().message, text);
  }

  Result<void> close_level() {
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    return check_plan(level, "a subtest");
  }

  Result<void> check_plan(const Level& level, std::string_view what) const {
    if (!level.plan) return wrong(std::string(what) + " has no plan (1..N)");
    if (*level.plan != level.seen.size() ||
        (!level.seen.empty() && *level.seen.rbegin() > *level.plan)) {
      return wrong(std::string(what) + " planned " + std::to_string(*level.plan) +
                   " tests and reports " + std::to_string(level.seen.size()));
    }
    return {};
  }

  std::string name_;
  TestReport report_;
  std::vector<Level> levels_;               // the innermost last
  std::optional<std::size_t> yaml_indent_;  // inside a diagnostic block
  bool diagnosed_ = false;                  // the last case takes diagnostics
  bool has_bailed_out_ = false;
  std::uint32_t line_ = 0;
};

}  // namespace

Result<TestReport> parse_tap(std::string_view text, std::string_view name) {
  return TapReader(name).read(text);
}

}  // namespace writ::evidence
