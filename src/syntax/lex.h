#pragma once
// Tells code, comments and strings apart, in one pass and linear time. Broken source never fails:
// an unterminated string ends with its line, an unterminated comment with the text.
//
// A string span includes its quotes and prefix, a comment span its markers; character literals
// are strings. Preprocessor lines are code, except the name after #include (string).
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "syntax/language.h"

namespace writ::syntax {

// `any`: no lexer knows the language.
enum class Region : std::uint8_t { code, comment, string, any };

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  Region region = Region::code;
  friend bool operator==(const Span&, const Span&) = default;
};

// Spans in order, without gaps, neighbours of different regions (two comments in a row stay two).
std::vector<Span> lex(std::string_view text, const Language& language);

}  // namespace writ::syntax
