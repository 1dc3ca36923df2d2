#include "ledger/search.h"

#include <gtest/gtest.h>

#include "ledger/testing/sample.h"
#include "store/key.h"

namespace writ::ledger {
namespace {

// 200 events of two runs with several types, steps and actors, in rounds of several sizes.
class SearchTest : public testing::Test {
 protected:
  static Entry entry_at(std::uint64_t i) {
    constexpr const char* kTypes[] = {"writ.step.started", "writ.step.completed",
                                      "writ.run.started", "other.kind"};
    Entry entry = sample_entry(i);
    entry.type = kTypes[i % 4];
    entry.run = run_id(i % 2);
    entry.subject = "run/" + run_id(i % 2).text() + "/step/s" + std::to_string(i % 5);
    entry.actor = i % 7 == 0 ? "key:rare" : "key:common";
    entry.correlation = "c" + std::to_string(i % 3);
    return entry;
  }

  SearchTest() {
    for (std::uint64_t i = 0; i < 200; ++i) {
      EXPECT_TRUE(log_.append(entry_at(i)));
      const bool ends_round = i == 0 || i == 60 || i == 61 || i == 199;
      if (ends_round) {
        EXPECT_TRUE(log_.ledger->sequence());
      }
    }
  }

  // What `filter` has to give, by looking at every entry.
  template <typename F>
  void expect(Filter filter, F&& is_wanted) const {
    filter.limit = 1000;
    std::vector<std::uint64_t> wanted;
    for (std::uint64_t i = filter.after; i < 200; ++i) {
      if (is_wanted(entry_at(i))) wanted.push_back(i);
    }
    const auto events = log_.ledger->list(filter);
    ASSERT_TRUE(events) << events.error().text();
    std::vector<std::uint64_t> found;
    for (const Event& event : *events) found.push_back(*event.index);
    EXPECT_EQ(found, wanted);
  }

  SampleLog log_;
};

TEST_F(SearchTest, WithoutAFilterGivesEverythingInOrder) {
  expect({}, [](const Entry&) { return true; });
}

TEST_F(SearchTest, ByTypeExactOrByPrefix) {
  expect({.type = "other.kind"}, [](const Entry& e) { return e.type == "other.kind"; });
  expect({.type = "writ.step."}, [](const Entry& e) { return e.type.starts_with("writ.step."); });
  expect({.type = "writ.step"}, [](const Entry&) { return false; });
}

TEST_F(SearchTest, BySubjectExactOrByPrefixOfAnyDepth) {
  const std::string run = "run/" + run_id(1).text();
  expect({.subject = run + "/step/s3"},
         [&](const Entry& e) { return e.subject == run + "/step/s3"; });
  for (const std::string& prefix : {std::string("run/"), run + "/", run + "/step/"}) {
    expect({.subject = prefix}, [&](const Entry& e) { return e.subject.starts_with(prefix); });
  }
  expect({.subject = run}, [](const Entry&) { return false; });
}

TEST_F(SearchTest, BySeveralMembersAtOnce) {
  expect({.type = "writ.", .actor = "key:rare", .correlation = "c1"}, [](const Entry& e) {
    return e.type.starts_with("writ.") && e.actor == "key:rare" && e.correlation == "c1";
  });
  expect({.run = run_id(1), .type = "writ.step.completed"},
         [](const Entry& e) { return e.run == run_id(1) && e.type == "writ.step.completed"; });
}

TEST_F(SearchTest, ByTimeAndByTextOfThePayload) {
  Filter filter;
  filter.from = entry_at(20).time;
  filter.to = entry_at(30).time;
  expect(filter,
         [](const Entry& e) { return e.time >= entry_at(20).time && e.time < entry_at(30).time; });
  filter = {};
  filter.text = "19}";
  expect(filter, [](const Entry& e) { return e.payload.contains("19}"); });
}

TEST_F(SearchTest, GoesOnFromACursor) {
  Filter filter{.type = "other.kind"};
  filter.after = 62;
  expect(filter, [](const Entry& e) { return e.type == "other.kind"; });
  filter.limit = 2;
  std::vector<std::uint64_t> seen;
  while (true) {
    const auto page = log_.ledger->list(filter).value();
    if (page.empty()) break;
    EXPECT_LE(page.size(), 2u);
    for (const Event& event : page) seen.push_back(*event.index);
    filter.after = seen.back() + 1;
  }
  EXPECT_EQ(seen.size(), 35u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST_F(SearchTest, FindsNothingForStrangeInput) {
  expect({.type = std::string("\0.", 2)}, [](const Entry&) { return false; });
  expect({.subject = "/"}, [](const Entry&) { return false; });
  expect({.run = run_id(9)}, [](const Entry&) { return false; });
}

TEST(SubjectHead, IsTheFirstTwoParts) {
  EXPECT_EQ(subject_head("run/1/step/build"), "run/1");
  EXPECT_EQ(subject_head("run/1"), "run/1");
  EXPECT_EQ(subject_head("run/"), "run/");
  EXPECT_EQ(subject_head("trust"), "trust");
  EXPECT_EQ(subject_head("//x"), "/");
}

TEST(TermRow, IsReadInItsOneForm) {
  const store::Row row{store::Key().text("tx").number(10).take(), std::string("\x01\x04", 2)};
  const auto decoded = decode_term_row(row);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->term, "tx");
  EXPECT_EQ(decoded->indices, (std::vector<std::uint64_t>{5, 9, 10}));
  for (const std::string& bad : {std::string("\0", 1), std::string("\x81\x00", 2),
                                 std::string("\x0b"), std::string("\x80")}) {
    EXPECT_FALSE(decode_term_row({row.key, bad}));
  }
  EXPECT_FALSE(decode_term_row({row.key + "x", row.value}));
}

}  // namespace
}  // namespace writ::ledger
