#pragma once
// A limit order book for one instrument: the best price trades first, and at one price the order
// that came first. Prices are in ticks, quantities in lots; both are whole numbers.
//
// Not thread-safe: one thread owns a book.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace orders {

using OrderId = std::uint64_t;
using Price = std::int64_t;
using Quantity = std::int64_t;

enum class Side { buy, sell };

struct Order {
  OrderId id = 0;
  Side side = Side::buy;
  Price price = 0;
  Quantity quantity = 0;  // what is still open
  bool operator==(const Order&) const = default;
};

// The resting order sets the price.
struct Trade {
  OrderId resting = 0;
  OrderId incoming = 0;
  Price price = 0;
  Quantity quantity = 0;
  bool operator==(const Trade&) const = default;
};

// Why an order was not taken.
enum class Refusal {
  invalid_order,  // price or quantity is not positive
  duplicate_id,   // an open order has this id
};
std::string_view name(Refusal refusal);

struct Submitted {
  std::optional<Refusal> refusal;  // when set, the book is as it was
  std::vector<Trade> trades;       // in the order in which they happened
};

// What is open at one price.
struct Level {
  Price price = 0;
  Quantity quantity = 0;
  std::size_t orders = 0;
  bool operator==(const Level&) const = default;
};

class Book {
 public:
  // Trades `order` against the other side as far as prices meet; the rest stays in the book.
  Submitted submit(const Order& order);

  // Takes an open order out of the book and returns what was still open of it; nothing when no
  // open order has this id. Constant time apart from the search for its price.
  std::optional<Order> cancel(OrderId id);

  // The open order with this id.
  std::optional<Order> find(OrderId id) const;

  // The level that trades next; nothing when the side is empty.
  std::optional<Level> best(Side side) const;

  // Levels of a side, the one that trades next first.
  std::vector<Level> depth(Side side) const;

  std::size_t size() const { return by_id_.size(); }

 private:
  using Queue = std::list<Order>;  // in order of arrival; never empty while it is in a map
  using Bids = std::map<Price, Queue, std::greater<>>;
  using Asks = std::map<Price, Queue, std::less<>>;

  template <typename Levels>
  void match(Levels& levels, Order& incoming, std::vector<Trade>& trades);
  template <typename Levels>
  void rest(Levels& levels, const Order& order);
  template <typename Levels>
  void take_out(Levels& levels, Queue::iterator order);

  Bids bids_;
  Asks asks_;
  std::unordered_map<OrderId, Queue::iterator> by_id_;
};

}  // namespace orders
