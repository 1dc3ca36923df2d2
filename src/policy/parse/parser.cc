#include "policy/parse/parser.h"

#include "policy/parse/parse_rule.h"
#include "policy/parse/token_stream.h"
#include "policy/term/build.h"

namespace writ::rego {
namespace {

using ast::Term;
using Kind = Term::Kind;

bool parse_package(TokenStream& in, ast::Module& module) {
  module.package_at = in.token().at;
  if (!in.take_keyword("package")) return in.refuse("package expected");
  // Keywords may be parts of the path, also the first.
  if (in.token().kind != TokenKind::name) return in.unexpected("package path");
  module.package.push_back(make_string(in.arena(), in.token().text));
  in.advance();
  for (;;) {
    if (in.token().after_space) return true;
    if (in.take(".")) {
      if (in.token().kind != TokenKind::name) return in.unexpected("identifier");
      module.package.push_back(make_string(in.arena(), in.token().text));
      in.advance();
    } else if (in.take("[")) {
      if (in.token().kind != TokenKind::string) return in.unexpected("string");
      module.package.push_back(make_string(in.arena(), in.token().text));
      in.advance();
      if (!in.expect("]")) return false;
    } else {
      return true;
    }
  }
}

bool check_import_path(TokenStream& in, const ast::Import& import) {
  const auto& parts = import.path.parts;
  const std::string& root = parts[0].name;
  if (root != "data" && root != "input" && root != "future" && root != "rego") {
    return in.refuse_at(import.path.at,
                        "unexpected import path, must begin with one of: {data, future, input, "
                        "rego}, got: " +
                            root);
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (!parts[i].is_string()) {
      return in.refuse_at(parts[i].at, "unexpected import path: expecting string");
    }
  }
  return true;
}

bool parse_import(TokenStream& in, ast::Module& module) {
  ast::Import import;
  import.at = in.token().at;
  in.advance();
  Term path;
  if (!parse_operand(in, path)) return false;
  if (path.is_var()) {
    Term ref;
    ref.kind = Kind::ref;
    ref.at = path.at;
    ref.parts.push_back(std::move(path));
    path = std::move(ref);
  }
  if (!path.is(Kind::ref) || !path.parts[0].is_var()) {
    return in.refuse_at(path.at, "unexpected import path");
  }
  import.path = std::move(path);
  if (!check_import_path(in, import)) return false;
  const Term& last = import.path.parts.back();
  import.alias = last.is_var() ? last.name : std::string(last.value.text());
  if (in.take_keyword("as")) {
    if (in.token().kind != TokenKind::name) return in.unexpected("identifier");
    import.alias = in.token().text;
    import.has_alias = true;
    in.advance();
  }
  import.end = in.last_end();
  const std::string& root = import.path.parts[0].name;
  if (root == "future" || root == "rego") {
    in.lexer().accept_new_keywords();
    module.is_v0 = module.is_v0 && root != "rego";
  }
  module.imports.push_back(std::move(import));
  return true;
}

bool parse_top(TokenStream& in, ast::Module& module) {
  if (in.token().is_keyword_named("import")) return parse_import(in, module);
  if (in.token().is_keyword_named("package")) return in.refuse("unexpected package");
  return parse_rule(in, module.rules);
}

bool parse_all(TokenStream& in, ast::Module& module) {
  if (in.token().kind == TokenKind::end) return in.refuse_at({0, 0}, "empty module");
  if (!parse_package(in, module)) return false;
  while (in.token().kind != TokenKind::end) {
    if (in.take(";")) continue;
    if (!in.token().after_line) return in.unexpected("\\n or ;");
    if (!parse_top(in, module)) return false;
  }
  return true;
}

PolicyErrors errors_of(const TokenStream& in) {
  return in.error() ? PolicyErrors{*in.error()} : PolicyErrors{};
}

PolicyErrors too_long(std::string_view file) {
  return {{std::string(kParseError), "the text is too long", std::string(file), {}, {}}};
}

}  // namespace

std::expected<ast::Module, PolicyErrors> parse_module(std::string_view file, std::string_view text,
                                                      const ParseOptions& options) {
  if (text.size() > options.max_bytes) return std::unexpected(too_long(file));
  ast::Module module;
  module.file = file;
  module.source = text;
  module.is_v0 = options.is_v0;
  module.arena = std::make_shared<Arena>();
  TokenStream in(file, module.source, *module.arena, options.is_v0);
  const bool fine = parse_all(in, module);
  module.comments = in.lexer().comments();
  if (!fine || !attach_annotations(module, in)) return std::unexpected(errors_of(in));
  return module;
}

std::expected<ast::Body, PolicyErrors> parse_query(Arena& arena, std::string_view text,
                                                   std::string_view file) {
  TokenStream in(file, text, arena, false);
  ast::Body body;
  while (in.take(";")) {
  }
  while (in.token().kind != TokenKind::end) {
    ast::Statement statement;
    if (!parse_statement(in, statement)) return std::unexpected(errors_of(in));
    body.push_back(std::move(statement));
    const bool ends = in.token().is(";") || in.token().after_line;
    if (in.token().kind != TokenKind::end && !ends) {
      in.unexpected("\\n or ;");
      return std::unexpected(errors_of(in));
    }
    while (in.take(";")) {
    }
  }
  if (body.empty()) {
    in.refuse("empty query");
    return std::unexpected(errors_of(in));
  }
  return body;
}

std::expected<ast::Term, PolicyErrors> parse_term(Arena& arena, std::string_view text) {
  TokenStream in({}, text, arena, false);
  ast::Term term;
  if (parse_infix(in, Place::alone, term) && in.token().kind != TokenKind::end) in.unexpected();
  if (in.has_error()) return std::unexpected(errors_of(in));
  return term;
}

}  // namespace writ::rego
