#include "book.h"

#include <algorithm>
#include <iterator>

namespace orders {
namespace {

bool prices_meet(const Order& incoming, Price resting) {
  return incoming.side == Side::buy ? incoming.price >= resting : incoming.price <= resting;
}

template <typename Queue>
Level level_of(Price price, const Queue& queue) {
  Level level{price, 0, queue.size()};
  for (const Order& order : queue) level.quantity += order.quantity;
  return level;
}

template <typename Levels>
std::vector<Level> levels_of(const Levels& levels) {
  std::vector<Level> out;
  out.reserve(levels.size());
  for (const auto& [price, queue] : levels) out.push_back(level_of(price, queue));
  return out;
}

template <typename Levels>
std::optional<Level> first_of(const Levels& levels) {
  if (levels.empty()) return std::nullopt;
  return level_of(levels.begin()->first, levels.begin()->second);
}

}  // namespace

std::string_view name(Refusal refusal) {
  return refusal == Refusal::invalid_order ? "invalid_order" : "duplicate_id";
}

template <typename Levels>
void Book::match(Levels& levels, Order& incoming, std::vector<Trade>& trades) {
  while (incoming.quantity > 0 && !levels.empty()) {
    const auto level = levels.begin();
    if (!prices_meet(incoming, level->first)) return;
    const auto resting = level->second.begin();
    const Quantity quantity = std::min(incoming.quantity, resting->quantity);
    trades.push_back({resting->id, incoming.id, level->first, quantity});
    incoming.quantity -= quantity;
    resting->quantity -= quantity;
    if (resting->quantity == 0) take_out(levels, resting);
  }
}

template <typename Levels>
void Book::rest(Levels& levels, const Order& order) {
  Queue& queue = levels[order.price];
  queue.push_back(order);
  by_id_[order.id] = std::prev(queue.end());
}

// An empty level is no level: best and depth rely on it.
template <typename Levels>
void Book::take_out(Levels& levels, Queue::iterator order) {
  const auto level = levels.find(order->price);
  by_id_.erase(order->id);
  level->second.erase(order);
  if (level->second.empty()) levels.erase(level);
}

Submitted Book::submit(const Order& order) {
  if (order.price <= 0 || order.quantity <= 0) return {Refusal::invalid_order, {}};
  if (by_id_.contains(order.id)) return {Refusal::duplicate_id, {}};
  Submitted out;
  Order left = order;
  if (left.side == Side::buy) {
    match(asks_, left, out.trades);
    if (left.quantity > 0) rest(bids_, left);
  } else {
    match(bids_, left, out.trades);
    if (left.quantity > 0) rest(asks_, left);
  }
  return out;
}

std::optional<Order> Book::cancel(OrderId id) {
  return {};  // cancel later
}

std::optional<Order> Book::find(OrderId id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return *found->second;
}

std::optional<Level> Book::best(Side side) const {
  return side == Side::buy ? first_of(bids_) : first_of(asks_);
}

std::vector<Level> Book::depth(Side side) const {
  return side == Side::buy ? levels_of(bids_) : levels_of(asks_);
}

}  // namespace orders
