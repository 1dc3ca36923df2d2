#pragma once
// Reads backwards from a `{` whether it opens the body of a named C or C++ function.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "syntax/token.h"

namespace writ::syntax {

enum class Returns : std::uint8_t { nothing, value };

struct FunctionHead {
  std::string name;  // as written: "Book::cancel"
  Returns returns = Returns::value;
  bool is_operator = false;
  std::size_t first = 0;  // the token of the name
};

// `tokens` without comments; `brace` is the index of the `{`. Empty: no function, or one that has
// no return type to judge by (constructor, destructor, lambda, macro call). Looks back at most
// 160 tokens.
std::optional<FunctionHead> function_head(std::span<const Token> tokens, std::size_t brace);

}  // namespace writ::syntax
