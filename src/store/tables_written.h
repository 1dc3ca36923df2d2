#pragma once
// Which tables a transaction has changed, for those who watch them.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace writ::store {

class TablesWritten {
 public:
  void note(std::string_view table) {
    if (!contains(table)) names_.emplace_back(table);
  }
  void note_all(const TablesWritten& other) {
    for (const std::string& name : other.names_) note(name);
  }
  // A transaction knows few tables: looking through them is quicker than a set.
  bool contains(std::string_view table) const {
    return std::ranges::find(names_, table) != names_.end();
  }
  bool is_empty() const { return names_.empty(); }
  void clear() { names_.clear(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace writ::store
