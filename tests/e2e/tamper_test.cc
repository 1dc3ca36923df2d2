// Records that were changed behind Writ's back: every one is found.
#include "store_file.h"
#include "writ_shell.h"

namespace writ::e2e {
namespace {

class TamperTest : public WritTest {
 protected:
  void start() {
    set_up();
    trust_reviewer();
    ASSERT_EQ(apply(spec_of("steps:\n  - {id: a, run: echo aaa, gate: exit.code == 0}\n"
                            "  - {id: review, approval: {by: role:maintainer}}\n"))
                  .exit,
              6);
    writ_expecting(0, {"approve", "latest", "review", "--key", reviewer()});
    writ_expecting(0, {"resume"});
    writ_expecting(0, {"ledger", "checkpoint"});
    writ_expecting(0, {"verify"});
    bash("cp .writ/writ.db ../good.db");
  }
  void restore() const {
    bash("rm -f .writ/writ.db-wal .writ/writ.db-shm; cp ../good.db .writ/writ.db");
  }
  std::filesystem::path store() const { return root() / ".writ" / "writ.db"; }
};

TEST_F(TamperTest, IsFoundInEveryTableThatSaysWhatHappened) {
  start();
  for (const char* table : {"evidence", "ledger_checkpoints", "ledger_events", "ledger_tiles",
                            "run", "run_decision", "run_plan", "run_statement", "run_step"}) {
    restore();
    const bool is_changed = change_row(store(), table, [](std::string& value) {
      value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
      return true;
    });
    ASSERT_TRUE(is_changed) << table << " has no row";
    const Ran ran = writ({"verify"});
    EXPECT_EQ(ran.exit, 7) << table << "\n" << ran.text();
  }
}

TEST_F(TamperTest, IsFoundWhereTheRowStillReadsWell) {
  start();
  const struct {
    const char* table;
    std::string from, to;
  } cases[] = {
      {"evidence", "\"exit\":0", "\"exit\":1"},
      {"run_step", "\"attempt\":1", "\"attempt\":2"},
      {"run_decision", "\"open\":true", "\"open\":false"},
      {"run", "\"status\":\"attested\"", "\"status\":\"active\""},
      {"run_plan", "exit.code", "exit.cope"},
      {"ledger_events", "main/a", "main/b"},
  };
  for (const auto& c : cases) {
    restore();
    const bool is_changed = change_row(store(), c.table, [&](std::string& value) {
      const std::size_t at = value.find(c.from);
      if (at == std::string::npos) return false;
      value.replace(at, c.from.size(), c.to);
      return true;
    });
    ASSERT_TRUE(is_changed) << c.table << " has no " << c.from;
    const Ran ran = writ({"verify"});
    EXPECT_EQ(ran.exit, 7) << c.table << "\n" << ran.text();
  }
}

TEST_F(TamperTest, OfTheLogIsFoundByTheLogAlone) {
  start();
  ASSERT_TRUE(change_row(store(), "ledger_events", [](std::string& value) {
    const std::size_t at = value.find("main/a");
    if (at != std::string::npos) value[at] = 'M';
    return at != std::string::npos;
  }));
  const Ran ran = writ({"ledger", "verify"});
  EXPECT_EQ(ran.exit, 7) << ran.text();
}

}  // namespace
}  // namespace writ::e2e
