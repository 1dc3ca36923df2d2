// Bodies and their statements.
#include <algorithm>

#include "policy/format/writer.h"

namespace writ::rego {
namespace {

using ast::Statement;

// `=` or `:=` of a statement that is one; "" otherwise.
std::string_view binding_sign(const Statement& statement) {
  const ast::Term& term = statement.terms[0];
  if (!term.is(ast::Term::Kind::call) || term.parts.size() != 3 || !term.parts[0].is_var())
    return {};
  if (term.parts[0].name == "eq") return "=";
  return term.parts[0].name == "assign" && !statement.negated ? ":=" : "";
}

}  // namespace

// One statement a line; empty lines between them stay, as one.
void Writer::write_body(const ast::Body& body, std::size_t close) {
  for (std::size_t i = 0; i < body.size(); ++i) {
    const Statement& statement = body[i];
    const bool is_apart =
        i > 0 && page_.row_of(statement.begin) > page_.last_row(body[i - 1].end) + 1;
    if (is_apart) page_.blank_line();
    page_.lead(statement.begin);
    const Page::Limit limit(page_, i + 1 < body.size() ? body[i + 1].begin : close);
    page_.start_line(statement.begin);
    // On a line of its own `-1` would go on with the line before.
    guards_minus_ = i > 0 && statement.kind == Statement::Kind::term && !statement.negated &&
                    begins_with_minus(statement.terms[0]);
    write_statement(statement);
    page_.end_line();
  }
  page_.lead(close);
}

// A body behind the opening sign of a comprehension or `every`, whose line is `head`.
Writer::Shape Writer::write_block(const ast::Body& body, std::size_t head, std::size_t close) {
  const std::size_t first = page_.row_of(body[0].begin);
  const bool is_one_line = first <= head && page_.row_of(body.back().begin) == first &&
                           !page_.has_own_lines(body.back().end, close);
  if (is_one_line) {
    for (std::size_t i = 0; i < body.size(); ++i) {
      page_.write(i == 0 ? " " : "; ");
      page_.at(body[i].begin);
      write_statement(body[i]);
    }
    page_.at(close);
    return Shape::line;
  }
  page_.break_line(body[0].begin);
  page_.indent();
  write_body(body, close);
  page_.outdent();
  page_.start_line(close);
  return Shape::block;
}

void Writer::write_statement(const ast::Statement& statement) {
  page_.attempt(statement.begin, statement.end, [&] { write_statement_parts(statement); });
}

void Writer::write_statement_parts(const ast::Statement& statement) {
  if (statement.negated) page_.write("not ");
  switch (statement.kind) {
    case Statement::Kind::term:
      if (const std::string_view sign = binding_sign(statement); !sign.empty()) {
        write_term(statement.terms[0].parts[1]);
        page_.write(" ");
        page_.write(sign);
        page_.write(" ");
        write_term(statement.terms[0].parts[2]);
      } else {
        write_term(statement.terms[0], Parentheses::no_statement);
      }
      break;
    case Statement::Kind::some:
      write_some(statement);
      break;
    case Statement::Kind::some_in:
      page_.write("some ");
      write_members(statement);
      break;
    case Statement::Kind::every:
      page_.write("every ");
      write_members(statement);
      page_.write(" {");
      if (write_block(*statement.body, page_.row_of(statement.begin), statement.body_end - 1) ==
          Shape::line) {
        page_.write(" ");
      }
      page_.write("}");
      break;
  }
  write_modifiers(statement);
}

// Variables stay on the lines that they are on.
void Writer::write_some(const ast::Statement& statement) {
  page_.write("some");
  std::size_t line = page_.row_of(statement.begin);
  page_.indent();
  for (std::size_t i = 0; i < statement.terms.size(); ++i) {
    const ast::Term& name = statement.terms[i];
    if (row(name) > line) {
      page_.break_line(offset(name));
      page_.start_line(offset(name));
    } else {
      page_.write(" ");
    }
    line = row(name);
    write_term(name);
    if (i + 1 < statement.terms.size()) page_.write(",");
  }
  page_.outdent();
}

// `k, v in collection`.
void Writer::write_members(const ast::Statement& statement) {
  const auto& terms = statement.terms;
  for (std::size_t i = 0; i + 1 < terms.size(); ++i) {
    if (i > 0) page_.write(", ");
    write_operand(terms[i]);
  }
  page_.write(" in ");
  write_operand(terms.back());
}

// Each on the line that it is on; lines of their own are indented.
void Writer::write_modifiers(const ast::Statement& statement) {
  if (statement.with.empty()) return;
  const std::size_t end = statement.body ? statement.body_end : statement.terms.back().end;
  std::size_t line = page_.last_row(end);
  page_.indent();
  for (const ast::With& with : statement.with) {
    const std::size_t begin = page_.offset_of(with.at);
    if (with.at.line > line) {
      page_.break_line(begin);
      page_.start_line(begin);
    } else {
      page_.write(" ");
      page_.at(begin);
    }
    line = with.at.line;
    page_.write("with ");
    write_term(with.target);
    page_.write(" as ");
    write_term(with.value);
  }
  page_.outdent();
}

}  // namespace writ::rego
