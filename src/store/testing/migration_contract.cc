// The part of the store contract that concerns migrations.
#include "store/testing/store_contract.h"

namespace writ::store {
namespace {

constexpr Table kLater{"contract_later"};

using Strings = std::vector<std::string>;

Strings texts(const std::vector<MigrationStep>& steps) {
  Strings out;
  for (const auto& step : steps) {
    out.push_back(step.module + " " + std::to_string(step.from) + "->" + std::to_string(step.to));
  }
  return out;
}

// The contract's own module, then a second version of it that marks every value of kFruit, then
// another module.
std::vector<Migration> grown_migrations() {
  auto out = contract_migrations();
  Migration second;
  second.module = "contract";
  second.version = 2;
  second.summary = "fruit gets a mark";
  second.creates = {kLater};
  second.up = [](Tx& tx) -> Result<void> {
    WRIT_TRY(const auto rows, tx.scan(kFruit, {}, 100));
    for (const Row& row : rows) WRIT_CHECK(tx.put(kFruit, row.key, row.value + "!"));
    return tx.put(kLater, "made", "yes");
  };
  second.down = [](Tx& tx) -> Result<void> {
    WRIT_TRY(const auto rows, tx.scan(kFruit, {}, 100));
    for (const Row& row : rows) {
      WRIT_CHECK(tx.put(kFruit, row.key, row.value.substr(0, row.value.size() - 1)));
    }
    return {};
  };
  out.push_back(second);
  Migration other;
  other.module = "other";
  other.version = 1;
  other.creates = {{"contract_other"}};
  out.push_back(other);
  return out;
}

}  // namespace

TEST_P(StoreContract, MigratesOnlyWhatIsMissing) {
  put(kFruit, "apple", "red");
  const auto first = store_->migrate(grown_migrations(), DryRun::no);
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_EQ(texts(*first), (Strings{"contract 1->2", "other 0->1"}));
  EXPECT_EQ(get(kFruit, "apple"), "red!");
  EXPECT_EQ(get(kLater, "made"), "yes");
  const auto second = store_->migrate(grown_migrations(), DryRun::no);
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ(texts(*second), Strings{});
  EXPECT_EQ(get(kFruit, "apple"), "red!");
}

TEST_P(StoreContract, ChangesNothingInADryRun) {
  put(kFruit, "apple", "red");
  const auto planned = store_->migrate(grown_migrations(), DryRun::yes);
  ASSERT_TRUE(planned) << planned.error().text();
  EXPECT_EQ(texts(*planned), (Strings{"contract 1->2", "other 0->1"}));
  EXPECT_EQ(get(kFruit, "apple"), "red");
  EXPECT_FALSE(store_->read([](Tx& tx) { return tx.get(kLater, "made"); }));
  const auto done = store_->migrate(grown_migrations(), DryRun::no);
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->front().summary, "fruit gets a mark");
  EXPECT_EQ(get(kFruit, "apple"), "red!");
}

TEST_P(StoreContract, MigratesDownAndUpAgain) {
  put(kFruit, "apple", "red");
  ASSERT_TRUE(store_->migrate(grown_migrations(), DryRun::no));
  const auto rehearsed = store_->migrate_down(grown_migrations(), "contract", 1, DryRun::yes);
  ASSERT_TRUE(rehearsed) << rehearsed.error().text();
  EXPECT_EQ(get(kFruit, "apple"), "red!");
  const auto down = store_->migrate_down(grown_migrations(), "contract", 1, DryRun::no);
  ASSERT_TRUE(down) << down.error().text();
  EXPECT_EQ(texts(*down), Strings{"contract 2->1"});
  EXPECT_EQ(get(kFruit, "apple"), "red");
  EXPECT_FALSE(store_->read([](Tx& tx) { return tx.get(kLater, "made"); }));
  ASSERT_TRUE(store_->migrate(grown_migrations(), DryRun::no));
  EXPECT_EQ(get(kFruit, "apple"), "red!");
  EXPECT_EQ(get(kLater, "made"), "yes");
}

TEST_P(StoreContract, RefusesToUndoWhatCannotBeUndone) {
  ASSERT_TRUE(store_->migrate(grown_migrations(), DryRun::no));
  const auto down = store_->migrate_down(grown_migrations(), "contract", 0, DryRun::no);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code, Code::unsupported);
  EXPECT_EQ(get(kLater, "made"), "yes");  // not half undone
  const auto unknown = store_->migrate_down(grown_migrations(), "nobody", 0, DryRun::no);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::not_found);
}

TEST_P(StoreContract, RefusesAStoreThatIsNewerThanTheBinary) {
  ASSERT_TRUE(store_->migrate(grown_migrations(), DryRun::no));
  const auto older = store_->migrate(contract_migrations(), DryRun::no);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Code::unsupported);
  EXPECT_NE(older.error().message.find("version 2 of module \"contract\""), std::string::npos)
      << older.error().message;
}

TEST_P(StoreContract, LeavesNothingOfAMigrationThatFails) {
  put(kFruit, "apple", "red");
  auto migrations = grown_migrations();
  migrations.back().up = [](Tx&) -> Result<void> { return fail(Code::conflict, "cannot"); };
  const auto failed = store_->migrate(migrations, DryRun::no);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::conflict);
  EXPECT_EQ(failed.error().contexts, Strings{"migrating other 1"});
  EXPECT_EQ(get(kFruit, "apple"), "red");
  EXPECT_FALSE(store_->read([](Tx& tx) { return tx.get(kLater, "made"); }));
  ASSERT_TRUE(store_->migrate(grown_migrations(), DryRun::no));
  EXPECT_EQ(get(kFruit, "apple"), "red!");
}

TEST_P(StoreContract, RefusesMigrationsThatContradictEachOther) {
  auto with_gap = grown_migrations();
  with_gap[1].version = 3;
  auto with_twin = grown_migrations();
  with_twin[2].creates = {kFruit};
  auto with_bad_name = grown_migrations();
  with_bad_name[2].creates = {{"Drop; table"}};
  for (const auto& bad : {with_gap, with_twin, with_bad_name}) {
    const auto refused = store_->migrate(bad, DryRun::no);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::internal);
  }
}

}  // namespace writ::store
