// GoogleTest's --gtest_output=json. Totals are ignored; every listed test is counted.
#include "base/json.h"
#include "evidence/report_format.h"

namespace writ::evidence {
namespace {

class GtestReader {
 public:
  explicit GtestReader(std::string_view name) : name_(name) {}

  Result<TestReport> read(const Value& root) {
    WRIT_TRY(const Array* suites, list(root, "testsuites"));
    for (const Value& suite : *suites) WRIT_CHECK(read_suite(suite));
    report_.format = "gtest_json";
    return std::move(report_);
  }

 private:
  Result<const Array*> list(const Value& of, std::string_view member) const {
    const Value* value = of.find(member);
    if (value != nullptr && value->is_array()) return &value->as_array();
    return report_error(name_, of.at(), "no list `" + std::string(member) + "`",
                        "Only GoogleTest's JSON is known: run with --gtest_output=json:FILE");
  }

  Result<std::string> text(const Value& of, std::string_view member) const {
    const Value* value = of.find(member);
    if (value != nullptr && value->is_string()) return value->as_string();
    return report_error(name_, of.at(), "no string `" + std::string(member) + "`");
  }

  Result<void> read_suite(const Value& suite) {
    WRIT_TRY(const std::string suite_name, text(suite, "name"));
    WRIT_TRY(const Array* tests, list(suite, "testsuite"));
    for (const Value& test : *tests) WRIT_CHECK(read_test(suite_name, test));
    return {};
  }

  Result<void> read_test(const std::string& suite, const Value& test) {
    TestCase out;
    out.suite = suite;
    WRIT_TRY(out.name, text(test, "name"));
    if (out.name.empty()) out.name = "(no name)";
    WRIT_TRY(const std::string status, text(test, "status"));
    const std::string_view result = test.string_or("result", "COMPLETED");
    if (status != "RUN" || result != "COMPLETED" || test.find("skipped") != nullptr) {
      out.status = TestStatus::skipped;
    }
    if (const Value* failures = test.find("failures")) {
      if (!failures->is_array()) return report_error(name_, test.at(), "`failures` is no list");
      for (const Value& failure : failures->as_array()) {
        out.status = TestStatus::failed;
        append_message(out.message, failure.string_or("failure", ""));
      }
    }
    if (report_.cases.size() == kMaxCases) {
      return report_error(name_, test.at(), "more than 1,000,000 test cases");
    }
    report_.cases.push_back(std::move(out));
    return {};
  }

  std::string name_;
  TestReport report_;
};

}  // namespace

Result<TestReport> parse_gtest_json(std::string_view text, std::string_view name) {
  const DocumentLimits limits{
      .max_bytes = kMaxReportBytes, .max_depth = kMaxReportDepth, .max_nodes = 20'000'000};
  WRIT_TRY(const Value root, parse_json(text, name, limits));
  return GtestReader(name).read(root);
}

}  // namespace writ::evidence
