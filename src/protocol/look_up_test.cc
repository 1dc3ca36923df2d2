// Look-up tables: typed rows, and references to their cells.
#include <gtest/gtest.h>

#include "protocol/load.h"
#include "protocol/render.h"
#include "protocol/testing/repository.h"

namespace writ::protocol {
namespace {

using testing::problems_of;
using testing::Repository;

constexpr std::string_view kLaw = R"(writ: 1
kind: Protocol
id: where
version: 1.0.0
tables:
  - name: models
    title: Where a model lives
    columns: {model: text, path: path, lines: number}
    rows:
      - {model: Order, path: ./src/models//order.h, lines: 300}
      - {model: Order.Line, path: src/models/line.h, lines: 120}
rules:
  words:
    models: "Order is in {{models.Order.path}}, its lines in {{ models.Order.Line.path }}."
phases:
  - id: look
    steps: [{id: read, title: "At most {{models.Order.lines}} lines", external: "Read {{models.Order.path}}", evidence: {file: out.md}}]
)";
constexpr std::string_view kSpec =
    "writ: 1\nkind: Spec\nmodule: {id: m}\nprotocols: [where@1]\nsteps: [{run: make}]\n";

TEST(LookUp, PutsCellsIntoRulesWordsAndSteps) {
  const Repository repository;
  repository.write_protocol("where", kLaw);
  const auto plan = repository.load(kSpec);
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->rules.at(0).value,
            Value("Order is in src/models/order.h, its lines in src/models/line.h."));
  const PlanStep& step = plan->steps.at(plan->find("look/read"));
  EXPECT_EQ(step.title, "At most 300 lines");
  EXPECT_EQ(step.with.string_or("instructions", ""), "Read src/models/order.h");
  ASSERT_EQ(plan->tables.size(), 1u);
  EXPECT_EQ(plan->tables[0].columns, (std::vector<std::string>{"model", "path", "lines"}));
  EXPECT_EQ(plan->tables[0].rows[1],
            (std::vector<std::string>{"Order.Line", "src/models/line.h", "120"}));
  EXPECT_TRUE(
      render_plan(*plan).contains("table models\n  Where a model lives  "
                                  ".writ/protocols/where.yaml:6\n    model | path | lines\n"
                                  "    Order | src/models/order.h | 300\n"))
      << render_plan(*plan);
}

TEST(LookUp, LeavesADocumentWithoutTablesAsItIs) {
  const Repository repository;
  repository.write_protocol("where",
                            "writ: 1\nkind: Protocol\nid: where\nversion: 1.0.0\n"
                            "rules: {words: {a: \"{{no.such.cell}} stays\"}}\n");
  const auto plan = repository.load(kSpec);
  ASSERT_EQ(problems_of(plan), "");
  EXPECT_EQ(plan->rules.at(0).value, Value("{{no.such.cell}} stays"));
}

struct Refused {
  std::string_view name;
  std::string_view from;
  std::string_view to;
  std::string_view problem;
};

constexpr Refused kRefused[] = {
    {"a row that is not there", "{{models.Order.path}},", "{{models.Ordr.path}},",
     "14:13 there is no row `Ordr` (did you mean `Order`?)"},
    {"a column that is not there", "{{models.Order.lines}}", "{{models.Order.line}}",
     "17:31 there is no column `line` (did you mean `lines`?)"},
    {"a table that is not there", "Read {{models.", "Read {{modles.",
     "17:81 there is no table `modles` (did you mean `models`?)"},
    {"no reference at all", "{{models.Order.path}},", "{{models}},",
     "14:13 `{{models}}` is no reference to a cell"},
    {"a cell of another type", "lines: 300", "lines: many",
     "10:60 column `lines` holds a number, and this is a string"},
    {"a row without a column", ", lines: 120", "", "11:9 the row has no `lines`"},
    {"a column too many", "lines: 120", "lines: 120, lins: 1",
     "11:66 table `models` has no column `lins` (did you mean `lines`?)"},
    {"the same row twice", "Order.Line, path", "Order, path",
     "11:9 `Order` is in the table already"},
    {"a path out of the tree", "./src/models//order.h", "../order.h", "10:30 "},
};

TEST(LookUp, RefusesWhatIsNotThereOrOfAnotherType) {
  for (const Refused& refused : kRefused) {
    SCOPED_TRACE(refused.name);
    std::string law(kLaw);
    const std::size_t at = law.find(refused.from);
    ASSERT_NE(at, std::string::npos);
    const Repository repository;
    repository.write_protocol("where", law.replace(at, refused.from.size(), refused.to));
    const std::string problems = problems_of(repository.load(kSpec));
    EXPECT_TRUE(problems.contains(".writ/protocols/where.yaml:" + std::string(refused.problem)))
        << problems;
  }
}

}  // namespace
}  // namespace writ::protocol
