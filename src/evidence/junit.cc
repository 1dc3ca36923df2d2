// JUnit XML with expat. Document type declarations are refused, and with them every entity that a
// report could define.
#include <expat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "evidence/report_format.h"

namespace writ::evidence {
namespace {

// What an attribute may add: it can make a case worse, never better. The elements decide first.
TestStatus status_of_attribute(std::string_view value) {
  constexpr std::array<std::string_view, 3> kFailed{"fail", "failed", "failure"};
  constexpr std::array<std::string_view, 5> kSkipped{"notrun", "disabled", "skipped", "suppressed",
                                                     "ignored"};
  if (std::find(kFailed.begin(), kFailed.end(), value) != kFailed.end()) return TestStatus::failed;
  if (value == "error" || value == "errored") return TestStatus::errored;
  if (std::find(kSkipped.begin(), kSkipped.end(), value) != kSkipped.end()) {
    return TestStatus::skipped;
  }
  return TestStatus::passed;
}

// The worse of two: errored, failed, skipped, passed.
TestStatus worse(TestStatus a, TestStatus b) {
  const auto rank = [](TestStatus s) {
    return s == TestStatus::errored ? 3 : s == TestStatus::failed ? 2 : s == TestStatus::skipped;
  };
  return rank(a) >= rank(b) ? a : b;
}

class Attributes {
 public:
  explicit Attributes(const XML_Char** pairs) : pairs_(pairs) {}

  std::optional<std::string_view> find(std::string_view name) const {
    for (const XML_Char** p = pairs_; *p != nullptr; p += 2) {
      if (name == *p) return p[1];
    }
    return std::nullopt;
  }
  std::string_view get(std::string_view name) const { return find(name).value_or(""); }

 private:
  const XML_Char** pairs_;
};

class JunitReader {
 public:
  explicit JunitReader(std::string_view name) : name_(name) {}

  Result<TestReport> read(std::string_view text) {
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
        XML_ParserCreate(nullptr), &XML_ParserFree);
    WRIT_ASSERT(parser != nullptr);
    parser_ = parser.get();
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(
        parser_, [](void* self, const XML_Char* e, const XML_Char** a) { of(self).start(e, a); },
        [](void* self, const XML_Char* e) { of(self).end(e); });
    XML_SetCharacterDataHandler(parser_, [](void* self, const XML_Char* piece, int length) {
      of(self).characters({piece, static_cast<std::size_t>(length)});
    });
    XML_SetStartDoctypeDeclHandler(
        parser_, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
          of(self).stop("a document type declaration is not accepted in a report");
        });
    if (auto done = feed(text); !done) return std::unexpected(std::move(done).error());
    report_.format = is_ctest() ? "ctest_junit" : "junit";
    if (is_ctest()) judge_not_run();
    return std::move(report_);
  }

 private:
  static JunitReader& of(void* self) { return *static_cast<JunitReader*>(self); }

  Result<void> feed(std::string_view text) {
    constexpr std::size_t kPiece = 1u << 20;
    while (true) {
      const std::string_view piece = text.substr(0, kPiece);
      text.remove_prefix(piece.size());
      const auto status =
          XML_Parse(parser_, piece.data(), static_cast<int>(piece.size()), text.empty());
      if (!stop_reason_.empty()) return report_error(name_, stopped_at_, stop_reason_);
      if (status != XML_STATUS_OK) {
        return report_error(
            name_, place(),
            std::string("malformed XML: ") + XML_ErrorString(XML_GetErrorCode(parser_)),
            "A report that was cut off comes from a test run that was ended");
      }
      if (text.empty()) return {};
    }
  }

  Position place() const {
    return {static_cast<std::uint32_t>(XML_GetCurrentLineNumber(parser_)),
            static_cast<std::uint32_t>(XML_GetCurrentColumnNumber(parser_) + 1)};
  }

  // After this expat calls no handler any more.
  void stop(std::string reason) {
    if (!stop_reason_.empty()) return;
    stop_reason_ = std::move(reason);
    stopped_at_ = place();
    XML_StopParser(parser_, XML_FALSE);
  }

  void start(std::string_view element, const XML_Char** pairs) {
    const Attributes attributes(pairs);
    if (++depth_ > kMaxReportDepth) return stop("elements are nested too deeply");
    if (depth_ == 1 && element != "testsuites" && element != "testsuite") {
      return stop("the root element is <" + std::string(element) +
                  ">, not <testsuites> or <testsuite>");
    }
    if (element == "testsuite") suites_.emplace_back(depth_, attributes.get("name"));
    if (element == "testcase") return start_case(attributes);
    if (element == "failure") outcome(TestStatus::failed, attributes);
    if (element == "error") outcome(TestStatus::errored, attributes);
    if (element == "skipped") outcome(TestStatus::skipped, attributes);
  }

  void start_case(const Attributes& attributes) {
    if (case_depth_ != 0) return stop("a <testcase> inside a <testcase>");
    const auto name = attributes.find("name");
    if (!name) return stop("a <testcase> without a name");
    if (report_.cases.size() == kMaxCases) return stop("more than 1,000,000 test cases");
    const std::string_view own = name->empty() ? "(no name)" : *name;
    const std::string_view group = attributes.get("classname");
    const auto status = attributes.find("status");
    ctest_like_ = ctest_like_ && status && group == own;
    TestCase test;
    test.name = own;
    if (group != own) test.suite = !group.empty() ? std::string(group) : suite_name();
    test.status = worse(status_of_attribute(status.value_or("")),
                        status_of_attribute(attributes.get("result")));
    if (status == "notrun") not_run_.push_back(report_.cases.size());
    report_.cases.push_back(std::move(test));
    case_depth_ = depth_;
  }

  std::string suite_name() const { return suites_.empty() ? std::string() : suites_.back().second; }

  // A failure, error or skip of the open case; of a whole suite when no case is open.
  void outcome(TestStatus status, const Attributes& attributes) {
    if (case_depth_ == 0) {
      if (status == TestStatus::skipped) return;
      report_.cases.push_back({suite_name(), "(suite)", status, {}});
      ctest_like_ = false;
    } else if (depth_ != case_depth_ + 1) {
      return;  // part of someone's output markup
    }
    TestCase& test = report_.cases.back();
    test.status = worse(test.status, status);
    append_message(test.message, attributes.get("message"));
    collecting_ = depth_;
    text_.clear();
  }

  void characters(std::string_view text) {
    if (collecting_ != 0 && text_.size() < kMaxMessageBytes) text_ += text;
  }

  void end(std::string_view element) {
    if (collecting_ == depth_) {
      TestCase& test = report_.cases.back();
      if (test.message.find(text_) == std::string::npos) append_message(test.message, text_);
      collecting_ = 0;
    }
    if (case_depth_ == depth_) case_depth_ = 0;
    if (element == "testsuite" && !suites_.empty() && suites_.back().first == depth_) {
      suites_.pop_back();
    }
    --depth_;
  }

  // CTest calls a test that it could not start "notrun", as one that asked to be skipped; only
  // the message tells them apart.
  void judge_not_run() {
    for (const std::size_t i : not_run_) {
      TestCase& test = report_.cases[i];
      if (test.status == TestStatus::skipped && !test.message.starts_with("SKIP_")) {
        test.status = TestStatus::errored;
      }
    }
  }

  // CTest writes every test under its own name twice, with a status.
  bool is_ctest() const { return ctest_like_ && !report_.cases.empty(); }

  std::string name_;
  XML_Parser parser_ = nullptr;
  TestReport report_;
  std::vector<std::pair<std::size_t, std::string>> suites_;  // depth, name
  std::size_t depth_ = 0;
  std::size_t case_depth_ = 0;  // of the open <testcase>; 0: none
  std::size_t collecting_ = 0;  // depth of the element whose text is kept; 0: none
  std::string text_;
  std::vector<std::size_t> not_run_;  // cases with status="notrun"
  bool ctest_like_ = true;
  std::string stop_reason_;
  Position stopped_at_;
};

}  // namespace

Result<TestReport> parse_junit(std::string_view text, std::string_view name) {
  return JunitReader(name).read(text);
}

}  // namespace writ::evidence
