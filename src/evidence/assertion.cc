#include "evidence/assertion.h"

#include <algorithm>
#include <set>

namespace writ::evidence {
namespace {

using syntax::Token;
using syntax::TokenKind;

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Members and functions that say no more than whether something went well.
constexpr std::string_view kStatusWords[]{
    "ok",      "Ok",          "OK",         "is_ok",    "IsOk",     "has_value",
    "success", "succeeded",   "is_success", "failed",   "status",   "Status",
    "good",    "status_code", "statusCode", "valid",    "is_valid", "isValid",
    "IsValid", "has_error",   "hasValue",   "hasError", "is_error", "StatusCode"};

// Values that a flag is compared with.
constexpr std::string_view kFlagValues[]{"true", "false", "nullptr", "NULL",     "nullopt", "kOk",
                                         "OK",   "Ok",    "kOK",     "OkStatus", "ok",      "EOK"};

// A function with arguments is a question about contents when its name begins like this, and an
// operation whose success is looked at otherwise.
constexpr std::string_view kQuestions[]{
    "is",       "has",     "may",    "can",      "was",    "were",    "are",      "contains",
    "matches",  "equals",  "equal",  "starts",   "ends",   "holds",   "includes", "exists",
    "empty",    "any",     "all",    "none",     "near",   "same",    "less",     "greater",
    "verifies", "accepts", "allows", "knows",    "covers", "follows", "needs",    "uses",
    "does",     "should",  "verify", "validate", "bool"};

// The first word of snake_case or camelCase, in lower case.
std::string first_word(std::string_view name) {
  std::string word;
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (c == '_' || (is_upper && !word.empty())) break;
    word += is_upper ? static_cast<char>(c + 32) : c;
  }
  return word;
}

bool is_question(std::string_view name) {
  return is_one_of(first_word(name), kQuestions) || name.find("match") != std::string_view::npos ||
         name.find("contain") != std::string_view::npos;
}

bool opens(const Token& t) { return t.is("(") || t.is("[") || t.is("{"); }
bool closes(const Token& t) { return t.is(")") || t.is("]") || t.is("}"); }

// Splits at the top level wherever `at(i)` says how many tokens separate there; 0: none.
template <typename F>
std::vector<Tokens> split(Tokens tokens, F&& at) {
  std::vector<Tokens> parts;
  std::size_t begin = 0;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (opens(tokens[i])) ++depth;
    if (closes(tokens[i]) && depth > 0) --depth;
    const std::size_t length = depth == 0 ? at(i) : 0;
    if (length == 0) continue;
    parts.push_back(tokens.subspan(begin, i - begin));
    begin = i + length;
    i += length - 1;
  }
  parts.push_back(tokens.subspan(begin));
  return parts;
}

std::vector<Tokens> arguments_of(Tokens tokens) {
  return split(tokens, [&](std::size_t i) { return tokens[i].is(",") ? 1u : 0u; });
}

bool pair_at(Tokens tokens, std::size_t i, char first, char second) {
  return i + 1 < tokens.size() && tokens[i].text == std::string_view(&first, 1) &&
         tokens[i + 1].text == std::string_view(&second, 1) &&
         tokens[i].text.data() + 1 == tokens[i + 1].text.data();
}

std::vector<Tokens> conditions_of(Tokens tokens) {
  return split(tokens, [&](std::size_t i) -> std::size_t {
    if (tokens[i].is("&&") || tokens[i].is("and") || tokens[i].is("or")) return 1;
    return pair_at(tokens, i, '|', '|') ? 2 : 0;
  });
}

std::vector<Tokens> comparands_of(Tokens tokens) {
  return split(tokens, [&](std::size_t i) -> std::size_t {
    return pair_at(tokens, i, '=', '=') || pair_at(tokens, i, '!', '=') ? 2 : 0;
  });
}

// Without `!`, `*` and parentheses around the whole.
Tokens bare(Tokens tokens) {
  for (;;) {
    if (!tokens.empty() && (tokens[0].is("!") || tokens[0].is("*") || tokens[0].is("not"))) {
      tokens = tokens.subspan(1);
      continue;
    }
    if (tokens.size() < 2 || !tokens.front().is("(") || !tokens.back().is(")")) return tokens;
    std::size_t depth = 0;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
      if (opens(tokens[i])) ++depth;
      if (closes(tokens[i]) && --depth == 0) return tokens;  // closed before the end
    }
    tokens = tokens.subspan(1, tokens.size() - 2);
  }
}

// Index of the bracket that the last token closes; tokens.size(): none.
std::size_t opening_of_last(Tokens tokens) {
  std::size_t depth = 0;
  for (std::size_t i = tokens.size(); i-- > 0;) {
    if (closes(tokens[i])) ++depth;
    if (opens(tokens[i]) && --depth == 0) return i;
  }
  return tokens.size();
}

bool is_flag_expression(Tokens tokens);

// `verify(proof, root).` before `has_value()`: the flag is the answer to a question.
bool asks_about_contents(Tokens object) {
  if (object.size() < 4 || !(object.back().is(".") || object.back().is("->"))) return false;
  object = object.first(object.size() - 1);
  if (!object.back().is(")")) return false;
  const std::size_t open = opening_of_last(object);
  return open > 0 && open + 2 < object.size() && is_question(object[open - 1].text);
}

// `f(x)`, `a.ok()`, `bool(x)`
bool is_flag_call(Tokens tokens, std::size_t open) {
  if (open == 0 || tokens[open - 1].kind != TokenKind::word) {
    // static_cast<bool>(x)
    if (open > 0 && tokens[open - 1].is(">") && tokens.front().is("static_cast")) {
      return is_flag_expression(tokens.subspan(open + 1, tokens.size() - open - 2));
    }
    return false;
  }
  const std::string_view name = tokens[open - 1].text;
  if (name == "bool") return is_flag_expression(tokens.subspan(open + 1, tokens.size() - open - 2));
  const bool has_arguments = open + 2 < tokens.size();
  // `result.ok()` is a flag; `schema.is_valid(document)` asks about a document.
  if (is_one_of(name, kStatusWords)) {
    return !has_arguments && !asks_about_contents(tokens.first(open - 1));
  }
  const bool is_member = open > 1 && (tokens[open - 2].is(".") || tokens[open - 2].is("->"));
  // `list.empty()` asks about contents, `run()` and `add(x)` are operations.
  if (!has_arguments && is_member) return false;
  return !is_question(name);
}

// An expression that is true or false by a flag alone.
bool is_flag_expression(Tokens tokens) {
  tokens = bare(tokens);
  if (tokens.empty()) return true;
  const Token& last = tokens.back();
  if (tokens.size() == 1) return last.kind == TokenKind::word || last.kind == TokenKind::number;
  if (last.is(")")) {
    const std::size_t open = opening_of_last(tokens);
    return open < tokens.size() && is_flag_call(tokens, open);
  }
  // a.ok, a->status; a::b is a constant
  return last.kind == TokenKind::word && is_one_of(last.text, kStatusWords);
}

bool is_flag_value(Tokens tokens) {
  tokens = bare(tokens);
  if (tokens.size() >= 3 && tokens.back().is(")")) {
    const std::size_t open = opening_of_last(tokens);
    return open > 0 && open + 2 == tokens.size() && is_one_of(tokens[open - 1].text, kFlagValues);
  }
  return !tokens.empty() && is_one_of(tokens.back().text, kFlagValues);
}

bool ends_in_status(Tokens tokens) {
  tokens = bare(tokens);
  if (tokens.size() > 2 && tokens.back().is(")") && tokens[tokens.size() - 2].is("(")) {
    tokens = tokens.first(tokens.size() - 2);
  }
  return tokens.size() > 1 && tokens.back().kind == TokenKind::word &&
         is_one_of(tokens.back().text, kStatusWords);
}

// A status against whatever it is, or a flag against true, null and their like.
bool is_flag_comparison(Tokens a, Tokens b) {
  if (is_flag_value(b)) return is_flag_value(a) || is_flag_expression(a);
  if (is_flag_value(a)) return is_flag_expression(b);
  return ends_in_status(a) || ends_in_status(b);
}

bool is_flag_condition(Tokens tokens) {
  tokens = bare(tokens);
  for (const Tokens part : conditions_of(tokens)) {
    const std::vector<Tokens> sides = comparands_of(part);
    if (sides.size() == 2 ? !is_flag_comparison(sides[0], sides[1]) : !is_flag_expression(part)) {
      return false;
    }
  }
  return true;
}

bool is_flag_matcher(Tokens tokens) {
  constexpr std::string_view kMatchers[]{"IsOk", "Ok", "IsTrue", "IsFalse", "NotNull", "IsNull"};
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const Token& token) { return is_one_of(token.text, kMatchers); }) &&
         std::none_of(tokens.begin(), tokens.end(), [](const Token& token) {
           return token.kind == TokenKind::string || token.kind == TokenKind::number;
         });
}

bool ends_with(std::string_view macro, std::string_view end) { return macro.ends_with(end); }

}  // namespace

bool is_assertion_macro(std::string_view word) {
  return word.starts_with("EXPECT_") || word.starts_with("ASSERT_") ||
         word.starts_with("RC_ASSERT") || word == "FAIL" || word == "ADD_FAILURE" ||
         word == "ADD_FAILURE_AT" || word == "GTEST_FAIL";
}

bool looks_at_status_only(std::string_view macro, Tokens arguments) {
  if (ends_with(macro, "_NO_THROW") || ends_with(macro, "_OK") ||
      ends_with(macro, "_NO_FATAL_FAILURE")) {
    return true;
  }
  const std::vector<Tokens> parts = arguments_of(arguments);
  const bool is_condition =
      ends_with(macro, "_TRUE") || ends_with(macro, "_FALSE") || macro == "RC_ASSERT";
  if (is_condition) return is_flag_condition(parts.front());
  if (ends_with(macro, "_EQ") || ends_with(macro, "_NE")) {
    return parts.size() == 2 && is_flag_comparison(parts[0], parts[1]);
  }
  if (ends_with(macro, "_THAT")) return parts.size() == 2 && is_flag_matcher(parts[1]);
  return false;
}

std::vector<std::string> asserted_fields(Tokens arguments) {
  constexpr std::string_view kWrappers[]{"value", "get",       "at",         "front",  "back",
                                         "begin", "end",       "c_str",      "data",   "find",
                                         "error", "string_or", "integer_or", "bool_or"};
  std::set<std::string> fields;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const Token& token = arguments[i];
    const bool is_member = arguments[i - 1].is(".") || arguments[i - 1].is("->");
    if (token.kind == TokenKind::word && is_member && !is_one_of(token.text, kWrappers) &&
        !is_one_of(token.text, kStatusWords)) {
      fields.emplace(token.text);
    }
    const bool is_key = arguments[i - 1].is("[") || (i > 1 && arguments[i - 1].is("(") &&
                                                     is_one_of(arguments[i - 2].text, kWrappers));
    if (token.kind == TokenKind::string && is_key && token.text.size() > 2) {
      fields.emplace(token.text.substr(1, token.text.size() - 2));
    }
  }
  return {fields.begin(), fields.end()};
}

}  // namespace writ::evidence
