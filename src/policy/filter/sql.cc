#include <algorithm>

#include "policy/filter/write_filter.h"
#include "policy/parse/ast.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

using Form = Filter::Kind;
using Operation = Filter::Operation;

constexpr std::pair<std::string_view, Dialect> kDialects[] = {{"mysql", Dialect::mysql},
                                                              {"postgresql", Dialect::postgresql},
                                                              {"sqlite", Dialect::sqlite},
                                                              {"sqlserver", Dialect::sqlserver}};

// What quotes a name, by dialect.
constexpr std::pair<char, char> kQuotes[] = {{'"', '"'}, {'`', '`'}, {'[', ']'}, {'"', '"'}};

constexpr std::string_view kSigns[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};

std::string doubled(std::string_view text, std::string_view signs) {
  std::string out;
  for (const char c : text) {
    if (signs.contains(c)) out += c;
    out += c;
  }
  return out;
}

class SqlWriter {
 public:
  SqlWriter(Dialect dialect, const TableNames& names) : dialect_(dialect), names_(names) {}

  std::string condition(const Filter& filter) {
    switch (filter.kind) {
      case Form::always:
        return "1 = 1";
      case Form::never:
        return "1 = 0";
      case Form::compare:
        return compare(filter);
      case Form::all:
        return joined(filter, " AND ");
      case Form::any:
        return joined(filter, " OR ");
      case Form::none:
        return negated(condition(filter.parts[0]));
    }
    return {};
  }

  PolicyErrors take_errors() { return std::move(errors_); }

 private:
  std::string joined(const Filter& filter, std::string_view word) {
    std::string out = "(";
    for (const Filter& part : filter.parts) {
      if (out.size() > 1) out += word;
      out += condition(part);
    }
    return out + ")";
  }

  // NULL is neither true nor false there: what does not hold is what is not true.
  std::string negated(const std::string& inner) const {
    if (dialect_ == Dialect::sqlserver) return "CASE WHEN " + inner + " THEN 1 ELSE 0 END = 0";
    return "(" + inner + ") IS NOT TRUE";
  }

  std::string compare(const Filter& of) {
    const std::string column = name(of.field);
    if (!of.other_field.empty()) return column + sign(of.operation) + name(of.other_field);
    if (of.value.is_null()) {
      return column + (of.operation == Operation::eq ? " IS NULL" : " IS NOT NULL");
    }
    if (of.operation == Operation::in) {
      std::string list;
      for (const Term& item : of.value.items()) list += (list.empty() ? "" : ", ") + literal(item);
      return column + " IN (" + list + ")";
    }
    if (of.operation >= Operation::startswith) return look_for(column, of);
    return column + sign(of.operation) + literal(of.value);
  }

  static std::string sign(Operation operation) {
    return std::string(kSigns[static_cast<std::size_t>(operation)]);
  }

  // LIKE of SQLite does not tell case apart; its functions do.
  std::string look_for(const std::string& column, const Filter& of) {
    const std::string text(of.value.text());
    if (dialect_ == Dialect::sqlite) {
      const std::string wanted = literal(of.value);
      if (of.operation == Operation::contains) return "instr(" + column + ", " + wanted + ") > 0";
      const std::string size = "length(" + wanted + ")";
      const std::string from =
          of.operation == Operation::startswith ? "1" : "length(" + column + ") - " + size + " + 1";
      const std::string part = "substr(" + column + ", " + from + ", " + size + ") = " + wanted;
      return "(length(" + column + ") >= " + size + " AND " + part + ")";
    }
    std::string pattern;
    for (const char c : text) {
      if (std::string_view("%_![").contains(c)) pattern += '!';
      pattern += c;
    }
    if (of.operation != Operation::startswith) pattern.insert(0, "%");
    if (of.operation != Operation::endswith) pattern += "%";
    return column + " LIKE " + quoted(pattern) + " ESCAPE '!'";
  }

  std::string literal(const Term& value) {
    if (value.is_number()) return number_text(value);
    if (value.is_boolean()) {
      if (dialect_ == Dialect::sqlserver) return value.is_true() ? "1" : "0";
      return value.is_true() ? "TRUE" : "FALSE";
    }
    return quoted(value.text());
  }

  std::string quoted(std::string_view text) {
    if (text.contains('\0')) {
      errors_.push_back({std::string(kFragmentError),
                         "a text with a zero byte cannot be written in SQL",
                         {},
                         {},
                         {}});
    }
    switch (dialect_) {
      case Dialect::postgresql:
        return "E'" + doubled(text, "'\\") + "'";
      case Dialect::mysql:
        return "'" + doubled(text, "'\\") + "'";
      case Dialect::sqlserver:
        return "N'" + doubled(text, "'") + "'";
      case Dialect::sqlite:
        break;
    }
    return "'" + doubled(text, "'") + "'";
  }

  std::string name(const std::vector<std::string>& field) const {
    const auto table = names_.find(field[0]);
    const auto mapped = [&](const std::string& key, const std::string& other) {
      if (table == names_.end()) return other;
      const auto found = table->second.find(key);
      return found == table->second.end() ? other : found->second;
    };
    if (field.size() == 1) return in_quotes(field[0]);
    return in_quotes(mapped("$self", field[0])) + "." + in_quotes(mapped(field[1], field[1]));
  }

  std::string in_quotes(const std::string& name) const {
    if (ast::is_plain_name(name)) return name;
    const auto [open, close] = kQuotes[static_cast<std::size_t>(dialect_)];
    return open + doubled(name, std::string_view(&close, 1)) + close;
  }

  Dialect dialect_;
  const TableNames& names_;
  PolicyErrors errors_;
};

}  // namespace

std::optional<Dialect> dialect_named(std::string_view name) {
  const auto* const row =
      std::ranges::find(kDialects, name, &std::pair<std::string_view, Dialect>::first);
  if (row == std::end(kDialects)) return std::nullopt;
  return row->second;
}

std::expected<std::string, PolicyErrors> to_sql(const Filter& filter, Dialect dialect,
                                                const TableNames& names) {
  if (filter.kind == Filter::Kind::always) return std::string();
  SqlWriter writer(dialect, names);
  std::string out = "WHERE " + writer.condition(filter);
  PolicyErrors errors = writer.take_errors();
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

}  // namespace writ::rego
