#include "protocol/sort_by_needs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace writ::protocol {
namespace {

using Needs = std::vector<std::vector<std::size_t>>;

TEST(SortByNeeds, KeepsTheGivenOrderWhereNeedsLeaveAChoice) {
  EXPECT_EQ(sort_by_needs(Needs(4)).order, (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(sort_by_needs(Needs{{2}, {}, {}}).order, (std::vector<std::size_t>{1, 2, 0}));
  EXPECT_TRUE(sort_by_needs(Needs{}).order.empty());
}

TEST(SortByNeeds, PutsEverythingBehindWhatItNeeds) {
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    // Needs point to what a hidden permutation puts earlier, so there is no cycle.
    std::vector<std::size_t> hidden(40);
    for (std::size_t i = 0; i < hidden.size(); ++i) hidden[i] = i;
    std::ranges::shuffle(hidden, random);
    Needs needs(hidden.size());
    for (std::size_t i = 1; i < hidden.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (random() % 8 == 0) needs[hidden[i]].push_back(hidden[j]);
      }
      std::ranges::sort(needs[hidden[i]]);
    }
    const SortedByNeeds sorted = sort_by_needs(needs);
    ASSERT_EQ(sorted.order.size(), needs.size());
    EXPECT_TRUE(sorted.cycle.empty());
    std::vector<std::size_t> place(needs.size());
    for (std::size_t i = 0; i < sorted.order.size(); ++i) place[sorted.order[i]] = i;
    for (std::size_t i = 0; i < needs.size(); ++i) {
      for (const std::size_t need : needs[i]) EXPECT_LT(place[need], place[i]);
    }
  }
}

TEST(SortByNeeds, NamesACycleAndNothingElse) {
  EXPECT_EQ(sort_by_needs(Needs{{0}}).cycle, std::vector<std::size_t>{0});
  // 0 waits for the circle of 1, 2 and 3 and is no part of it.
  const SortedByNeeds sorted = sort_by_needs(Needs{{1}, {2}, {3}, {1}, {}});
  EXPECT_TRUE(sorted.order.empty());
  EXPECT_EQ(sorted.cycle, (std::vector<std::size_t>{1, 2, 3}));
}

}  // namespace
}  // namespace writ::protocol
