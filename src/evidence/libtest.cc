// What `cargo test` prints: for each test program `running N tests`, a line for each test, and
// `test result: …`. The lines count, and must be as many as announced; the result is not believed.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "evidence/report_format.h"
#include "syntax/display.h"

namespace writ::evidence {
namespace {

constexpr std::string_view kRunning = "running ";
constexpr std::string_view kBetween = " ... ";

std::optional<std::uint64_t> announced(std::string_view line) {
  if (!line.starts_with(kRunning)) return std::nullopt;
  line.remove_prefix(kRunning.size());
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), count);
  if (error != std::errc()) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (line != " test" && line != " tests") return std::nullopt;
  return count;
}

class LibtestReader {
 public:
  explicit LibtestReader(std::string_view name) : name_(name) {}

  Result<TestReport> read(std::string_view text) {
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++line_;
      WRIT_CHECK(read_line(line));
    }
    if (left_) return wrong("the report ends before `test result`");
    report_.format = "libtest";
    return std::move(report_);
  }

 private:
  std::unexpected<Error> wrong(std::string message) const {
    return report_error(name_, {line_, 1}, std::move(message),
                        "Tests that print past the harness tear its lines apart: "
                        "`cargo test -- --test-threads=1` may help");
  }

  Result<void> read_line(std::string_view line) {
    if (const auto count = announced(line)) {
      if (left_) return wrong("a test program begins before the last one has ended");
      if (*count > kMaxCases) return wrong("more than 1,000,000 test cases");
      left_ = count;
      failed_.clear();
      is_summing_up_ = false;
      return {};
    }
    if (!left_) return {};
    if (line.starts_with("test result: ")) return end_program();
    if (line == "failures:") is_summing_up_ = true;
    if (is_summing_up_)
      explain(line);
    else if (line.starts_with("test "))
      return read_test(line.substr(5));
    return {};
  }

  // `name ... ok`; what a test prints past the harness may stand between.
  Result<void> read_test(std::string_view line) {
    const std::size_t at = line.rfind(kBetween);
    if (at == std::string_view::npos) return {};
    TestCase test;
    test.name = syntax::displayed(line.substr(0, at));
    const std::string_view said = line.substr(at + kBetween.size());
    if (said.starts_with("ignored")) {
      test.status = TestStatus::skipped;
    } else if (said.starts_with("FAILED")) {
      test.status = TestStatus::failed;
    } else if (said != "ok" && !said.starts_with("ok ") && !said.starts_with("bench:")) {
      return {};
    }
    if (*left_ == 0) return wrong("more tests than were announced");
    if (report_.cases.size() == kMaxCases) return wrong("more than 1,000,000 test cases");
    --*left_;
    if (test.status == TestStatus::failed) failed_.emplace(test.name, report_.cases.size());
    report_.cases.push_back(std::move(test));
    return {};
  }

  // After all tests: `---- name stdout ----` and what the failed test printed.
  void explain(std::string_view line) {
    if (line.starts_with("---- ") && line.ends_with(" stdout ----")) {
      const auto at = failed_.find(std::string(line.substr(5, line.size() - 17)));
      explained_ = at == failed_.end() ? nullptr : &report_.cases[at->second];
    } else if (line == "failures:") {
      explained_ = nullptr;
    } else if (explained_ != nullptr && !line.empty()) {
      append_message(explained_->message, line);
    }
  }

  Result<void> end_program() {
    if (*left_ > 0) return wrong("fewer tests than were announced: " + std::to_string(*left_));
    left_.reset();
    explained_ = nullptr;
    return {};
  }

  std::string name_;
  TestReport report_;
  std::optional<std::uint64_t> left_;          // inside a program: tests to come
  std::map<std::string, std::size_t> failed_;  // of this program
  bool is_summing_up_ = false;                 // after its tests: what the failed ones printed
  TestCase* explained_ = nullptr;              // no case is added meanwhile
  std::uint32_t line_ = 0;
};

}  // namespace

bool is_libtest_line(std::string_view line) { return announced(line).has_value(); }

Result<TestReport> parse_libtest(std::string_view text, std::string_view name) {
  return LibtestReader(name).read(text);
}

}  // namespace writ::evidence
