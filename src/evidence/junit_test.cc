#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/testing/reports.h"

namespace writ::evidence {
namespace {

using Lines = std::vector<std::string>;

TEST(Junit, CountsElementsAndNotTotals) {
  EXPECT_EQ(cases_of(R"(<?xml version="1.0"?>
<testsuites tests="99" failures="0">
 <testsuite name="outer" tests="0">
  <properties><property name="a" value="b"/></properties>
  <testcase classname="Book" name="sorts"/>
  <testcase name="fails"><failure message="1 is not 2">at line 3</failure></testcase>
  <testcase classname="Book" name="dies" status="run"><error>segv</error></testcase>
  <testcase classname="Book" name="waits"><skipped message="no net"/><system-out>x</system-out></testcase>
 </testsuite>
</testsuites>)"),
            (Lines{"Book.sorts passed", "outer.fails failed: 1 is not 2|at line 3",
                   "Book.dies errored: segv", "Book.waits skipped: no net"}));
}

TEST(Junit, LetsAttributesMakeACaseWorseOnly) {
  EXPECT_EQ(cases_of(R"(<testsuite name="s">
  <testcase name="a" status="failed"/>
  <testcase name="b" status="run" result="suppressed"/>
  <testcase name="c" status="passed"><failure/></testcase>
  <testcase name="d" status="notrun"><error/></testcase>
  <testcase name="e" status="run" result="completed"/></testsuite>)"),
            (Lines{"s.a failed", "s.b skipped", "s.c failed", "s.d errored", "s.e passed"}));
}

TEST(Junit, CountsTheFailureOfASuiteAsACase) {
  EXPECT_EQ(cases_of(R"(<testsuite name="s"><error message="cannot set up"/></testsuite>)"),
            (Lines{"s.(suite) errored: cannot set up"}));
}

TEST(Junit, IgnoresMarkupInsideOutput) {
  EXPECT_EQ(cases_of(R"(<testsuite name="s"><testcase name="a">
    <system-out><failure message="quoted"/></system-out></testcase></testsuite>)"),
            (Lines{"s.a passed"}));
}

TEST(Junit, KeepsAndFlagsRepeatedNames) {
  const auto report = parse_test_report(
      R"(<testsuite name="s"><testcase name="a"/><testcase name="b"/><testcase name="a"/></testsuite>)",
      "r.xml");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->cases.size(), 3u);
  EXPECT_EQ(report->duplicates, Lines{"s.a"});
}

TEST(Junit, RefusesWhatCannotBeTrusted) {
  const std::pair<std::string_view, std::string_view> kBroken[] = {
      {"<testsuite name='s'><testcase name='a'/>", "1:41: malformed XML: no element found"},
      {"<testsuite name='s'></testsuit>", "1:23: malformed XML: mismatched tag"},
      {"<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite name='s'/>",
       "1:13: a document type declaration is not accepted in a report"},
      {"<html/>", "1:1: the root element is <html>, not <testsuites> or <testsuite>"},
      {"<testsuite name='s'/>", "1:1: the report holds no test case"},
      {"<testsuite name='s'><testcase/></testsuite>", "1:21: a <testcase> without a name"},
      {"<testsuite name='s'><testcase name='a'><testcase name='b'/></testcase></testsuite>",
       "1:40: a <testcase> inside a <testcase>"},
      {"<testsuite name='s'/>\n<testsuite/>", "2:1: malformed XML: junk after document element"},
      {"", "1:1: the report is empty"},
      {"PASS", "1:1: this is no test report that Writ knows"},
  };
  for (const auto& [text, message] : kBroken) EXPECT_EQ(error_of(text), message) << text;
}

TEST(Junit, RefusesEntitiesAndTheirFiles) {
  EXPECT_EQ(error_of("<!DOCTYPE t SYSTEM 'file:///etc/passwd'><testsuite name='s'/>"),
            "1:40: a document type declaration is not accepted in a report");
  EXPECT_EQ(error_of("<testsuite name='s'><testcase name='&x;'/></testsuite>"),
            "1:21: malformed XML: undefined entity");
}

TEST(Junit, BoundsTheDepth) {
  std::string text = "<testsuite name='s'>";
  for (int i = 0; i < 100; ++i) text += "<x>";
  EXPECT_EQ(error_of(text), "1:210: elements are nested too deeply");
}

TEST(Junit, CutsMessagesAtACharacter) {
  std::string euros;
  for (int i = 0; i < 2000; ++i) euros += "\xE2\x82\xAC";
  const auto report = parse_test_report("<testsuite name='s'><testcase name='a'><failure>" + euros +
                                            "</failure></testcase></testsuite>",
                                        "r.xml");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->cases[0].message, euros.substr(0, 2046));
}

// A CMake project with one test of each outcome, run for real.
TEST(Junit, ReadsWhatCtestWrites) {
  const TemporaryDirectory dir;
  dir.write("CTestTestfile.cmake",
            "add_test(good \"/bin/true\")\nadd_test(bad \"/bin/false\")\n"
            "add_test(off \"/bin/true\")\nset_tests_properties(off PROPERTIES DISABLED TRUE)\n"
            "add_test(skips \"/bin/false\")\n"
            "set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE 1)\n"
            "add_test(gone \"/no/such/program\")\n");
  const auto printed = output_of(
      "ctest", "--test-dir " + dir.path().string() + " --output-junit out.xml 2>/dev/null");
  if (!printed) GTEST_SKIP() << "ctest is not installed";
  const auto text = read_file(dir.path() / "out.xml", 1 << 20);
  ASSERT_TRUE(text) << *printed;
  EXPECT_EQ(names_of(*text),
            (Lines{"good passed", "bad failed", "off skipped", "skips skipped", "gone errored"}))
      << *text;
  EXPECT_EQ(parse_test_report(*text, "out.xml")->format, "ctest_junit");
}

// This very program, asked for its own report of a few tests.
TEST(Junit, ReadsWhatGoogleTestWrites) {
  const TemporaryDirectory dir;
  const std::string self = "/proc/" + std::to_string(::getpid()) + "/exe";
  for (const std::string_view format : {"xml", "json"}) {
    const std::string file = (dir.path() / format).string();
    ASSERT_TRUE(output_of("env", self + " --gtest_filter='Junit.Bounds*:Junit.CutsMessages*'" +
                                     " --gtest_output=" + std::string(format) + ":" + file));
    const auto text = read_file(file, 1 << 20);
    ASSERT_TRUE(text);
    EXPECT_EQ(names_of(*text),
              (Lines{"Junit.BoundsTheDepth passed", "Junit.CutsMessagesAtACharacter passed"}));
  }
}

}  // namespace
}  // namespace writ::evidence
