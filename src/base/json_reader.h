#pragma once
// JSON text piece by piece: characters with their position, strings, numbers and words. What is
// built of them is json_parse.cc's. A function that returns bool says whether it went well; if
// not, `problem` has been set. Private to base.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/position.h"
#include "base/result.h"
#include "base/value.h"

namespace writ {

class JsonReader {
 public:
  // Requires: check_text has let `text` through. Both views must outlive the reader.
  JsonReader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  bool at_end() const { return at_ == text_.size(); }
  // NUL at the end: check_text has seen to it that no other NUL is there.
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  Position here() const { return position_at(at_); }
  void skip_space();

  // Each reads what begins here.
  bool read_string(std::string& out);  // at the opening quote
  bool read_number(Value& out);        // at a digit or minus sign
  bool read_word(std::string_view word);

  // Sets the problem and returns false.
  bool refuse(Diagnostic found);
  bool refuse(Position at, std::string message, std::string remedy);
  // "expected …, found …", with the remedy for a common mistake if this looks like one.
  bool unexpected(std::string_view expected, std::string_view remedy);
  // The word or sign here, for messages.
  std::string found_here() const;

  std::optional<Diagnostic>& problem() { return problem_; }

 private:
  // Of a byte in the current line.
  Position position_at(std::size_t offset) const {
    return {line_, static_cast<std::uint32_t>(offset - line_start_ + 1)};
  }
  bool read_escape(std::string& out);
  bool read_unicode_escape(std::size_t start, std::string& out);
  std::optional<std::uint32_t> read_code_unit();
  std::size_t skip_digits();
  bool convert_number(std::string_view lexeme, Position at, Value& out);

  std::string_view text_;
  std::string_view name_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
  std::optional<Diagnostic> problem_;
};

}  // namespace writ
