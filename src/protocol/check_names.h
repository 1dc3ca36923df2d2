#pragma once
// The mechanical checks there are, their parameters and the evidence they make; and the names of
// scan rules. What a document names is held against these tables when it is loaded.
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace writ::protocol {

struct CheckRow {
  std::string_view name;
  std::string_view title;       // of a step that gives none
  std::string_view parameters;  // names of `with`, separated by spaces
  std::string_view produces;    // evidence kinds, separated by spaces
  std::string_view meaning;
};

// Sorted by name.
std::span<const CheckRow> check_table();
const CheckRow* find_check(std::string_view name);

// The ids that `scan` knows, sorted; and what a set name stands for (nothing: no such set).
std::span<const std::string_view> scan_rule_ids();
bool is_scan_set(std::string_view name);
// Sorted and unique; sets expanded.
std::vector<std::string> expand_scan_rules(const std::vector<std::string>& names);

// Splits a table cell at its spaces.
std::vector<std::string_view> cell_words(std::string_view cell);

}  // namespace writ::protocol
