#pragma once
// Result<T>: a value or an Error. Nothing in Writ throws; adapters catch what libraries throw.
//
//   WRIT_TRY(const Tree tree, load_tree(path));   // declares `tree`, or returns the error
//   WRIT_CHECK(flush());                          // returns the error, if any
//
// A type with a comma goes through `auto` or an alias. Add context once per module boundary:
//   return std::unexpected(std::move(error).context("reading spec " + id));
#include <expected>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "base/error_table.h"
#include "base/position.h"

namespace writ {

// One finding in a user's document. A document's errors are reported all at once.
struct Diagnostic {
  std::string file;  // as the user named it; empty: no file
  Position at;
  std::string message;  // what is wrong, no full stop at the end
  std::string remedy;   // what to do about it; may be empty
};

struct Error {
  Code code = Code::internal;
  std::string message;                  // one sentence, no full stop
  std::string remediation;              // empty: the table's default
  std::vector<Diagnostic> diagnostics;  // for documents: everything wrong with them
  std::vector<std::string> contexts;    // innermost first
  std::source_location where;

  // Puts "while <what>" around the error.
  Error context(std::string what) &&;
  // The remediation to show: this error's own, else its code's.
  std::string_view remedy() const;
  // "<code>: <message> (while a, while b)"; for logs and tests. The terminal and the wire have
  // their own rendering.
  std::string text() const;
};

// Shorthand for `return fail(Code::not_found, "no run " + id);`
std::unexpected<Error> fail(Code code, std::string message, std::string remediation = {},
                            std::source_location where = std::source_location::current());

// An invalid_input error that carries the document's diagnostics.
std::unexpected<Error> fail(std::vector<Diagnostic> diagnostics,
                            std::source_location where = std::source_location::current());

// A derived class rather than an alias, so that a dropped Result warns with g++ 12 too.
template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

// Only for programmer errors; never for input, I/O or time.
[[noreturn]] void assertion_failed(const char* expression, std::source_location where);

}  // namespace writ

#define WRIT_CONCAT_INNER(a, b) a##b
#define WRIT_CONCAT(a, b) WRIT_CONCAT_INNER(a, b)

#define WRIT_TRY_INNER(declaration, expression, result)           \
  auto result = (expression);                                     \
  if (!result) return std::unexpected(std::move(result).error()); \
  declaration = *std::move(result)
#define WRIT_TRY(declaration, ...) \
  WRIT_TRY_INNER(declaration, (__VA_ARGS__), WRIT_CONCAT(writ_result_, __COUNTER__))

#define WRIT_CHECK_INNER(expression, result) \
  if (auto result = (expression); !result) return std::unexpected(std::move(result).error())
#define WRIT_CHECK(...) WRIT_CHECK_INNER((__VA_ARGS__), WRIT_CONCAT(writ_result_, __COUNTER__))

#define WRIT_ASSERT(expression) \
  ((expression) ? void() : ::writ::assertion_failed(#expression, std::source_location::current()))
