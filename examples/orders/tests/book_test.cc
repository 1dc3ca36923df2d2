#include "book.h"

#include <gtest/gtest.h>

#include <limits>

namespace orders {
namespace {

Order buy(OrderId id, Price price, Quantity quantity) { return {id, Side::buy, price, quantity}; }
Order sell(OrderId id, Price price, Quantity quantity) { return {id, Side::sell, price, quantity}; }

using Trades = std::vector<Trade>;
using Levels = std::vector<Level>;

TEST(BookTest, AnOrderWithoutCounterpartRests) {
  Book book;
  EXPECT_EQ(book.submit(buy(1, 100, 10)).trades, Trades{});
  EXPECT_EQ(book.best(Side::buy), (Level{100, 10, 1}));
  EXPECT_EQ(book.best(Side::sell), std::nullopt);
  EXPECT_EQ(book.find(1), buy(1, 100, 10));
}

TEST(BookTest, PricePriorityLetsTheBestPriceTradeFirst) {
  Book book;
  book.submit(sell(1, 103, 5));
  book.submit(sell(2, 101, 5));
  book.submit(sell(3, 102, 5));
  EXPECT_EQ(book.submit(buy(4, 103, 12)).trades,
            (Trades{{2, 4, 101, 5}, {3, 4, 102, 5}, {1, 4, 103, 2}}));
}

TEST(BookTest, PricePriorityHoldsForSellersToo) {
  Book book;
  book.submit(buy(1, 99, 5));
  book.submit(buy(2, 101, 5));
  EXPECT_EQ(book.submit(sell(3, 99, 6)).trades, (Trades{{2, 3, 101, 5}, {1, 3, 99, 1}}));
}

TEST(BookTest, TimePriorityLetsTheEarlierOrderTradeFirstAtOnePrice) {
  Book book;
  book.submit(sell(1, 100, 5));
  book.submit(sell(2, 100, 5));
  EXPECT_EQ(book.submit(buy(3, 100, 7)).trades, (Trades{{1, 3, 100, 5}, {2, 3, 100, 2}}));
  EXPECT_EQ(book.find(1), std::nullopt);
  EXPECT_EQ(book.find(2), sell(2, 100, 3));
}

TEST(BookTest, APartlyFilledOrderKeepsItsTimePriority) {
  Book book;
  book.submit(sell(1, 100, 5));
  book.submit(sell(2, 100, 5));
  book.submit(buy(3, 100, 2));
  EXPECT_EQ(book.submit(buy(4, 100, 4)).trades, (Trades{{1, 4, 100, 3}, {2, 4, 100, 1}}));
}

TEST(BookTest, TheRestOfAPartlyFilledOrderRestsAtItsOwnPrice) {
  Book book;
  book.submit(sell(1, 100, 4));
  EXPECT_EQ(book.submit(buy(2, 101, 10)).trades, (Trades{{1, 2, 100, 4}}));
  EXPECT_EQ(book.best(Side::buy), (Level{101, 6, 1}));
  EXPECT_EQ(book.best(Side::sell), std::nullopt);
}

TEST(BookTest, PricesThatDoNotMeetDoNotTrade) {
  Book book;
  book.submit(sell(1, 101, 5));
  EXPECT_EQ(book.submit(buy(2, 100, 5)).trades, Trades{});
  EXPECT_EQ(book.best(Side::buy), (Level{100, 5, 1}));
  EXPECT_EQ(book.best(Side::sell), (Level{101, 5, 1}));
}

TEST(BookTest, RefusesPricesAndQuantitiesThatAreNotPositive) {
  Book book;
  for (const Order& order : {buy(1, 0, 5), buy(2, 100, 0), sell(3, -1, 5),
                             sell(4, 100, std::numeric_limits<Quantity>::min())}) {
    EXPECT_EQ(book.submit(order).refusal, Refusal::invalid_order) << order.id;
  }
  EXPECT_EQ(book.size(), 0u);
  EXPECT_EQ(name(Refusal::invalid_order), "invalid_order");
}

TEST(BookTest, RefusesTheIdOfAnOpenOrderAndLeavesThatOneAlone) {
  Book book;
  book.submit(buy(1, 100, 5));
  EXPECT_EQ(book.submit(sell(1, 90, 5)).refusal, Refusal::duplicate_id);
  EXPECT_EQ(book.find(1), buy(1, 100, 5));
  EXPECT_EQ(name(Refusal::duplicate_id), "duplicate_id");
}

TEST(BookTest, TheIdOfAFilledOrderIsFreeAgain) {
  Book book;
  book.submit(sell(1, 100, 5));
  book.submit(buy(2, 100, 5));
  EXPECT_EQ(book.size(), 0u);
  EXPECT_EQ(book.submit(buy(1, 99, 3)).refusal, std::nullopt);
  EXPECT_EQ(book.find(1), buy(1, 99, 3));
}

TEST(BookTest, DepthAddsUpEachPriceBestFirst) {
  Book book;
  book.submit(buy(1, 99, 5));
  book.submit(buy(2, 100, 1));
  book.submit(buy(3, 99, 7));
  EXPECT_EQ(book.depth(Side::buy), (Levels{{100, 1, 1}, {99, 12, 2}}));
  EXPECT_EQ(book.depth(Side::sell), Levels{});
}

TEST(BookTest, CancelTakesAnOpenOrderOutAndReturnsIt) {
  Book book;
  book.submit(buy(1, 100, 5));
  EXPECT_EQ(book.cancel(1), buy(1, 100, 5));
  EXPECT_EQ(book.find(1), std::nullopt);
  EXPECT_EQ(book.depth(Side::buy), Levels{});
}

TEST(BookTest, ACancelledOrderNoLongerTrades) {
  Book book;
  book.submit(sell(1, 100, 5));
  book.submit(sell(2, 100, 5));
  book.cancel(1);
  EXPECT_EQ(book.submit(buy(3, 100, 6)).trades, (Trades{{2, 3, 100, 5}}));
}

TEST(BookTest, CancelReturnsOnlyWhatIsStillOpen) {
  Book book;
  book.submit(sell(1, 100, 5));
  book.submit(buy(2, 100, 2));
  EXPECT_EQ(book.cancel(1), sell(1, 100, 3));
}

TEST(BookTest, CancelOfAnUnknownOrFilledOrderReturnsNothing) {
  Book book;
  book.submit(sell(1, 100, 5));
  book.submit(buy(2, 100, 5));
  EXPECT_EQ(book.cancel(1), std::nullopt);
  EXPECT_EQ(book.cancel(77), std::nullopt);
  EXPECT_EQ(book.size(), 0u);
}

TEST(BookTest, CancelledOrdersLeaveTheirNeighboursInOrder) {
  Book book;
  for (OrderId id = 1; id <= 4; ++id) book.submit(sell(id, 100, 1));
  book.cancel(2);
  EXPECT_EQ(book.submit(buy(9, 100, 3)).trades,
            (Trades{{1, 9, 100, 1}, {3, 9, 100, 1}, {4, 9, 100, 1}}));
}

}  // namespace
}  // namespace orders
