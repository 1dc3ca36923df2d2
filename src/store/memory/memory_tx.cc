#include "store/memory/memory_tx.h"

#include <iterator>
#include <utility>

#include "store/limits.h"

namespace writ::store {

Result<const Rows*> MemoryTx::rows(const Table& table) const {
  const auto found = tables_.find(table.name);
  if (found == tables_.end()) return unknown_table(table.name);
  return found->second.get();
}

Result<Rows*> MemoryTx::own_rows(const Table& table) {
  if (access_ == Access::read) return refuse_write();
  const auto found = tables_.find(table.name);
  if (found == tables_.end()) return unknown_table(table.name);
  if (found->second.use_count() > 1) found->second = std::make_shared<Rows>(*found->second);
  return found->second.get();
}

Result<std::optional<std::string>> MemoryTx::get(const Table& table, std::string_view key) {
  WRIT_CHECK(check_key(key));
  WRIT_TRY(const Rows* const all, rows(table));
  const auto found = all->find(key);
  if (found == all->end()) return std::nullopt;
  return found->second;
}

Result<void> MemoryTx::put(const Table& table, std::string_view key, std::string_view value) {
  WRIT_CHECK(check_row(key, value));
  WRIT_TRY(Rows* const all, own_rows(table));
  const auto found = all->find(key);
  Undo undo{std::string(table.name), std::string(key), std::nullopt, nullptr};
  if (found == all->end()) {
    all->emplace(key, value);
  } else {
    undo.value = std::exchange(found->second, std::string(value));
  }
  undo_.push_back(std::move(undo));
  written_.note(table.name);
  return {};
}

Result<bool> MemoryTx::insert(const Table& table, std::string_view key, std::string_view value) {
  WRIT_CHECK(check_row(key, value));
  WRIT_TRY(Rows* const all, own_rows(table));
  if (all->contains(key)) return false;
  WRIT_CHECK(put(table, key, value));
  return true;
}

Result<bool> MemoryTx::erase(const Table& table, std::string_view key) {
  WRIT_CHECK(check_key(key));
  WRIT_TRY(Rows* const all, own_rows(table));
  const auto found = all->find(key);
  if (found == all->end()) return false;
  undo_.push_back({std::string(table.name), std::string(key), std::move(found->second), nullptr});
  all->erase(found);
  written_.note(table.name);
  return true;
}

Result<std::vector<Row>> MemoryTx::scan(const Table& table, const KeyRange& range,
                                        std::size_t limit, Order order) {
  WRIT_TRY(const Rows* const all, rows(table));
  std::vector<Row> out;
  if (!range.last.empty() && range.last <= range.first) return out;
  const auto first = all->lower_bound(range.first);
  const auto last = range.last.empty() ? all->end() : all->lower_bound(range.last);
  if (order == Order::ascending) {
    for (auto at = first; at != last && out.size() < limit; ++at)
      out.push_back({at->first, at->second});
  } else {
    for (auto at = last; at != first && out.size() < limit;) {
      --at;
      out.push_back({at->first, at->second});
    }
  }
  return out;
}

Result<void> MemoryTx::create_table(const Table& table) {
  if (access_ == Access::read) return refuse_write();
  if (!tables_.emplace(table.name, std::make_shared<Rows>()).second) {
    return fail(Code::internal, "the table \"" + std::string(table.name) + "\" exists already");
  }
  undo_.push_back({std::string(table.name), std::nullopt, std::nullopt, nullptr});
  return {};
}

Result<void> MemoryTx::drop_table(const Table& table) {
  if (access_ == Access::read) return refuse_write();
  const auto found = tables_.find(table.name);
  if (found == tables_.end()) return unknown_table(table.name);
  undo_.push_back({std::string(table.name), std::nullopt, std::nullopt, std::move(found->second)});
  tables_.erase(found);
  return {};
}

void MemoryTx::undo() {
  for (; !undo_.empty(); undo_.pop_back()) undo_one(undo_.back());
}

void MemoryTx::undo_one(Undo& undo) {
  if (undo.key) {
    Rows& all = *tables_.find(undo.table)->second;
    if (undo.value) {
      all.insert_or_assign(std::move(*undo.key), std::move(*undo.value));
    } else {
      all.erase(*undo.key);
    }
  } else if (undo.rows) {
    tables_.emplace(undo.table, std::move(undo.rows));
  } else {
    tables_.erase(undo.table);
  }
}

}  // namespace writ::store
