// What `go test -json` prints: an event a line. A test counts by how it ended; one that began and
// never ended, or a package that failed without a failing test, is an error.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/json.h"
#include "evidence/report_format.h"
#include "syntax/display.h"

namespace writ::evidence {
namespace {

struct Package {
  bool has_ended = false;
  bool has_failure = false;
};

class GoTestReader {
 public:
  explicit GoTestReader(std::string_view name) : name_(name) {}

  Result<TestReport> read(std::string_view text) {
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      ++line_;
      if (!line.empty() && line != "\r") WRIT_CHECK(read_event(line));
    }
    WRIT_CHECK(end_report());
    report_.format = "go_test_json";
    return std::move(report_);
  }

 private:
  using Key = std::pair<std::string, std::string>;  // package, test

  std::unexpected<Error> wrong(std::string message) const {
    return report_error(name_, {line_, 1}, std::move(message),
                        "The report is what `go test -json ./...` prints, whole");
  }

  Result<void> read_event(std::string_view line) {
    const auto event = parse_json(line, name_);
    if (!event || !event->is_object()) return wrong("this line is no event of `go test -json`");
    const std::string_view action = event->string_or("Action", "");
    const std::string package(event->string_or("Package", ""));
    if (action.empty()) return wrong("an event without `Action`");
    if (package.empty()) return {};  // a build's output
    const std::string test(event->string_or("Test", ""));
    if (test.empty()) return read_package_event(package, action);
    packages_.try_emplace(package);
    return read_test_event({package, test}, action, event->string_or("Output", ""));
  }

  Result<void> read_package_event(const std::string& name, std::string_view action) {
    Package& package = packages_[name];
    if (action == "pass" || action == "skip") package.has_ended = true;
    if (action != "fail") return {};
    package.has_ended = true;
    if (package.has_failure) return {};
    return add_case({name, "(package)", TestStatus::errored, "failed without a failing test"});
  }

  Result<void> read_test_event(const Key& key, std::string_view action, std::string_view output) {
    if (action == "run") {
      WRIT_CHECK(add_case({key.first, syntax::displayed(key.second), TestStatus::errored, ""}));
      running_.insert_or_assign(key, report_.cases.size() - 1);
      return {};
    }
    const auto running = running_.find(key);
    if (running == running_.end()) return {};
    TestCase& test = report_.cases[running->second];
    if (action == "output") append_output(test, output);
    if (action != "pass" && action != "fail" && action != "skip") return {};
    test.status = action == "pass"   ? TestStatus::passed
                  : action == "skip" ? TestStatus::skipped
                                     : TestStatus::failed;
    if (test.status == TestStatus::passed) test.message.clear();
    if (test.status == TestStatus::failed) packages_[key.first].has_failure = true;
    running_.erase(running);
    return {};
  }

  static void append_output(TestCase& test, std::string_view output) {
    while (output.ends_with('\n')) output.remove_suffix(1);
    const std::string_view said =
        output.substr(std::min(output.find_first_not_of(' '), output.size()));
    if (!said.starts_with("=== ") && !said.starts_with("--- ")) append_message(test.message, said);
  }

  Result<void> add_case(TestCase test) {
    if (report_.cases.size() == kMaxCases) return wrong("more than 1,000,000 test cases");
    report_.cases.push_back(std::move(test));
    return {};
  }

  Result<void> end_report() {
    for (const auto& [key, index] : running_) {
      append_message(report_.cases[index].message, "began and never ended");
    }
    for (const auto& [name, package] : packages_) {
      if (!package.has_ended) return wrong("the report ends before package " + name + " does");
    }
    return {};
  }

  std::string name_;
  TestReport report_;
  std::map<std::string, Package> packages_;
  std::map<Key, std::size_t> running_;  // index of the case
  std::uint32_t line_ = 0;
};

}  // namespace

bool looks_like_go_test(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.starts_with("{") && line.find("\"Action\":") != std::string_view::npos;
}

Result<TestReport> parse_go_test(std::string_view text, std::string_view name) {
  return GoTestReader(name).read(text);
}

}  // namespace writ::evidence
