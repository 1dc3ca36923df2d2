#include "store/copy.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "store/blob_store.h"
#include "store/directory/directory_blob_store.h"
#include "store/key.h"
#include "store/rows/row_blob_store.h"
#include "store/testing/postgres_server.h"
#include "store/testing/store_contract.h"
#include "store/testing/temporary_directory.h"

namespace writ::store {
namespace {

using Strings = std::vector<std::string>;

// From and to: an adapter each.
struct Way {
  const char* from;
  const char* to;
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.from << " to " << way.to; }

class Copy : public ::testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    const std::string ends = std::string(GetParam().from) + GetParam().to;
    const std::string why = ends.contains("postgresql") ? PostgresServer::missing() : "";
    if (!why.empty()) GTEST_SKIP() << why;
    from_ = open_at(GetParam().from, "from.db");
    to_ = open_at(GetParam().to, "to.db");
    ASSERT_TRUE(from_->migrate(contract_migrations(), DryRun::no));
  }
  std::unique_ptr<Store> open_at(const std::string& adapter, const std::string& file) {
    std::string url = "memory:";
    if (adapter == "sqlite") url = "sqlite:" + directory_.file(file);
    if (adapter == "postgresql") {
      PostgresServer& server = PostgresServer::shared();
      url = server.url(server.make_database());
    }
    return open(url, {.clock = &clock_}).value();
  }
  void put(const Table& table, const std::string& key, const std::string& value) {
    const auto done = from_->write([&](Tx& tx) { return tx.put(table, key, value); });
    ASSERT_TRUE(done) << done.error().text();
  }
  void fill(int rows) {
    ASSERT_TRUE(from_->write([&](Tx& tx) -> Result<void> {
      for (int i = 0; i < rows; ++i) {
        const std::string key = Key().number(static_cast<std::uint64_t>(i)).take();
        WRIT_CHECK(tx.put(kFruit, key, std::string(static_cast<std::size_t>(i) % 300, '\0')));
      }
      return {};
    }));
  }
  static std::vector<std::string> rows(Store& store, const Table& table) {
    std::vector<std::string> out;
    const auto found = store.read([&](Tx& tx) { return tx.scan(table, {}, 100'000); });
    for (const Row& row : found.value()) out.push_back(row.key + "=" + row.value);
    return out;
  }
  // What a copy changed, table by table; or its error.
  std::string copied(const CopyOptions& options = {}) {
    const auto reports = copy(*from_, *to_, contract_migrations(), options);
    if (!reports) return reports.error().text();
    std::string out;
    for (const TableReport& report : *reports) {
      out += report.table + " " + std::to_string(report.rows) + " rows, " +
             std::to_string(report.changed) + " changed; ";
    }
    return out;
  }

  FakeClock clock_;
  TemporaryDirectory directory_;
  std::unique_ptr<Store> from_;
  std::unique_ptr<Store> to_;
};

INSTANTIATE_TEST_SUITE_P(Ways, Copy,
                         ::testing::Values(Way{"memory", "memory"}, Way{"sqlite", "postgresql"},
                                           Way{"postgresql", "sqlite"}),
                         [](const auto& test) {
                           return std::string(test.param.from) + "_to_" + test.param.to;
                         });

TEST_P(Copy, MakesEveryTableWhatItWas) {
  const std::string bytes("\x00\xff\x00'\\.\t\n\x80", 9);
  put(kFruit, bytes, bytes);
  put(kFruit, "", "empty key");
  put(kFruit, "empty value", "");
  put(kFruit, "large", std::string(5u << 20, '\xff'));
  put(kTools, "saw", "sharp");
  EXPECT_EQ(copied(), "contract_fruit 4 rows, 4 changed; contract_tools 1 rows, 1 changed; ");
  EXPECT_TRUE(rows(*to_, kFruit) == rows(*from_, kFruit));
  EXPECT_EQ(rows(*to_, kTools), Strings{"saw=sharp"});
  ASSERT_TRUE(finish_copy(*to_));
  EXPECT_FALSE(is_unfinished_copy(*to_).value());
  EXPECT_TRUE(to_->migrate(contract_migrations(), DryRun::no)->empty());
}

TEST_P(Copy, TakesWhatHasChangedSinceAndNothingElse) {
  fill(5'000);
  const CopyOptions small{.slice_rows = 100};
  EXPECT_EQ(copied(small),
            "contract_fruit 5000 rows, 5000 changed; contract_tools 0 rows, 0 changed; ");
  ASSERT_TRUE(from_->write([&](Tx& tx) -> Result<void> {
    WRIT_CHECK(tx.put(kFruit, Key().number(700).take(), "changed"));
    WRIT_CHECK(tx.put(kFruit, Key().number(700).take() + "new", "new"));
    WRIT_CHECK(tx.erase(kFruit, Key().number(0).take()));
    WRIT_CHECK(tx.erase(kFruit, Key().number(4'999).take()));
    for (std::uint64_t i = 2'000; i < 2'500; ++i) {
      WRIT_CHECK(tx.erase(kFruit, Key().number(i).take()));
    }
    return tx.put(kTools, "saw", "sharp");
  }));
  EXPECT_EQ(copied(small),
            "contract_fruit 4499 rows, 504 changed; contract_tools 1 rows, 1 changed; ");
  EXPECT_TRUE(rows(*to_, kFruit) == rows(*from_, kFruit));
  EXPECT_EQ(copied(), "contract_fruit 4499 rows, 0 changed; contract_tools 1 rows, 0 changed; ");
}

TEST_P(Copy, CopiesOneMomentOfAStoreThatIsWrittenTo) {
  fill(1'000);
  std::uint64_t told = 0;
  const auto reports =
      copy(*from_, *to_, contract_migrations(),
           {.slice_rows = 100, .progress = [&](const TableReport& report) -> Result<void> {
              EXPECT_GE(report.rows, told);
              told = report.rows == 1'000 ? 0 : report.rows;
              return from_->write([&](Tx& tx) -> Result<void> {
                WRIT_CHECK(tx.put(kFruit, "late", "x"));
                return tx.put(kTools, "late", "x");
              });
            }});
  ASSERT_TRUE(reports) << reports.error().text();
  EXPECT_EQ((*reports)[0].rows, 1'000u);
  EXPECT_EQ((*reports)[1].rows, 0u);
  EXPECT_EQ(rows(*to_, kTools), Strings{});
}

TEST_P(Copy, GoesOnWhereItWasInterrupted) {
  fill(1'000);
  int slices = 0;
  const CopyOptions interrupted{.slice_rows = 100,
                                .progress = [&](const TableReport&) -> Result<void> {
                                  if (++slices == 5) return fail(Code::cancelled, "enough");
                                  return {};
                                }};
  EXPECT_EQ(copied(interrupted), "cancelled: enough");
  EXPECT_TRUE(is_unfinished_copy(*to_).value());
  const std::size_t there = rows(*to_, kFruit).size();
  EXPECT_GT(there, 0u);
  EXPECT_EQ(copied(), "contract_fruit 1000 rows, " + std::to_string(1'000 - there) +
                          " changed; contract_tools 0 rows, 0 changed; ");
  EXPECT_TRUE(rows(*to_, kFruit) == rows(*from_, kFruit));
}

TEST_P(Copy, EndsWhereverItIsTold) {
  fill(300);
  put(kTools, "saw", "sharp");
  int asked = 0;
  const auto copied_until = [&](int last) {
    asked = 0;
    return copied({.slice_rows = 100, .go_on = [&, last]() -> Result<void> {
                     if (++asked == last) return fail(Code::cancelled, "enough");
                     return {};
                   }});
  };
  ASSERT_FALSE(copied_until(-1).starts_with("cancelled"));
  const int most = asked;
  // Once for each slice that is copied, and for each that is read again.
  EXPECT_GE(most, 10);
  for (int last = 1; last <= most; ++last) {
    EXPECT_EQ(copied_until(last), "cancelled: enough") << last;
  }
  EXPECT_EQ(copied(), "contract_fruit 300 rows, 0 changed; contract_tools 1 rows, 0 changed; ");
}

TEST_P(Copy, RefusesAStoreThatHoldsSomething) {
  ASSERT_TRUE(to_->migrate(contract_migrations(), DryRun::no));
  ASSERT_TRUE(to_->write([](Tx& tx) { return tx.put(kTools, "saw", "mine"); }));
  EXPECT_EQ(copied(), "conflict: the store to copy to holds rows in table contract_tools");
  EXPECT_EQ(rows(*to_, kTools), Strings{"saw=mine"});
  EXPECT_FALSE(is_unfinished_copy(*to_).value());
}

TEST_P(Copy, RefusesASourceThatLagsBehind) {
  std::vector<Migration> newer = contract_migrations();
  Migration second;
  second.module = "contract";
  second.version = 2;
  second.creates = {Table{"contract_more"}};
  newer.push_back(second);
  const auto done = copy(*from_, *to_, newer);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "the store to be copied lacks version 2 of module \"contract\"");
}

TEST(UnfinishedCopy, IsNoStoreToWorkWith) {
  const TemporaryDirectory directory;
  const std::string url = "sqlite:" + directory.file("to.db");
  const auto from = open("memory:").value();
  ASSERT_TRUE(from->migrate(contract_migrations(), DryRun::no));
  {
    const auto to = open(url).value();
    ASSERT_TRUE(copy(*from, *to, contract_migrations()));
  }
  const auto refused = open(url);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(), "conflict: the store is a copy that has not been finished");
  ASSERT_TRUE(finish_copy(*open(url, {.unfinished_copy = UnfinishedCopy::open}).value()));
  const auto opened = open(url);
  EXPECT_TRUE(opened) << opened.error().text();
}

TEST(CopyBlobs, BringsWhatIsReferredTo) {
  const TemporaryDirectory directory;
  const SystemClock clock;
  SystemRandom random;
  const auto from = open("memory:").value();
  const auto to = open("memory:").value();
  ASSERT_TRUE(from->migrate(blob_migrations(), DryRun::no));
  const auto files = open_directory_blob_store(directory.path() / "blobs", clock).value();
  const auto rows = open_row_blob_store(*to, random).value();
  std::vector<BlobRef> refs;
  for (const std::string& bytes : {std::string(), std::string("a"), std::string(3u << 20, 'x')}) {
    refs.push_back(files->put(bytes).value());
    ASSERT_TRUE(from->write([&](Tx& tx) { return files->add_reference(tx, refs.back()); }));
  }
  const BlobRef litter = files->put("nobody refers to this").value();
  ASSERT_TRUE(copy(*from, *to, blob_migrations()));
  for (int again = 0; again < 2; ++again) {
    const auto done = copy_blobs(*files, *to, *rows);
    ASSERT_TRUE(done) << done.error().text();
  }
  EXPECT_TRUE(rows->read(refs[2].digest, 4u << 20).value() == std::string(3u << 20, 'x'));
  EXPECT_EQ(rows->read(refs[1].digest, 1).value(), "a");
  EXPECT_FALSE(rows->contains(litter.digest).value());
  ASSERT_TRUE(to->write([&](Tx& tx) { return rows->drop_reference(tx, refs[0]); }));
}

TEST(CopyBlobs, EndsWithinABlobWhereItIsTold) {
  const TemporaryDirectory directory;
  const SystemClock clock;
  SystemRandom random;
  const auto from = open("memory:").value();
  ASSERT_TRUE(from->migrate(blob_migrations(), DryRun::no));
  const auto files = open_directory_blob_store(directory.path() / "blobs", clock).value();
  const auto rows = open_row_blob_store(*from, random).value();
  const BlobRef ref = rows->put(std::string(3u << 20, 'x')).value();
  ASSERT_TRUE(from->write([&](Tx& tx) { return rows->add_reference(tx, ref); }));
  int asked = 0;
  const auto third = [&]() -> Result<void> {
    if (++asked == 3) return fail(Code::cancelled, "enough");
    return {};
  };
  const auto copied = copy_blobs(*rows, *from, *files, CheckBlobs::all, third);
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().text(), "cancelled: enough");
  EXPECT_FALSE(files->contains(ref.digest).value());
  asked = 0;
  const auto checked = rows->check(*from, third);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().text(), "cancelled: enough");
}

TEST(CopyBlobs, NamesTheBlobThatHasGone) {
  const TemporaryDirectory directory;
  const SystemClock clock;
  SystemRandom random;
  const auto store = open("memory:").value();
  ASSERT_TRUE(store->migrate(blob_migrations(), DryRun::no));
  const auto files = open_directory_blob_store(directory.path() / "blobs", clock).value();
  const auto rows = open_row_blob_store(*store, random).value();
  const BlobRef ref = rows->put("here").value();
  ASSERT_TRUE(store->write([&](Tx& tx) { return rows->add_reference(tx, ref); }));
  const auto empty = open("memory:").value();
  const auto others = open_row_blob_store(*empty, random).value();
  const auto done = copy_blobs(*others, *store, *files);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().text(), "not_found: there is no blob " + ref.digest.hex());
}

}  // namespace
}  // namespace writ::store
