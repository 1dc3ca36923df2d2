// The rows that a WHERE clause chooses in a database are those that full evaluation allows.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sqlite3.h>

#include <memory>
#include <set>

#include "policy/filter/write_filter.h"
#include "policy/term/json.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::RegoRun;

std::string pick(const std::vector<std::string>& of) {
  return of[*rc::gen::inRange<std::size_t>(0, of.size())];
}

// Columns a and b are integers, s and t texts, r is a boolean.
std::string random_comparison() {
  const std::string number = pick({"input.t.a", "input.t.b"});
  const std::string text = pick({"input.t.s", "input.t.t"});
  const std::string word = pick({"\"\"", "\"a\"", "\"A\"", "\"it's\"", "\"a%\"", "\"\\\\\"",
                                 "input.w", "\"_b\"", "\"\u00e9\""});
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return number + pick({" == ", " != ", " < ", " <= ", " > ", " >= "}) +
             pick({"0", "1", "-2", "1.0", "2.5", "input.n"});
    case 1:
      return text + pick({" == ", " != ", " < ", " >= "}) + word;
    case 2:
      return pick({"startswith", "endswith", "contains"}) + "(" + text + ", " + word + ")";
    case 3:
      return number + " in " + pick({"{1, 2}", "[0]", "[]", "{\"x\": 1, \"y\": 3}", "input.ns"});
    case 4:
      return "input.t.r" + pick({" == true", " == false", " != true"});
    case 5:
      return number + pick({" == ", " < ", " != "}) + pick({"input.t.a", "input.t.b"});
    default:
      return pick({"input.n == 1", "input.w == \"it's\"", "_ = input.t.a", "input.t.b != null"});
  }
}

std::string random_policy() {
  std::string out = "package f\ndefault include := false\n";
  const int rules = *rc::gen::inRange(1, 4);
  for (int i = 0; i < rules; ++i) {
    out += "include if {\n";
    const int size = *rc::gen::inRange(1, 4);
    for (int k = 0; k < size; ++k) {
      out += "\t" + pick({"", "", "not "}) + random_comparison() + "\n";
    }
    if (*rc::gen::inRange(0, 3) == 0) out += "\tnot p\n";
    if (*rc::gen::inRange(0, 3) == 0) out += "\tq\n";
    out += "}\n";
  }
  out += "p if {\n\t" + random_comparison() + "\n\t" + random_comparison() + "\n}\n";
  out += "p if " + random_comparison() + "\n";
  return out + "q if " + random_comparison() + "\nelse := false if " + random_comparison() +
         "\nelse if " + random_comparison() + "\n";
}

struct Row {
  std::vector<std::pair<std::string, std::string>> columns;  // name, JSON; "null": NULL
};

Row random_row() {
  return {{{"a", pick({"null", "0", "1", "-2", "3"})},
           {"b", pick({"null", "0", "1", "2"})},
           {"s", pick({"null", "\"\"", "\"a\"", "\"Ab\"", "\"it's\"", "\"a%b\"", "\"x\\\\\""})},
           {"t", pick({"null", "\"a\"", "\"_b\"", "\"\u00e9a\"", "\"it's\""})},
           {"r", pick({"null", "true", "false"})}}};
}

// As SQLite spells it.
std::string literal(const std::string& json) {
  if (json == "null" || json[0] != '"') return json;
  Arena arena;
  const Term text = parse_json(arena, json).value();
  std::string out = "'";
  for (const char c : text.text()) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

class Table {
 public:
  Table() {
    sqlite3* opened = nullptr;
    EXPECT_EQ(sqlite3_open(":memory:", &opened), SQLITE_OK);
    database_.reset(opened);
    run("CREATE TABLE t (id INTEGER, a INTEGER, b INTEGER, s TEXT, t TEXT, r BOOLEAN)");
  }

  void insert(std::size_t id, const Row& row) {
    std::string values = std::to_string(id);
    for (const auto& [name, value] : row.columns) values += ", " + literal(value);
    run("INSERT INTO t VALUES (" + values + ")");
  }

  std::set<std::size_t> chosen(const std::string& where) {
    return run("SELECT id FROM t " + where);
  }

 private:
  std::set<std::size_t> run(const std::string& text) {
    std::set<std::size_t> out;
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(database_.get(), text.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << text << ": " << sqlite3_errmsg(database_.get());
    while (sqlite3_step(statement) == SQLITE_ROW) {
      out.insert(static_cast<std::size_t>(sqlite3_column_int64(statement, 0)));
    }
    sqlite3_finalize(statement);
    return out;
  }

  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

std::string as_input(const Row& row, const std::string& known) {
  std::string out = "{" + known + ", \"t\": {\"id\": 0";
  for (const auto& [name, value] : row.columns) {
    if (value != "null") out += ", \"" + name + "\": " + value;
  }
  return out + "}}";
}

TEST(Filter, ChoosesInADatabaseTheRowsThatThePolicyAllows) {
  const bool holds = rc::check("chosen rows are allowed rows", [] {
    const std::string policy = random_policy();
    const std::string known = R"("n": )" + pick({"1", "0"}) + R"(, "w": "it's", "ns": [1, -2])";
    RegoRun run({policy});
    RC_PRE(run.problem().empty());
    run.with_input("{" + known + "}");
    PartialOptions options;
    options.unknowns = {"input.t"};
    const auto answer = partially_evaluate(
        run.program(), "data.f.include == true",
        {run.options().input, run.options().data, run.options().services}, options);
    RC_ASSERT(answer.has_value());
    const auto filter = to_filter(*answer);
    if (!filter) {
      RC_LOG() << policy << to_text(filter.error());
      RC_FAIL("no filter");
    }
    std::string where = "WHERE 1 = 0";
    if (filter->kind != Filter::Kind::never) where = to_sql(*filter, Dialect::sqlite).value();
    Table table;
    std::set<std::size_t> allowed;
    for (std::size_t id = 0; id < 30; ++id) {
      const Row row = random_row();
      table.insert(id, row);
      run.with_input(as_input(row, known));
      if (run.value("data.f.include") == "true") allowed.insert(id);
    }
    const std::set<std::size_t> chosen = table.chosen(where);
    if (chosen == allowed) return;
    RC_LOG() << policy << known << "\n" << where;
    RC_FAIL("other rows are chosen than allowed");
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace writ::rego
