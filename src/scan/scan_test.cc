#include "scan/scan.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/testing/temporary_directory.h"
#include "scan/walk.h"

namespace writ::scan {
namespace {

TEST(ScanFiles, ReportsFindingsByPathLineAndColumn) {
  const TemporaryDirectory dir;
  dir.write("b.cc", "int a;\n// FIXME and TODO\n");
  dir.write("a.cc", "// TODO\nint b;\n");
  const std::vector<std::string> paths{"b.cc", "a.cc", "a.cc"};
  const auto report = scan_files(dir.path(), paths, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->files, 2u);
  ASSERT_EQ(report->findings.size(), 3u);
  EXPECT_EQ(report->findings[0].path, "a.cc");
  EXPECT_EQ(report->findings[0].at, (Position{1, 4}));
  EXPECT_EQ(report->findings[1].rule, "fixme-comment");
  EXPECT_EQ(report->findings[2].at, (Position{2, 14}));
  EXPECT_EQ(report->findings[2].line, "// FIXME and TODO");
}

TEST(ScanFiles, ListsWhatItCouldNotScan) {
  const TemporaryDirectory dir;
  dir.write("a.bin", std::string("a\0TODO", 6));
  dir.write("large.cc", std::string(100, 'x'));
  std::filesystem::create_symlink("/etc/passwd", dir.path() / "link.cc");
  const std::vector<std::string> paths{"a.bin", "gone.cc", "large.cc", "link.cc", "../x.cc"};
  ScanOptions options;
  options.max_file_bytes = 50;
  const auto report = scan_files(dir.path(), paths, options);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->files, 0u);
  ASSERT_EQ(report->skipped.size(), 5u);
  EXPECT_TRUE(report->skipped[0].starts_with("../x.cc: ")) << report->skipped[0];
  EXPECT_EQ(report->skipped[1], "a.bin: binary");
  EXPECT_TRUE(report->skipped[2].starts_with("gone.cc: ")) << report->skipped[2];
  EXPECT_TRUE(report->skipped[3].starts_with("large.cc: ")) << report->skipped[3];
  EXPECT_TRUE(report->skipped[4].starts_with("link.cc: ")) << report->skipped[4];
}

TEST(ScanFiles, RefusesAnUnknownRuleWithASuggestion) {
  ScanOptions options;
  options.rules = {"todo-coment"};
  const auto report = scan_files(".", {}, options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::invalid_input);
  EXPECT_NE(report.error().message.find("did you mean `todo-comment`?"), std::string::npos)
      << report.error().message;
}

TEST(ScanFiles, StopsListingAFileThatIsFullOfFindings) {
  const TemporaryDirectory dir;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "// TODO\n";
  dir.write("a.cc", text);
  const std::vector<std::string> paths{"a.cc"};
  const auto report = scan_files(dir.path(), paths, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->findings.size(), 1000u);
  ASSERT_EQ(report->skipped.size(), 1u);
  EXPECT_EQ(report->skipped[0], "a.cc: more than 1000 findings, the rest not listed");
}

TEST(ScanText, CountsColumnsInBytesAndInCharacters) {
  const auto findings = scan_text("a.cc", "// \xC3\xA4\xFF TODO\n", {});
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 1u);
  EXPECT_EQ(findings->front().at.column, 8u);
  EXPECT_EQ(findings->front().column_characters, 7u);
  EXPECT_EQ(findings->front().length_characters, 4u);
  EXPECT_EQ(findings->front().line, "// \xC3\xA4\xEF\xBF\xBD TODO");
}

TEST(ScanText, CutsLongLinesAtACharacter) {
  std::string text = "// TODO ";
  while (text.size() < 1000) text += "\xE2\x82\xAC";
  const auto findings = scan_text("a.cc", text, {});
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 1u);
  EXPECT_EQ(findings->front().line, text.substr(0, 8 + 130 * 3));
}

TEST(ScanText, ReportsARuleOncePerLine) {
  const auto findings = scan_text("a.cc", "/* TODO */ /* TODO */\n// TODO TODO\n", {});
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 2u);
  EXPECT_EQ((*findings)[0].at, (Position{1, 4}));
  EXPECT_EQ((*findings)[1].at, (Position{2, 4}));
}

TEST(ScanReport, IsAValueWithCountsAndRemedies) {
  ScanReport report;
  const auto findings = scan_text("a.cc", "// TODO\n", {});
  ASSERT_TRUE(findings);
  report.findings = *findings;
  report.files = 1;
  report.skipped = {"b.bin: binary"};
  const Value value = report.to_value();
  EXPECT_EQ(value.integer_or("violations", -1), 1);
  EXPECT_EQ(value.at_path({"by_rule", "todo-comment"})->as_integer(), 1);
  const Value& first = value.find("findings")->as_array().at(0);
  EXPECT_EQ(first.string_or("remedy", ""), "Do the work and remove the comment");
  EXPECT_EQ(first.integer_or("line", 0), 1);
  EXPECT_EQ(value.find("skipped")->as_array().at(0).as_string(), "b.bin: binary");
}

TEST(ListFiles, LeavesOutRepositoriesStateAndLinks) {
  const TemporaryDirectory dir;
  dir.write("src/b.cc", "");
  dir.write("src/a.cc", "");
  dir.write(".git/config", "");
  dir.write("src/.writ/run.db", "");
  std::filesystem::create_directory_symlink(dir.path() / "src", dir.path() / "link");
  const auto all = list_files(dir.path(), "");
  ASSERT_TRUE(all) << all.error().text();
  EXPECT_EQ(*all, (std::vector<std::string>{"src/a.cc", "src/b.cc"}));
  const auto one = list_files(dir.path(), "src/b.cc");
  ASSERT_TRUE(one);
  EXPECT_EQ(*one, std::vector<std::string>{"src/b.cc"});
  EXPECT_EQ(list_files(dir.path(), "gone").error().code, Code::not_found);
  EXPECT_EQ(list_files(dir.path(), "", 1).error().code, Code::invalid_input);
}

// Our own sources are held to our own rules.
TEST(ZeroTolerance, HoldsForTheScannerItself) {
  const std::filesystem::path root = WRIT_SOURCE_DIR;
  std::vector<std::string> sources;
  for (const std::string_view folder : {"src/scan", "src/syntax"}) {
    const auto paths = list_files(root, folder);
    ASSERT_TRUE(paths);
    for (const std::string& path : *paths) {
      if (path.find("_test.cc") == std::string::npos) sources.push_back(path);
    }
  }
  const auto report = scan_files(root, sources, {});
  ASSERT_TRUE(report);
  EXPECT_GT(report->files, 15u);
  for (const Finding& f : report->findings) {
    ADD_FAILURE() << f.path << ":" << f.at.line << ": " << f.rule << ": " << f.line;
  }
}

}  // namespace
}  // namespace writ::scan
