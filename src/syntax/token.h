#pragma once
// The tokens of C and C++ that finding function bodies needs: words, numbers, punctuation,
// strings and comments. A preprocessor line is the one token `#`.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "syntax/lex.h"

namespace writ::syntax {

enum class TokenKind : std::uint8_t { word, number, string, comment, punct, directive };

struct Token {
  std::string_view text;  // a view into the scanned text
  TokenKind kind = TokenKind::punct;

  bool is(std::string_view what) const { return text == what && kind != TokenKind::comment; }
};

// `::`, `->` and `&&` are one token each; other punctuation comes byte by byte.
std::vector<Token> tokenize(std::string_view text, std::span<const Span> spans);

}  // namespace writ::syntax
