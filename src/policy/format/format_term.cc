// Terms.
#include <algorithm>
#include <array>
#include <utility>

#include "policy/format/writer.h"
#include "policy/parse/lexer.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

using NodeKind = ast::Term::Kind;

struct Sign {
  std::string_view builtin;
  std::string_view sign;
  int strength;
};
// `=` and `:=` are no operators within a term; statements write them.
constexpr std::array<Sign, 14> kSigns = {{{"and", "&", 3},
                                          {"div", "/", 5},
                                          {"equal", "==", 1},
                                          {"gt", ">", 1},
                                          {"gte", ">=", 1},
                                          {"internal.member_2", "in", 0},
                                          {"lt", "<", 1},
                                          {"lte", "<=", 1},
                                          {"minus", "-", 4},
                                          {"mul", "*", 5},
                                          {"neq", "!=", 1},
                                          {"or", "|", 2},
                                          {"plus", "+", 4},
                                          {"rem", "%", 5}}};

// Operators in a row beyond this get parentheses only where they are needed, so that the depth of
// long rows stays what it was.
constexpr std::size_t kLongRow = 32;

const Sign* sign_of(const ast::Term& call) {
  if (!call.is(NodeKind::call) || call.parts.size() != 3 || !call.parts[0].is_var()) return nullptr;
  const auto found = std::ranges::find(kSigns, call.parts[0].name, &Sign::builtin);
  return found == kSigns.end() ? nullptr : &*found;
}

bool is_membership_with_key(const ast::Term& call) {
  return call.is(NodeKind::call) && call.parts.size() == 4 && call.parts[0].is_var() &&
         call.parts[0].name == "internal.member_3";
}

bool is_union(const ast::Term& term) {
  const Sign* sign = sign_of(term);
  return sign != nullptr && sign->sign == "|";
}

// Whether the term begins with its first operand; an operand of that kind has parentheses.
bool is_written_infix(const ast::Term& term) {
  if (sign_of(term) != nullptr || is_membership_with_key(term)) return true;
  return term.is(NodeKind::call) && term.parts.size() == 3 && term.parts[0].is_var() &&
         (term.parts[0].name == "eq" || term.parts[0].name == "assign");
}

std::size_t row_length(const ast::Term& term) {
  std::size_t length = 0;
  for (const ast::Term* at = &term; sign_of(*at) != nullptr && length <= kLongRow;
       at = &at->parts[1]) {
    ++length;
  }
  return length;
}

// Whether the left operand binds at least as strongly, so that it needs no parentheses.
bool binds_left(const ast::Term& term) {
  const Sign* inner = sign_of(term.parts[1]);
  return inner != nullptr && inner->strength >= sign_of(term)->strength;
}

// The text of a template string as it stands between the quotes.
std::string template_text(std::string_view text, bool is_raw) {
  std::string quoted;
  if (is_raw) {
    quoted = text;
  } else {
    append_quoted(quoted, text);
    quoted = quoted.substr(1, quoted.size() - 2);
  }
  std::string out;
  for (const char c : quoted) {
    if (c == '{' || (c == '}' && out.ends_with('\\'))) out += '\\';
    out += c;
  }
  return out;
}

// The literal that begins at `begin`, with its quotes.
std::string_view literal_at(std::string_view source, std::size_t begin) {
  const char quote = source[begin];
  std::size_t end = begin + 1;
  while (source[end] != quote) end += quote == '"' && source[end] == '\\' ? 2 : 1;
  return source.substr(begin, end + 1 - begin);
}

}  // namespace

std::string_view infix_sign(const ast::Term& call) {
  const Sign* sign = sign_of(call);
  return sign == nullptr ? std::string_view() : sign->sign;
}

const ast::Term& leftmost(const ast::Term& term) {
  if (term.is(NodeKind::ref)) return leftmost(term.parts[0]);
  const bool descends = is_written_infix(term) && !is_written_infix(term.parts[1]);
  return descends ? leftmost(term.parts[1]) : term;
}

bool begins_with_brace(const ast::Term& term) {
  const ast::Term& first = leftmost(term);
  return (first.is(NodeKind::set) && !first.parts.empty()) || first.is(NodeKind::object) ||
         first.is(NodeKind::set_comprehension) || first.is(NodeKind::object_comprehension);
}

bool begins_with_minus(const ast::Term& term) {
  const ast::Term& first = leftmost(term);
  return first.is(NodeKind::scalar) && to_rego(first.value).starts_with('-');
}

void Writer::write_term(const ast::Term& term, Parentheses parentheses) {
  page_.at(offset(term));
  switch (term.kind) {
    case NodeKind::scalar:
      return write_scalar(term);
    case NodeKind::var:
      return page_.write(term.name);
    case NodeKind::ref:
      return write_ref(term);
    case NodeKind::call:
      return write_call(term, parentheses);
    case NodeKind::array:
      page_.write("[");
      write_list(offset(term), term.end - 1, items_of(term.parts, 0, true));
      return page_.write("]");
    case NodeKind::set:
      if (term.parts.empty()) return page_.write("set()");
      [[fallthrough]];
    case NodeKind::object:
      page_.write("{");
      write_list(offset(term), term.end - 1,
                 term.is(NodeKind::object) ? members_of(term) : items_of(term.parts, 0, true));
      return page_.write("}");
    case NodeKind::array_comprehension:
    case NodeKind::set_comprehension:
    case NodeKind::object_comprehension:
      return write_comprehension(term);
    case NodeKind::template_string:
      return write_template(term);
  }
}

// A union between brackets would be read as a comprehension.
void Writer::write_item(const ast::Term& term) {
  write_term(term, is_union(term) ? Parentheses::around_operators : Parentheses::no);
}

void Writer::write_scalar(const ast::Term& term) {
  const std::size_t begin = offset(term);
  const char first = page_.source()[begin];
  const bool is_literal = term.is_string() && (first == '"' || first == '`');
  if (is_literal) return page_.write(literal_at(page_.source(), begin));
  const bool is_guarded = std::exchange(guards_minus_, false);
  page_.write(is_guarded ? "(" + to_rego(term.value) + ")" : to_rego(term.value));
}

void Writer::write_ref(const ast::Term& term) {
  write_operand(term.parts[0]);
  for (std::size_t i = 1; i < term.parts.size(); ++i) write_key(term.parts[i]);
}

void Writer::write_key(const ast::Term& key) {
  const bool is_name = key.is_string() && ast::is_plain_name(key.value.text());
  const bool is_dotted = is_name && page_.source()[offset(key)] != '"';
  const bool is_free = is_name && !is_reserved(key.value.text(), module_.is_v0);
  if (is_dotted || is_free) {
    page_.at(offset(key));
    page_.write(".");
    page_.write(key.value.text());
  } else {
    page_.write("[");
    write_term(key);
    page_.write("]");
  }
}

void Writer::write_call(const ast::Term& term, Parentheses parentheses) {
  const bool encloses = parentheses == Parentheses::around_operators;
  if (const std::string_view sign = infix_sign(term); !sign.empty()) {
    if (encloses) page_.write("(");
    write_infix(term, sign);
    if (encloses) page_.write(")");
    return;
  }
  if (is_membership_with_key(term)) {
    const bool is_nested = parentheses != Parentheses::no_statement;
    if (is_nested) page_.write("(");
    write_operand(term.parts[1]);
    page_.write(", ");
    write_operand(term.parts[2]);
    page_.write(" in ");
    write_operand(term.parts[3]);
    if (is_nested) page_.write(")");
    return;
  }
  write_operand(term.parts[0]);
  page_.write("(");
  write_list(term.parts[0].end, term.end - 1, items_of(term.parts, 1, false));
  page_.write(")");
}

void Writer::write_infix(const ast::Term& term, std::string_view sign) {
  const bool is_bare = binds_left(term) && row_length(term) > kLongRow;
  write_term(term.parts[1], is_bare ? Parentheses::no : Parentheses::around_operators);
  page_.write(" ");
  page_.write(sign);
  page_.write(" ");
  write_operand(term.parts[2]);
}

void Writer::write_template(const ast::Term& term) {
  const std::size_t begin = offset(term);
  page_.attempt(begin, term.end, [&] {
    const bool is_raw = page_.source()[begin + 1] == '`';
    const std::string_view quote = is_raw ? "`" : "\"";
    page_.write("$");
    page_.write(quote);
    for (std::size_t i = 0; i < term.parts.size(); ++i) {
      page_.write(template_text(term.parts[i].value.text(), is_raw));
      if (i >= term.body->size()) break;
      const ast::Statement& hole = (*term.body)[i];
      page_.write("{");
      page_.at(offset(hole.terms[0]));
      write_statement_parts(hole);
      page_.write("}");
    }
    page_.write(quote);
  });
}

void Writer::write_comprehension(const ast::Term& term) {
  const bool is_array = term.is(NodeKind::array_comprehension);
  const ast::Term& head = term.parts[0];
  page_.write(is_array ? "[" : "{");
  if (row(head) > row(term)) {
    page_.break_line(offset(head));
    page_.start_line(offset(head));
  }
  if (term.is(NodeKind::object_comprehension)) {
    write_item(head);
    page_.write(": ");
  }
  write_operand(term.parts.back());
  page_.write(" |");
  write_block(*term.body, row(head), term.end - 1);
  page_.write(is_array ? "]" : "}");
}

std::vector<Writer::Item> Writer::items_of(const std::vector<ast::Term>& terms, std::size_t from,
                                           bool is_collection) {
  std::vector<Item> out;
  for (std::size_t i = from; i < terms.size(); ++i) {
    const ast::Term* term = &terms[i];
    out.push_back({offset(*term), term->end, [this, term, is_collection] {
                     if (is_collection) return write_item(*term);
                     write_term(*term);
                   }});
  }
  return out;
}

std::vector<Writer::Item> Writer::members_of(const ast::Term& object) {
  std::vector<Item> out;
  for (std::size_t i = 0; i + 1 < object.parts.size(); i += 2) {
    const ast::Term* key = &object.parts[i];
    const ast::Term* value = &object.parts[i + 1];
    out.push_back({offset(*key), value->end, [this, key, value] {
                     write_item(*key);
                     page_.write(": ");
                     write_item(*value);
                   }});
  }
  return out;
}

// What stands between the brackets at `open` and `close`: on one line, or a line for each line of
// items that the source has, when it has several or breaks the line before the first.
void Writer::write_list(std::size_t open, std::size_t close, const std::vector<Item>& items) {
  std::size_t last = page_.row_of(open);
  bool has_lines = items.empty() ? page_.has_own_lines(open, close)
                                 : page_.has_own_lines(items.back().end, close);
  for (const Item& item : items) {
    const std::size_t item_row = page_.row_of(item.begin);
    has_lines = has_lines || item_row > last;
    last = item_row;
  }
  if (has_lines) return write_lines(close, items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) page_.write(", ");
    items[i].write();
  }
  page_.at(close);
}

void Writer::write_lines(std::size_t close, const std::vector<Item>& items) {
  page_.break_line(items.empty() ? close : items[0].begin);
  page_.indent();
  for (std::size_t i = 0; i < items.size();) {
    std::size_t end = i + 1;
    const std::size_t first_row = page_.row_of(items[i].begin);
    while (end < items.size() && page_.row_of(items[end].begin) == first_row) ++end;
    {
      const Page::Limit limit(page_, end < items.size() ? items[end].begin : close);
      page_.start_line(items[i].begin);
      for (; i < end; ++i) {
        items[i].write();
        page_.write(i + 1 < end ? ", " : ",");
      }
    }
    page_.end_line();
  }
  page_.lead(close);
  page_.outdent();
  page_.start_line(close);
}

}  // namespace writ::rego
