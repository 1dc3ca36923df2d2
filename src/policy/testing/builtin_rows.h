#pragma once
// Tests of builtins as rows: name, arguments as JSON, outcome in Rego syntax.
#include <gtest/gtest.h>

#include <initializer_list>

#include "policy/testing/call_builtin.h"

namespace writ::rego::testing {

struct Row {
  const char* name;
  const char* args;
  const char* outcome;
};

class BuiltinRows : public ::testing::Test {
 protected:
  void expect(std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
      EXPECT_EQ(call_.text(row.name, row.args), row.outcome) << row.name << " " << row.args;
    }
  }
  BuiltinCall call_;
};

}  // namespace writ::rego::testing
