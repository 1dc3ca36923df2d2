#pragma once
// What the lexer must know about a language to tell comments, strings and code apart, chosen by
// the file's name. Languages that are not in the table are scanned as Region::any.
#include <cstdint>
#include <span>
#include <string_view>

namespace writ::syntax {

// How a single quote is read.
enum class Quote : std::uint8_t {
  none,    // an ordinary character
  string,  // opens a string, whatever stands before it
  apart,   // opens a string unless a letter or digit stands before it ("don't" does not)
  rust,    // a character literal; a lifetime ('a) is code
};

struct Language {
  std::string_view name = {};
  std::string_view line_comment = {};   // "//", "#", "--"; empty: none
  std::string_view line_comment2 = {};  // a second one (PHP, assembly)
  bool block_comment = false;           // /* … */
  bool nested_blocks = false;
  bool word_start_comment = false;  // a line comment begins after white space only
  bool cpp = false;                 // raw strings, digit separators, line continuations
  bool triple_quotes = false;
  bool backtick = false;  // a string over several lines
  bool rust_raw = false;  // r#"…"#
  Quote single_quote = Quote::string;
  Quote double_quote = Quote::string;
};

// nullptr: not in the table.
const Language* language_of(std::string_view path);

struct LanguageRow {
  Language language;
  std::string_view names;  // extensions (".cc") and whole file names, each between spaces
};
std::span<const LanguageRow> language_table();

// Whether a path is test code by its name: a `test`, `tests`, `testing`, `testdata`, `__tests__`
// or `fixtures` folder, or a file such as x_test.cc, test_x.py, x.spec.ts.
bool is_test_path(std::string_view path);

}  // namespace writ::syntax
