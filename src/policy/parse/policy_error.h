#pragma once
// What is wrong with a policy, or went wrong while it was evaluated: OPA's codes and OPA's text.
#include <string>
#include <string_view>
#include <vector>

#include "base/position.h"
#include "base/result.h"

namespace writ::rego {

struct PolicyError {
  std::string code;  // "rego_parse_error", "eval_conflict_error", …
  std::string message;
  std::string file;
  Position at;
  std::string line;                       // the source line, for parse errors
  std::vector<std::string> details = {};  // "have: (number)": lines below the message

  // "<file>:<row>: <code>: <message>", of queries "<row>:<column>: …"; of parse errors the line and
  // a caret below, then details.
  std::string text() const;
};

using PolicyErrors = std::vector<PolicyError>;

inline constexpr std::string_view kParseError = "rego_parse_error";
inline constexpr std::string_view kCompileError = "rego_compile_error";
inline constexpr std::string_view kTypeError = "rego_type_error";
inline constexpr std::string_view kUnsafeVarError = "rego_unsafe_var_error";
inline constexpr std::string_view kRecursionError = "rego_recursion_error";
inline constexpr std::string_view kConflictError = "eval_conflict_error";
inline constexpr std::string_view kBuiltinError = "eval_builtin_error";
inline constexpr std::string_view kEvalTypeError = "eval_type_error";
inline constexpr std::string_view kCancelError = "eval_cancel_error";
inline constexpr std::string_view kInternalError = "eval_internal_error";

// "1 error occurred: …", or "N errors occurred:" and a line for each.
std::string to_text(const PolicyErrors& errors);

// For the rest of Writ: an invalid_input error with a diagnostic for each.
std::unexpected<Error> fail(const PolicyErrors& errors);

}  // namespace writ::rego
