#include "execution/deferral.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace writ::execution {
namespace {

Deferral sample() {
  Deferral deferral;
  deferral.id = {Uuid::v5(kWritNamespace, "deferral")};
  deferral.step = "main/build";
  deferral.what = "the fallback";
  deferral.owner = "ada";
  deferral.due = parse_due("2026-03-01").value();
  deferral.unblocker = "a decision about regions";
  deferral.invariant = "money";
  deferral.by = "0123";
  return deferral;
}

TEST(DeferralTest, ReadsBackWhatItWrites) {
  Deferral closed = sample();
  closed.is_open = false;
  closed.closed_by = "4567";
  closed.closed_because = "decided";
  for (const Deferral& deferral : {sample(), closed}) {
    const auto read = deferral_from_value(to_value(deferral));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, deferral);
  }
}

TEST(DeferralTest, IsTheSameMatterOpenAndClosed) {
  Deferral closed = sample();
  closed.is_open = false;
  closed.closed_by = "4567";
  EXPECT_EQ(subject_of(closed).value().hex(), subject_of(sample()).value().hex());
  Deferral other = sample();
  other.owner = "eve";
  EXPECT_NE(subject_of(other).value().hex(), subject_of(sample()).value().hex());
}

TEST(DeferralTest, IsOverdueWhenItsDayIsOver) {
  const auto at = [](const char* time) { return parse_rfc3339(time).value(); };
  EXPECT_FALSE(is_overdue(sample(), at("2026-03-01T23:59:59.999999Z")));
  EXPECT_TRUE(is_overdue(sample(), at("2026-03-02T00:00:00Z")));
  Deferral closed = sample();
  closed.is_open = false;
  EXPECT_FALSE(is_overdue(closed, at("2027-01-01T00:00:00Z")));
}

TEST(DeferralTest, TakesADayAndNothingElseAsItsDate) {
  EXPECT_EQ(to_rfc3339(parse_due("2028-02-29").value()), "2028-02-29T00:00:00.000000Z");
  for (const std::string_view text :
       {"", "2026-3-1", "2026-02-30", "tomorrow", "2026-03-01T00:00:00Z", "2026-03-01x"}) {
    const auto due = parse_due(text);
    ASSERT_FALSE(due) << text;
    EXPECT_EQ(due.error().message, "`" + std::string(text) + "` is no date");
  }
}

TEST(AssumptionTest, ReadsBackWhatItWritesAndRefusesWhatIsNone) {
  const Assumption assumption{"main/build", "sizes are bytes", {"src/a.cc", "sizes"}, "0123"};
  const auto read = assumption_from_value(to_value(assumption));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, assumption);
  Value broken = to_value(assumption);
  broken.as_object().set("about", "src/a.cc");
  EXPECT_EQ(assumption_from_value(broken).error().code, Code::tampered);
}

TEST(AssumptionTest, TouchesAnInvariantByItsNameOrByAPathOfIt) {
  protocol::Plan plan;
  plan.invariants.resize(2);
  plan.invariants[0].id = "money";
  plan.invariants[0].paths = {"src/ledger/**"};
  plan.invariants[1].id = "privacy";
  const auto touched = [&](const std::vector<std::string>& about) {
    const protocol::Invariant* invariant = touched_invariant(plan, about);
    return invariant == nullptr ? "" : invariant->id;
  };
  EXPECT_EQ(touched({"src/book.cc"}), "");
  EXPECT_EQ(touched({"src/book.cc", "src/ledger/sum.cc"}), "money");
  EXPECT_EQ(touched({"privacy"}), "privacy");
  EXPECT_EQ(touched({}), "");
}

}  // namespace
}  // namespace writ::execution
