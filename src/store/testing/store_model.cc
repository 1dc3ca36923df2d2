// Random histories of a store against std::map.
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <ostream>
#include <tuple>
#include <utility>

#include "store/testing/store_contract.h"

namespace writ::store {
namespace {

using Model = std::map<std::string, std::string>;

// What one operation of a closure does, and what it saw: both worlds must see the same.
struct Operation {
  enum class Kind : std::uint8_t { get, put, insert, erase, scan } kind;
  std::string key;
  std::string other;  // value, or end of the range
  std::size_t limit;
  Order order;
};

struct Closure {
  std::vector<Operation> operations;
  bool fails;
};

std::ostream& operator<<(std::ostream& out, const Closure& closure) {
  out << (closure.fails ? "failing{" : "closure{");
  for (const auto& operation : closure.operations) {
    out << static_cast<int>(operation.kind) << "(" << operation.key << "," << operation.other << ","
        << operation.limit << ") ";
  }
  return out << "}";
}

// Few short keys, so that operations meet; all bytes that could matter to an encoding.
rc::Gen<std::string> some_key() {
  return rc::gen::resize(3, rc::gen::container<std::string>(rc::gen::element('\0', 'a', '\xff')));
}

rc::Gen<Operation> some_operation() {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, 5), some_key(), some_key(),
                                     rc::gen::inRange(0, 6), rc::gen::arbitrary<bool>()),
                      [](const std::tuple<int, std::string, std::string, int, bool>& from) {
                        const auto& [kind, key, other, limit, is_down] = from;
                        return Operation{static_cast<Operation::Kind>(kind), key, other,
                                         static_cast<std::size_t>(limit),
                                         is_down ? Order::descending : Order::ascending};
                      });
}

rc::Gen<Closure> some_closure() {
  return rc::gen::map(rc::gen::pair(rc::gen::container<std::vector<Operation>>(some_operation()),
                                    rc::gen::arbitrary<bool>()),
                      [](std::pair<std::vector<Operation>, bool> from) {
                        return Closure{std::move(from.first), from.second};
                      });
}

std::string scan_model(const Model& model, const Operation& operation) {
  std::vector<std::string> rows;
  for (const auto& [key, value] : model) {
    const bool is_below = operation.other.empty() || key < operation.other;
    if (key >= operation.key && is_below) rows.push_back(key + "=" + value + ";");
  }
  if (operation.order == Order::descending) std::reverse(rows.begin(), rows.end());
  rows.resize(std::min(rows.size(), operation.limit));
  std::string out;
  for (const auto& row : rows) out += row;
  return out;
}

std::string run_on_model(Model& model, const Operation& operation) {
  const auto found = model.find(operation.key);
  switch (operation.kind) {
    case Operation::Kind::get:
      return found == model.end() ? "(none)" : found->second;
    case Operation::Kind::put:
      model[operation.key] = operation.other;
      return "put";
    case Operation::Kind::insert:
      return model.emplace(operation.key, operation.other).second ? "new" : "old";
    case Operation::Kind::erase:
      return model.erase(operation.key) == 1 ? "erased" : "nothing";
    case Operation::Kind::scan:
      return scan_model(model, operation);
  }
  return "unreachable";
}

Result<std::string> run_on_store(Tx& tx, const Operation& operation) {
  switch (operation.kind) {
    case Operation::Kind::get: {
      WRIT_TRY(const auto value, tx.get(kFruit, operation.key));
      return value.value_or("(none)");
    }
    case Operation::Kind::put:
      WRIT_CHECK(tx.put(kFruit, operation.key, operation.other));
      return "put";
    case Operation::Kind::insert: {
      WRIT_TRY(const bool is_new, tx.insert(kFruit, operation.key, operation.other));
      return is_new ? "new" : "old";
    }
    case Operation::Kind::erase: {
      WRIT_TRY(const bool was_there, tx.erase(kFruit, operation.key));
      return was_there ? "erased" : "nothing";
    }
    case Operation::Kind::scan: {
      const KeyRange range{operation.key, operation.other};
      WRIT_TRY(const auto rows, tx.scan(kFruit, range, operation.limit, operation.order));
      std::string out;
      for (const Row& row : rows) out += row.key + "=" + row.value + ";";
      return out;
    }
  }
  return "unreachable";
}

void run_on_both(Store& store, Model& model, const Closure& closure) {
  Model changed = model;
  std::vector<std::string> expected;
  for (const auto& operation : closure.operations) {
    expected.push_back(run_on_model(changed, operation));
  }
  std::vector<std::string> seen;
  const auto done = store.write([&](Tx& tx) -> Result<void> {
    seen.clear();
    for (const auto& operation : closure.operations) {
      WRIT_TRY(auto saw, run_on_store(tx, operation));
      seen.push_back(std::move(saw));
    }
    if (closure.fails) return fail(Code::conflict, "on purpose");
    return {};
  });
  RC_ASSERT(done.has_value() != closure.fails);
  RC_ASSERT(seen == expected);
  if (!closure.fails) model = std::move(changed);
}

Model content_of(Store& store) {
  Model out;
  const auto rows = store.read([](Tx& tx) { return tx.scan(kFruit, {}, 100'000); });
  RC_ASSERT(rows.has_value());
  for (const Row& row : *rows) out.emplace(row.key, row.value);
  return out;
}

void empty(Store& store) {
  const auto done = store.write([](Tx& tx) -> Result<void> {
    WRIT_TRY(const auto rows, tx.scan(kFruit, {}, 100'000));
    for (const Row& row : rows) WRIT_CHECK(tx.erase(kFruit, row.key));
    return {};
  });
  RC_ASSERT(done.has_value());
}

}  // namespace

TEST_P(StoreContract, BehavesAsAMapDoes) {
  // The same histories in each run; whoever wants others sets the variable.
  ::setenv("RC_PARAMS", "seed=20260101 max_success=60 max_size=12", 0);
  EXPECT_TRUE(rc::check("a store behaves as a map does", [&] {
    empty(*store_);
    Model model;
    for (const auto& closure : *rc::gen::container<std::vector<Closure>>(some_closure())) {
      run_on_both(*store_, model, closure);
      RC_ASSERT(content_of(*store_) == model);
    }
  }));
}

}  // namespace writ::store
