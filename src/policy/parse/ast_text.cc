// Syntax as text again: for messages and for the texts of expressions. The formatter, which keeps
// comments and lines, is another matter.
#include <algorithm>
#include <array>
#include <utility>

#include "policy/parse/ast.h"
#include "policy/parse/lexer.h"
#include "policy/term/print.h"

namespace writ::rego::ast {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kInfix = {{
    {"assign", ":="},
    {"eq", "="},
    {"equal", "=="},
    {"neq", "!="},
    {"lt", "<"},
    {"lte", "<="},
    {"gt", ">"},
    {"gte", ">="},
    {"plus", "+"},
    {"minus", "-"},
    {"mul", "*"},
    {"div", "/"},
    {"rem", "%"},
    {"and", "&"},
    {"or", "|"},
    {"internal.member_2", "in"},
}};

std::string joined(const std::vector<Term>& terms, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < terms.size(); ++i) {
    if (i > from) out += ", ";
    out += to_text(terms[i]);
  }
  return out;
}

std::string ref_text(const Term& ref) {
  std::string out = to_text(ref.parts[0]);
  for (std::size_t i = 1; i < ref.parts.size(); ++i) {
    const Term& key = ref.parts[i];
    if (key.is_string() && is_plain_name(key.value.text())) {
      out += ".";
      out += key.value.text();
    } else {
      out += "[" + to_text(key) + "]";
    }
  }
  return out;
}

std::string operand_text(const Term& term) {
  const std::string text = to_text(term);
  if (!term.is(Term::Kind::call) || !term.parts[0].is_var()) return text;
  const auto found =
      std::ranges::find(kInfix, term.parts[0].name, &decltype(kInfix)::value_type::first);
  return found == kInfix.end() ? text : "(" + text + ")";
}

std::string call_text(const Term& call) {
  if (call.parts[0].is_var() && call.parts.size() == 3) {
    const auto found =
        std::ranges::find(kInfix, call.parts[0].name, &decltype(kInfix)::value_type::first);
    if (found != kInfix.end()) {
      const bool is_outer = found->second == "=" || found->second == ":=";
      return (is_outer ? to_text(call.parts[1]) : operand_text(call.parts[1])) + " " +
             std::string(found->second) + " " +
             (is_outer ? to_text(call.parts[2]) : operand_text(call.parts[2]));
    }
  }
  return to_text(call.parts[0]) + "(" + joined(call.parts, 1) + ")";
}

std::string body_text(const Body& body) {
  std::string out;
  for (const Statement& statement : body) {
    if (!out.empty()) out += "; ";
    out += to_text(statement);
  }
  return out;
}

std::string object_text(const Term& object) {
  std::string out;
  for (std::size_t i = 0; i + 1 < object.parts.size(); i += 2) {
    if (i > 0) out += ", ";
    out += to_text(object.parts[i]) + ": " + to_text(object.parts[i + 1]);
  }
  return "{" + out + "}";
}

std::string template_text(const Term& term) {
  std::string out = "$\"";
  for (std::size_t i = 0; i < term.parts.size(); ++i) {
    std::string quoted;
    append_quoted(quoted, term.parts[i].value.text());
    for (const char c : std::string_view(quoted).substr(1, quoted.size() - 2)) {
      if (c == '{') out += '\\';
      out += c;
    }
    if (i < term.body->size()) out += "{" + to_text((*term.body)[i]) + "}";
  }
  return out + "\"";
}

}  // namespace

bool is_plain_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string to_text(const Term& term) {
  switch (term.kind) {
    case Term::Kind::scalar:
      return to_rego(term.value);
    case Term::Kind::var:
      return term.name;
    case Term::Kind::ref:
      return ref_text(term);
    case Term::Kind::call:
      return call_text(term);
    case Term::Kind::array:
      return "[" + joined(term.parts, 0) + "]";
    case Term::Kind::set:
      return term.parts.empty() ? "set()" : "{" + joined(term.parts, 0) + "}";
    case Term::Kind::object:
      return object_text(term);
    case Term::Kind::array_comprehension:
      return "[" + to_text(term.parts[0]) + " | " + body_text(*term.body) + "]";
    case Term::Kind::set_comprehension:
      return "{" + to_text(term.parts[0]) + " | " + body_text(*term.body) + "}";
    case Term::Kind::object_comprehension:
      return "{" + to_text(term.parts[0]) + ": " + to_text(term.parts[1]) + " | " +
             body_text(*term.body) + "}";
    case Term::Kind::template_string:
      return template_text(term);
  }
  return {};
}

std::string to_text(const Statement& statement) {
  std::string out = statement.negated ? "not " : "";
  const auto& terms = statement.terms;
  switch (statement.kind) {
    case Statement::Kind::term:
      out += to_text(terms[0]);
      break;
    case Statement::Kind::some:
      out += "some " + joined(terms, 0);
      break;
    case Statement::Kind::some_in:
    case Statement::Kind::every:
      out += statement.kind == Statement::Kind::every ? "every " : "some ";
      out += joined({terms.begin(), terms.end() - 1}, 0) + " in " + to_text(terms.back());
      if (statement.body) out += " { " + body_text(*statement.body) + " }";
      break;
  }
  for (const With& with : statement.with) {
    out += " with " + to_text(with.target) + " as " + to_text(with.value);
  }
  return out;
}

}  // namespace writ::rego::ast
