#include "store/postgres/pg_error.h"

#include <gtest/gtest.h>

namespace writ::store {
namespace {

PgFailure failure(std::string_view state) {
  return pg_failure(state, "what the server said\nmore", "committing", "postgresql://u@h/d");
}

TEST(PgError, NamesPlaceActionCauseAndCode) {
  EXPECT_EQ(failure("53100").error.message,
            "the store postgresql://u@h/d failed while committing: what the server said "
            "(SQLSTATE 53100)");
  EXPECT_EQ(pg_failure("", "", "reading table x", "p").error.message,
            "the store p failed while reading table x");
}

TEST(PgError, KnowsWhatMayBeTriedAgain) {
  struct Case {
    std::string_view state;
    Code code;
    Hope hope;
  };
  constexpr Case kCases[] = {
      {"", Code::unavailable, Hope::new_server},
      {"08006", Code::unavailable, Hope::new_server},
      {"40001", Code::unavailable, Hope::again},
      {"40003", Code::unavailable, Hope::none},
      {"40P01", Code::unavailable, Hope::again},
      {"53100", Code::storage_failed, Hope::none},
      {"53200", Code::unavailable, Hope::again},
      {"53300", Code::unavailable, Hope::new_server},
      {"57014", Code::timed_out, Hope::none},
      {"57P01", Code::unavailable, Hope::new_server},
      {"57P03", Code::unavailable, Hope::new_server},
      {"42P01", Code::internal, Hope::none},
      {"42501", Code::not_permitted, Hope::none},
      {"XX001", Code::tampered, Hope::none},
  };
  for (const Case& row : kCases) {
    EXPECT_EQ(failure(row.state).error.code, row.code) << row.state;
    EXPECT_EQ(failure(row.state).hope, row.hope) << row.state;
  }
}

}  // namespace
}  // namespace writ::store
