#pragma once
// Recursive descent over GraphQL tokens, into the terms of graphql/ast.h. The first thing that is
// wrong ends it: from then on nothing is read any more and every loop stops.
#include <optional>
#include <string_view>
#include <vector>

#include "policy/builtins/object_builder.h"
#include "policy/graphql/ast.h"
#include "policy/graphql/lexer.h"

namespace writ::rego::graphql {

class Parser {
 public:
  // `text` must outlive the parser.
  Parser(Arena& arena, std::string_view text) : arena_(arena), lexer_(text) {}

  // {"Operations": […], "Fragments": […]}
  Term query_document();
  // {"Definitions": […], "Directives": […], "Extensions": […], "Schema": […], …}
  Term schema_document();

  const std::optional<Problem>& problem() const { return problem_; }

 private:
  // Nesting of values, types and selections.
  static constexpr int kDeepest = 200;

  // Whether a constant is wanted, where variables are not allowed.
  enum class Constant : bool { no, yes };

  // A node that begins at the next token.
  class Node {
   public:
    explicit Node(Parser& parser);
    Node& add(std::string_view name, const Term& value) {
      if (value.is_defined()) fields_.add(name, value);
      return *this;
    }
    Node& add(std::string_view name, std::string_view value) {
      fields_.add(name, value);
      return *this;
    }
    // An empty list is left out.
    Node& add(std::string_view name, const std::vector<Term>& items);
    Term build() { return fields_.build(); }

   private:
    Arena& arena_;
    ObjectBuilder fields_;
  };

  const Token& peek();
  Token next();
  bool failed() const { return problem_.has_value(); }
  void fail_at(const Token& token, std::string message);
  void unexpected();
  void expect_keyword(std::string_view word);
  Token expect(TokenKind kind);
  bool skip(TokenKind kind);
  // Reads `one` until `close`, if `open` is there. `some` wants at least one.
  template <typename One>
  std::vector<Term> many(TokenKind open, TokenKind close, One one);
  template <typename One>
  std::vector<Term> some(TokenKind open, TokenKind close, One one);
  std::string name() { return expect(TokenKind::name).value; }

  Term value(Constant constant);
  Term value_list(Constant constant);
  Term value_object(Constant constant);
  Term type_reference();
  std::vector<Term> arguments(Constant constant);
  std::vector<Term> directives(Constant constant);

  Term operation();
  std::string operation_type();
  std::vector<Term> variable_definitions();
  std::string variable();
  std::vector<Term> required_selections();
  std::vector<Term> selections();
  Term selection();
  Term field();
  Term fragment_selection();
  Term fragment_definition();
  std::string fragment_name();

  struct SchemaParts;
  void extension(SchemaParts& out);
  std::string description();
  Term schema_definition(std::string_view description);
  std::vector<Term> operation_types();
  // A type that is defined or extended; the keyword is the next token.
  Term definition(std::string_view description, bool is_extension);
  std::vector<Term> interfaces();
  std::vector<Term> union_members();
  Term field_definition();
  Term input_value();
  Term enum_value();
  Term directive_definition(std::string_view description);
  std::vector<Term> directive_locations();

  Arena& arena_;
  Lexer lexer_;
  Token peeked_, previous_;
  bool has_peeked_ = false;
  int depth_ = 0;
  std::optional<Problem> problem_;
};

template <typename One>
std::vector<Term> Parser::many(TokenKind open, TokenKind close, One one) {
  std::vector<Term> out;
  if (!skip(open)) return out;
  while (!peek().is(close) && !failed()) out.push_back(one());
  next();
  return out;
}

template <typename One>
std::vector<Term> Parser::some(TokenKind open, TokenKind close, One one) {
  std::vector<Term> out;
  if (!skip(open)) return out;
  while (!peek().is(close) && !failed()) out.push_back(one());
  if (out.empty()) {
    fail_at(peek(),
            "expected at least one definition, found " + std::string(kind_text(peek().kind)));
  }
  next();
  return out;
}

}  // namespace writ::rego::graphql
