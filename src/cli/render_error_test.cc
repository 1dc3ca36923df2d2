#include "cli/render_error.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "base/testing/temporary_directory.h"

namespace writ::cli {
namespace {

Error error_of(std::unexpected<Error> unexpected) { return std::move(unexpected).error(); }

TEST(RenderError, EndsWithTheRemedyOfTheErrorOrOfItsCode) {
  EXPECT_EQ(render_error(error_of(fail(Code::not_found, "no run", "Start one")), Style(false)),
            "error: no run\n  remedy: Start one\n");
  const Error bare = error_of(fail(Code::not_found, "no run"));
  EXPECT_EQ(
      render_error(bare, Style(false)),
      "error: no run\n  remedy: " + std::string(error_row(Code::not_found).remediation) + "\n");
}

TEST(RenderError, SaysWhatWasGoingOn) {
  Error error = error_of(fail(Code::storage_failed, "disk full", "x")).context("writing a blob");
  EXPECT_EQ(render_error(error, Style(false)),
            "error: disk full (while writing a blob)\n  remedy: x\n");
}

TEST(RenderError, ShowsEveryDiagnosticWithItsPlace) {
  const Error error = error_of(fail({{"spec.yaml", {3, 5}, "unknown key `stps`", "Use `steps`"},
                                     {"spec.yaml", {}, "too large", ""}}));
  EXPECT_EQ(render_error(error, Style(false)),
            "error: 2 problems\n"
            "  spec.yaml:3:5  unknown key `stps`\n"
            "    remedy: Use `steps`\n"
            "  spec.yaml  too large\n");
}

TEST(RenderError, ShowsTheLineWithACaret) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(replace_file(directory.path() / "a.rego",
                           "package g\n\tä == \x1b x\n" + std::string(300, 'y') + "z\n"));
  const auto shown = [&](Position at) {
    return render_error(error_of(fail({{"a.rego", at, "bad", "Mend it"}})), Style(false),
                        directory.path());
  };
  EXPECT_EQ(shown({1, 9}),
            "error: 1 problem\n  a.rego:1:9  bad\n    1 | package g\n      |         ^\n"
            "    remedy: Mend it\n");
  // Columns count bytes; the caret stands below the character.
  EXPECT_NE(shown({2, 5}).find("    2 |  ä == "), std::string::npos) << shown({2, 5});
  EXPECT_NE(shown({2, 5}).find("\n      |    ^\n"), std::string::npos) << shown({2, 5});
  EXPECT_EQ(shown({2, 5}).find('\x1b'), std::string::npos);
  EXPECT_NE(shown({3, 301}).find("    3 | " + std::string(80, 'y') + "z\n      | " +
                                 std::string(80, ' ') + "^\n"),
            std::string::npos)
      << shown({3, 301});
  EXPECT_EQ(shown({9, 1}), "error: 1 problem\n  a.rego:9:1  bad\n    remedy: Mend it\n");
}

TEST(RenderError, NeverPassesControlCharactersOn) {
  const Error error = error_of(fail(Code::not_found, "no \x1b[2J run", "\x07"));
  EXPECT_EQ(render_error(error, Style(false)).find_first_of("\x1b\x07"), std::string::npos);
}

TEST(RenderError, GivesProgramsTheSame) {
  const Error error = error_of(fail({{"a.yaml", {1, 2}, "bad", "Mend it"}}));
  const auto value = parse_json(error_json(error));
  ASSERT_TRUE(value);
  const Value& inner = *value->find("error");
  EXPECT_EQ(inner.string_or("code", ""), "invalid_input");
  EXPECT_FALSE(inner.bool_or("retryable", true));
  const Value& diagnostic = inner.find("diagnostics")->as_array().at(0);
  EXPECT_EQ(diagnostic.string_or("file", ""), "a.yaml");
  EXPECT_EQ(diagnostic.integer_or("line", 0), 1);
  EXPECT_EQ(diagnostic.integer_or("column", 0), 2);
}

}  // namespace
}  // namespace writ::cli
