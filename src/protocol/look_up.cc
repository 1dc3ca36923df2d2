#include "protocol/look_up.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/suggest.h"

namespace writ::protocol {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::size_t kMaxText = 64u << 10;  // of one value, with its references resolved

struct Column {
  std::string name;
  std::string type;
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

class TableReader {
 public:
  explicit TableReader(Reading& reading) : reading_(reading) {}

  LookupTable read(const Value& value) {
    LookupTable table;
    table.name = value.string_or("name", "");
    table.title = value.string_or("title", table.name);
    table.origin = reading_.origin(value.at());
    read_columns(value.find("columns"), table);
    const Value* rows = value.find("rows");
    if (rows == nullptr || !rows->is_array() || columns_.empty()) return table;
    for (const Value& row : rows->as_array()) {
      if (row.is_object()) read_row(row, table);
    }
    return table;
  }

 private:
  void read_columns(const Value* columns, LookupTable& table) {
    if (columns == nullptr || !columns->is_object()) return;
    for (const Member& member : columns->as_object()) {
      if (!member.value.is_string()) continue;
      columns_.push_back({member.key, member.value.as_string()});
      table.columns.push_back(member.key);
    }
  }

  void read_row(const Value& row, LookupTable& table) {
    std::vector<std::string> cells;
    for (const Column& column : columns_) {
      const Value* cell = row.find(column.name);
      if (cell == nullptr) {
        reading_.report(row.at(), "the row has no `" + column.name + "`",
                        "Every row of `" + table.name + "` has every column");
      }
      cells.push_back(cell != nullptr ? text_of(*cell, column) : std::string());
    }
    const std::vector<std::string_view> known(table.columns.begin(), table.columns.end());
    for (const Member& member : row.as_object()) {
      if (std::ranges::find(known, member.key) != known.end()) continue;
      reading_.report(member.key_at, "table `" + table.name + "` has no column `" + member.key +
                                         "`" + did_you_mean(member.key, known));
    }
    const auto same_key = [&](const auto& other) { return other.front() == cells.front(); };
    if (std::ranges::any_of(table.rows, same_key)) {
      reading_.report(row.at(), "`" + cells.front() + "` is in the table already",
                      "The first column names the row: one row a name");
    }
    table.rows.push_back(std::move(cells));
  }

  std::string text_of(const Value& cell, const Column& column) {
    const bool is_of_type = column.type == "number"    ? cell.is_number()
                            : column.type == "boolean" ? cell.is_bool()
                                                       : cell.is_string();
    if (!is_of_type) {
      reading_.report(cell.at(), "column `" + column.name + "` holds a " + column.type +
                                     ", and this is a " + std::string(kind_name(cell.kind())));
      return {};
    }
    if (column.type == "path") return reading_.path(cell);
    return cell.is_string() ? cell.as_string() : to_json(cell);
  }

  Reading& reading_;
  std::vector<Column> columns_;
};

class Resolver {
 public:
  Resolver(Reading& reading, const std::vector<LookupTable>& tables)
      : reading_(reading), tables_(tables) {}

  // The value with every reference resolved. As deep as documents go, which is bounded.
  Value resolve(const Value& value) {
    Value out = value;
    if (value.is_string()) {
      out = Value(text_of(value));
    } else if (value.is_array()) {
      for (Value& element : out.as_array()) element = resolve(element);
    } else if (value.is_object()) {
      for (Member& member : out.as_object()) member.value = resolve(member.value);
    }
    out.set_at(value.at());
    return out;
  }

 private:
  std::string text_of(const Value& value) {
    std::string_view rest = value.as_string();
    std::string out;
    while (true) {
      const std::size_t open = rest.find(kOpen);
      const std::size_t close = open == rest.npos ? rest.npos : rest.find(kClose, open);
      if (close == rest.npos) return out + std::string(rest);
      out += rest.substr(0, open);
      out += cell(trimmed(rest.substr(open + 2, close - open - 2)), value.at());
      rest.remove_prefix(close + 2);
      if (out.size() <= kMaxText) continue;
      reading_.report(value.at(), "with its cells looked up, this is longer than 64 KiB");
      return out;
    }
  }

  // "models.Order.path": the row's name may hold dots.
  std::string cell(std::string_view reference, Position at) {
    const std::size_t first = reference.find('.');
    const std::size_t last = reference.rfind('.');
    if (first == reference.npos || first == last) {
      reading_.report(at, "`{{" + std::string(reference) + "}}` is no reference to a cell",
                      "Write {{table.row.column}}");
      return {};
    }
    const std::string_view table_name = reference.substr(0, first);
    const auto table = std::ranges::find(tables_, table_name, &LookupTable::name);
    if (table == tables_.end()) {
      return unknown("table", table_name, names_of(tables_), at);
    }
    const std::string_view column_name = reference.substr(last + 1);
    const auto column = std::ranges::find(table->columns, column_name);
    if (column == table->columns.end()) {
      return unknown("column", column_name, {table->columns.begin(), table->columns.end()}, at);
    }
    const std::string_view key = reference.substr(first + 1, last - first - 1);
    std::vector<std::string_view> keys;
    for (const std::vector<std::string>& row : table->rows) {
      if (row.front() == key) {
        return row[static_cast<std::size_t>(column - table->columns.begin())];
      }
      keys.push_back(row.front());
    }
    return unknown("row", key, keys, at);
  }

  static std::vector<std::string_view> names_of(const std::vector<LookupTable>& tables) {
    std::vector<std::string_view> names;
    for (const LookupTable& table : tables) names.push_back(table.name);
    return names;
  }

  std::string unknown(std::string_view what, std::string_view name,
                      const std::vector<std::string_view>& known, Position at) {
    reading_.report(at, "there is no " + std::string(what) + " `" + std::string(name) + "`" +
                            did_you_mean(name, known));
    return {};
  }

  Reading& reading_;
  const std::vector<LookupTable>& tables_;
};

}  // namespace

void look_up_tables(SourceDocument& source, std::vector<LookupTable>& tables,
                    std::vector<Diagnostic>& problems) {
  const Value* list = source.document.root.find("tables");
  if (list == nullptr || !list->is_array()) return;
  Reading reading(source, problems);
  std::vector<LookupTable> own;
  for (const Value& value : list->as_array()) {
    if (!value.is_object()) continue;
    LookupTable table = TableReader(reading).read(value);
    if (std::ranges::find(own, table.name, &LookupTable::name) != own.end()) {
      reading.report(value.at(), "table `" + table.name + "` is there twice",
                     "Give one of them another name");
    }
    own.push_back(std::move(table));
  }
  Resolver resolver(reading, own);
  for (Member& member : source.document.root.as_object()) {
    if (member.key != "tables") member.value = resolver.resolve(member.value);
  }
  tables.insert(tables.end(), own.begin(), own.end());
}

}  // namespace writ::protocol
