#pragma once
// pass-only-body for C and C++: functions that pretend to do their work. A definition is a finding
// when its body
//   - is empty although it promises a value (flowing off the end is undefined behaviour);
//   - holds comments alone, and none says that nothing is to be done ("intentionally empty",
//     "nothing to do", "no-op", "not needed", "unused", …);
//   - only returns a constant (`{}`, a literal, `nullptr`, `std::nullopt`, `T{}`), returns, or
//     ends the program, next to a comment that tells the work is still to come ("later",
//     "pending", "to be …");
//   - only throws or asserts, saying that the work is missing.
// `(void)x;` and its like count as nothing. Never a finding: constructors, destructors, lambdas,
// macro calls, `main`, an empty operator, an empty body without comment that returns nothing
// (a default hook), a constant return without a telling comment.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/lex.h"

namespace writ::scan {

struct PassOnlyBody {
  std::size_t begin = 0;  // of the first statement, else of the comment, else of the brace
  std::size_t length = 0;
  std::string message;  // "Book::cancel returns without doing anything"
};

// `spans` as lex() gave them for `text`. Linear.
std::vector<PassOnlyBody> find_pass_only_bodies(std::string_view text,
                                                std::span<const syntax::Span> spans);

// The same for Python: a `def` whose body, docstring aside, is `pass` or `...` alone and whose
// decorators do not make it abstract or an overload.
std::vector<PassOnlyBody> find_pass_only_defs(std::string_view text,
                                              std::span<const syntax::Span> spans);

}  // namespace writ::scan
