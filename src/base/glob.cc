#include <cstdint>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "base/safe_path.h"

namespace writ {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

struct Token {
  enum class Kind : std::uint8_t {
    literal,  // `character`
    one,      // ?
    set,      // [a-z], [!a-z]
    star,     // *
    folders,  // **/ : any number of whole segments; the token behind it is `in_folder`
    in_folder,
    everything,  // ** at the end
  };
  Kind kind;
  char32_t character = 0;
  std::vector<Range> ranges = {};
  bool negated = false;
};

// One code point off the front; a byte that is not UTF-8 stands for itself above Unicode.
char32_t take_character(std::string_view& rest) {
  const std::size_t length = utf8_sequence(rest);
  char32_t code = static_cast<unsigned char>(rest[0]);
  if (length == 0) code += 0x110000;
  if (length > 1) code &= 0x7fu >> length;
  for (std::size_t i = 1; i < length; ++i) {
    code = code << 6 | (static_cast<unsigned char>(rest[i]) & 0x3fu);
  }
  rest.remove_prefix(length == 0 ? 1 : length);
  return code;
}

// "[…]" off the front of `rest`; false when the segment ends before it is closed, and `[` means
// itself. `rest` is left alone then, and no `[` with more than `open_until` bytes left is closed.
bool take_set(std::string_view& rest, Token& token, std::size_t& open_until) {
  std::string_view in = rest.substr(1);
  token = {Token::Kind::set};
  token.negated = in.starts_with('!') || in.starts_with('^');
  if (token.negated) in.remove_prefix(1);
  // A bracket that comes first is a member of the set.
  bool first = true;
  for (; !in.empty() && in[0] != '/' && (first || in[0] != ']'); first = false) {
    const char32_t low = take_character(in);
    char32_t high = low;
    if (in.size() >= 2 && in[0] == '-' && in[1] != ']' && in[1] != '/') {
      in.remove_prefix(1);
      high = take_character(in);
    }
    token.ranges.push_back({low, high});
  }
  if (in.empty() || in[0] == '/') {
    open_until = in.size();
    return false;
  }
  rest = in.substr(1);
  return true;
}

// "**/" or "**" as a whole segment, off the front of `rest`.
bool take_globstar(std::string_view& rest, bool at_segment, std::vector<Token>& tokens) {
  if (!at_segment || !rest.starts_with("**")) return false;
  if (rest.size() == 2) {
    tokens.push_back({Token::Kind::everything});
    rest = {};
    return true;
  }
  if (rest[2] != '/') return false;
  tokens.push_back({Token::Kind::folders});
  tokens.push_back({Token::Kind::in_folder});
  rest.remove_prefix(3);
  return true;
}

std::vector<Token> compile(std::string_view pattern) {
  std::vector<Token> tokens;
  bool at_segment = true;
  // Not looking for the same missing bracket again keeps the time linear.
  std::size_t open_until = pattern.size();
  while (!pattern.empty()) {
    if (take_globstar(pattern, at_segment, tokens)) continue;
    at_segment = false;
    Token token{Token::Kind::literal};
    if (pattern[0] == '[' && pattern.size() <= open_until && take_set(pattern, token, open_until)) {
      tokens.push_back(std::move(token));
      continue;
    }
    const char32_t c = take_character(pattern);
    at_segment = c == '/';
    if (c == '*') {
      tokens.push_back({Token::Kind::star});
    } else if (c == '?') {
      tokens.push_back({Token::Kind::one});
    } else {
      tokens.push_back({Token::Kind::literal, c});
    }
  }
  return tokens;
}

bool is_in_set(const Token& set, char32_t c) {
  for (const Range& range : set.ranges) {
    if (c >= range.first && c <= range.last) return !set.negated;
  }
  return set.negated;
}

// The places in the pattern that are reached, all at once: no backtracking.
class Places {
 public:
  explicit Places(const std::vector<Token>& tokens)
      : tokens_(tokens), now_(tokens.size() + 1), next_(tokens.size() + 1) {
    now_[0] = true;
    skip_empty(now_);
  }

  void step(char32_t c) {
    next_.assign(next_.size(), false);
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (now_[i]) step_from(i, c);
    }
    skip_empty(next_);
    now_.swap(next_);
  }

  bool at_end() const { return now_.back(); }

 private:
  void step_from(std::size_t i, char32_t c) {
    const Token& token = tokens_[i];
    const bool slash = c == '/';
    switch (token.kind) {
      case Token::Kind::literal:
        reach(i + 1, c == token.character);
        return;
      case Token::Kind::one:
        reach(i + 1, !slash);
        return;
      case Token::Kind::set:
        reach(i + 1, !slash && is_in_set(token, c));
        return;
      case Token::Kind::star:
        reach(i, !slash);
        return;
      case Token::Kind::everything:
        reach(i, true);
        return;
      case Token::Kind::folders:
        reach(i + 1, !slash);
        return;
      case Token::Kind::in_folder:
        reach(i, true);
        reach(i + 1, slash);
        return;
    }
  }

  void reach(std::size_t i, bool condition) {
    if (condition) next_[i] = true;
  }

  // Tokens that may stand for nothing. Forward only, so one pass is enough.
  void skip_empty(std::vector<bool>& places) const {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (!places[i]) continue;
      const Token::Kind kind = tokens_[i].kind;
      if (kind == Token::Kind::star || kind == Token::Kind::everything) places[i + 1] = true;
      if (kind == Token::Kind::folders) places[i + 2] = true;
    }
  }

  const std::vector<Token>& tokens_;
  std::vector<bool> now_;
  std::vector<bool> next_;
};

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view path) {
  const std::vector<Token> tokens = compile(pattern);
  Places places(tokens);
  while (!path.empty()) places.step(take_character(path));
  return places.at_end();
}

}  // namespace writ
