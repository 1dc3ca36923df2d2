#pragma once
// Git's file name patterns, as gitignore(5) uses them: * ? [a-z] [[:alpha:]] \x, and ** between
// slashes. Compiled once; a match takes time in proportion to pattern × text, whatever they are.
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace writ::repo {

class Wildmatch {
 public:
  // A malformed pattern (an open bracket, a backslash at the end) matches nothing, as in git.
  explicit Wildmatch(std::string_view pattern);

  bool matches(std::string_view text) const;

 private:
  enum class Kind : std::uint8_t {
    set,          // one character out of it
    star,         // any characters but /
    all,          // any characters
    directories,  // nothing, or any characters that end with /
  };
  struct Token {
    Kind kind;
    std::bitset<256> set;
  };

  void compile(std::string_view pattern);
  std::size_t take_stars(std::string_view pattern, std::size_t at);
  std::size_t take_bracket(std::string_view pattern, std::size_t at);
  void add_character(char c);
  void skip_optional(std::vector<bool>& states) const;

  std::vector<Token> tokens_;
  std::string prefix_;  // literal characters at the beginning, and at the end: most texts fail here
  std::string suffix_;
  bool is_malformed_ = false;
};

}  // namespace writ::repo
