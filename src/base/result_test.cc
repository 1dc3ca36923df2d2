#include "base/result.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace writ {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Code::invalid_input, "odd");
  return n / 2;
}

Result<int> quarter(int n) {
  WRIT_TRY(const int once, half(n));
  return half(once);
}

Result<void> check_even(int n) {
  WRIT_CHECK(half(n));
  return {};
}

constexpr ErrorRow kTable[] = {
#define WRIT_ROW(code, http, exit, retry, remedy) \
  {Code::code, #code, http, exit, Retry::retry, remedy},
    WRIT_ERROR_TABLE(WRIT_ROW)
#undef WRIT_ROW
};

TEST(Result, PassesValuesAndErrorsOn) {
  EXPECT_EQ(quarter(8).value(), 2);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "odd");
  EXPECT_TRUE(check_even(2));
  EXPECT_EQ(check_even(3).error().code, Code::invalid_input);
}

TEST(Error, TellsItsStoryInnermostFirst) {
  Error error = fail(Code::not_found, "no run 7", "Look again").error();
  error = std::move(error).context("reading it").context("showing it");
  EXPECT_EQ(error.text(), "not_found: no run 7 (while reading it) (while showing it)");
  EXPECT_EQ(error.remedy(), "Look again");
  EXPECT_EQ(std::string_view(error.where.file_name())
                .substr(std::string_view(error.where.file_name()).rfind('/') + 1),
            "result_test.cc");
}

TEST(Error, FallsBackOnTheRemedyOfItsCode) {
  EXPECT_EQ(fail(Code::usage, "what").error().remedy(), error_row(Code::usage).remediation);
}

TEST(Error, CarriesEveryDiagnosticOfADocument) {
  const Error error =
      fail({{"a.yaml", {1, 2}, "bad", "Fix it"}, {"a.yaml", {3, 4}, "worse", ""}}).error();
  EXPECT_EQ(error.code, Code::invalid_input);
  EXPECT_EQ(error.message, "bad");
  EXPECT_EQ(error.text(), "invalid_input: bad\n  a.yaml:1:2: bad (Fix it)\n  a.yaml:3:4: worse");
}

TEST(ErrorTable, IsSortedUniqueAndFoundByCode) {
  std::string_view last;
  for (const ErrorRow& row : kTable) {
    EXPECT_LT(last, row.name);
    last = row.name;
    EXPECT_EQ(error_row(row.code).name, row.name);
    EXPECT_EQ(error_row(row.code).code, row.code);
  }
}

TEST(ErrorTable, HasAKnownExitCodeStatusAndRemedyInEveryRow) {
  const std::set<int> exits = {1, 2, 3, 4, 5, 6, 7, 8, 9, 130};
  for (const ErrorRow& row : kTable) {
    EXPECT_TRUE(exits.contains(row.exit_code)) << row.name;
    EXPECT_GE(row.http_status, 400) << row.name;
    EXPECT_LT(row.http_status, 600) << row.name;
    EXPECT_FALSE(row.remediation.empty()) << row.name;
    EXPECT_EQ(row.retry == Retry::again, row.exit_code == 9 || row.code == Code::conflict)
        << row.name;
  }
}

}  // namespace
}  // namespace writ
