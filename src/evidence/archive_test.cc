#include "evidence/archive.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "evidence/testing/sample_record.h"
#include "store/memory/memory_store.h"

namespace writ::evidence {
namespace {

class Archive : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto steps = store_->migrate(evidence_migrations(), store::DryRun::no);
    ASSERT_TRUE(steps) << steps.error().text();
  }

  Result<void> put(const Record& record) {
    return store_->write([&](store::Tx& tx) { return put_record(tx, record); });
  }
  std::vector<std::string> names(const Filter& filter) {
    const auto found = store_->read([&](store::Tx& tx) { return find(tx, filter); });
    EXPECT_TRUE(found) << found.error().text();
    std::vector<std::string> out;
    for (const Record& record : found->records) {
      out.push_back(record.step + "#" + std::to_string(record.attempt) + ":" + record.name);
    }
    return out;
  }

  FakeClock clock_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store(clock_);
};

using Names = std::vector<std::string>;

TEST_F(Archive, GivesBackWhatWasStored) {
  const Record record = sample_record();
  ASSERT_TRUE(put(record));
  const auto again = store_->read([&](store::Tx& tx) { return get_record(tx, record.id); });
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->digest(), record.digest());
  const auto missing = store_->read([&](store::Tx& tx) { return get_record(tx, EvidenceId{}); });
  EXPECT_EQ(missing.error().code, Code::not_found);
}

TEST_F(Archive, NeverOverwritesEvidence) {
  const Record record = sample_record();
  ASSERT_TRUE(put(record));
  ASSERT_TRUE(put(record)) << "the same again changes nothing";
  Record other = record;
  other.facts["tests.failed"] = 1;
  const auto refused = put(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  const auto stored = store_->read([&](store::Tx& tx) { return get_record(tx, record.id); });
  EXPECT_EQ(stored->facts.at("tests.failed"), Value(0));
}

TEST_F(Archive, RefusesARecordWithAForeignId) {
  Record record = sample_record();
  record.id = EvidenceId{};
  EXPECT_EQ(put(record).error().code, Code::invalid_input);
}

TEST_F(Archive, ListsARunByStepAttemptKindAndName) {
  for (const Record& record :
       {sample_record("b", "x"), sample_record("a", "y", 2), sample_record("a", "y", 1),
        sample_record("a", "x", 1), sample_record("a", "z", 1, Kind::command),
        sample_record("a", "x", 1, Kind::tests, 8)}) {
    ASSERT_TRUE(put(record));
  }
  const RunId run = sample_record().run;
  const auto all = store_->read([&](store::Tx& tx) { return records_of_run(tx, run); });
  ASSERT_TRUE(all);
  Names order;
  for (const Record& r : *all) order.push_back(r.step + std::to_string(r.attempt) + r.name);
  EXPECT_EQ(order, (Names{"a1z", "a1x", "a1y", "a2y", "b1x"}));
  const auto second = store_->read([&](store::Tx& tx) { return records_of_step(tx, run, "a", 2); });
  ASSERT_TRUE(second);
  ASSERT_EQ(second->size(), 1u);
  EXPECT_EQ(second->front().name, "y");
}

TEST_F(Archive, FindsByWhatIsKnown) {
  Record scan = sample_record("pre-flight/scan", "scan", 1, Kind::scan);
  scan.facts = {{"scan.violations", 2}};
  scan.data = Object{{"path", "src/book.cc"}};
  scan.at.micros += 10;
  scan.tree = crypto::sha256("another");
  Record tests = sample_record();
  ASSERT_TRUE(put(scan));
  ASSERT_TRUE(put(tests));
  const Names only_scan{"pre-flight/scan#1:scan"};
  const Names only_tests{"test/unit#1:build/junit.xml"};
  EXPECT_EQ(names({.kind = Kind::scan}), only_scan);
  EXPECT_EQ(names({.step = "test/*"}), only_tests);
  EXPECT_EQ(names({.name = "**/*.xml"}), only_tests);
  EXPECT_EQ(names({.tree = scan.tree}), only_scan);
  EXPECT_EQ(names({.fact = "tests.passed"}), only_tests);
  EXPECT_EQ(names({.text = "src/book.cc"}), only_scan);
  EXPECT_EQ(names({.from = scan.at}), only_scan);
  EXPECT_EQ(names({.to = scan.at}), only_tests);
  EXPECT_EQ(names({.run = RunId{}}), Names{});
  EXPECT_EQ(names({}).size(), 2u);
}

TEST_F(Archive, PagesThroughManyRecords) {
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(put(sample_record("s", "n" + std::to_string(i))));
  Filter filter{.name = "n?5", .limit = 4};
  Names all;
  for (int pages = 0; pages < 10; ++pages) {
    const auto found = store_->read([&](store::Tx& tx) { return find(tx, filter); });
    ASSERT_TRUE(found);
    for (const Record& record : found->records) all.push_back(record.name);
    filter.after = found->next;
    if (filter.after.empty()) break;
  }
  EXPECT_EQ(all, (Names{"n15", "n25", "n35", "n45", "n55", "n65", "n75", "n85", "n95"}));
}

TEST_F(Archive, ReportsBrokenRowsAsTampered) {
  const Record record = sample_record();
  ASSERT_TRUE(put(record));
  ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
    constexpr store::Table kRecords{"evidence"};
    WRIT_TRY(const auto rows, tx.scan(kRecords, {}, 1));
    std::string bytes = rows.front().value;
    bytes.replace(bytes.find("test/unit"), 9, "test/unix");
    return tx.put(kRecords, rows.front().key, bytes);
  }));
  const auto read = store_->read([&](store::Tx& tx) { return records_of_run(tx, record.run); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::tampered);
}

}  // namespace
}  // namespace writ::evidence
