#pragma once
// Rego text to modules, queries and terms. Untrusted text is welcome: nesting is bounded, time is
// linear in the text but for a bounded number of second attempts.
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "policy/parse/ast.h"
#include "policy/parse/policy_error.h"

namespace writ::rego {

struct ParseOptions {
  bool is_v0 = false;                // the older dialect: rules without `if` and `contains`
  std::size_t max_bytes = 16 << 20;  // longer text is refused
};

// Nested brackets, parentheses and bodies beyond this are refused.
inline constexpr std::size_t kDeepestText = 400;

std::expected<ast::Module, PolicyErrors> parse_module(std::string_view file, std::string_view text,
                                                      const ParseOptions& options = {});

// The statements of a query. Constants stand in `arena`.
std::expected<ast::Body, PolicyErrors> parse_query(Arena& arena, std::string_view text,
                                                   std::string_view file = {});

// One term, for example a value that a test gives in Rego syntax.
std::expected<ast::Term, PolicyErrors> parse_term(Arena& arena, std::string_view text);

}  // namespace writ::rego
