#include "repo/wildmatch.h"

#include <ctype.h>

#include <algorithm>

namespace writ::repo {
namespace {

constexpr std::string_view kSpecial = "*?[\\";

std::size_t index_of(char c) { return static_cast<unsigned char>(c); }

struct CharacterClass {
  std::string_view name;
  int (*holds)(int);
};

constexpr CharacterClass kClasses[] = {
    {"alnum", &::isalnum}, {"alpha", &::isalpha}, {"blank", &::isblank}, {"cntrl", &::iscntrl},
    {"digit", &::isdigit}, {"graph", &::isgraph}, {"lower", &::islower}, {"print", &::isprint},
    {"punct", &::ispunct}, {"space", &::isspace}, {"upper", &::isupper}, {"xdigit", &::isxdigit},
};

bool add_class(std::bitset<256>& set, std::string_view name) {
  for (const CharacterClass& known : kClasses) {
    if (known.name != name) continue;
    for (int c = 0; c < 128; ++c) {
      if (known.holds(c) != 0) set.set(static_cast<std::size_t>(c));
    }
    return true;
  }
  return false;
}

}  // namespace

Wildmatch::Wildmatch(std::string_view pattern)
    : prefix_(pattern.substr(0, pattern.find_first_of(kSpecial))) {
  compile(pattern);
}

void Wildmatch::add_character(char c) {
  Token token{Kind::set, {}};
  token.set.set(index_of(c));
  tokens_.push_back(token);
  suffix_ += c;
}

void Wildmatch::compile(std::string_view pattern) {
  std::size_t at = 0;
  while (at < pattern.size() && !is_malformed_) {
    const char c = pattern[at];
    if (c == '*' || c == '[' || c == '?') suffix_.clear();
    if (c == '*') {
      at = take_stars(pattern, at);
    } else if (c == '[') {
      at = take_bracket(pattern, at);
    } else if (c == '?') {
      Token any{Kind::set, {}};
      any.set.set().reset(index_of('/'));
      tokens_.push_back(any);
      ++at;
    } else if (c == '\\') {
      is_malformed_ = at + 1 == pattern.size();
      if (!is_malformed_) add_character(pattern[at + 1]);
      at += 2;
    } else {
      add_character(c);
      ++at;
    }
  }
}

// Two stars or more cross slashes only where they stand between slashes. Git compares the literal
// beginning separately, so the place behind it counts as a beginning, too.
std::size_t Wildmatch::take_stars(std::string_view pattern, std::size_t at) {
  const std::size_t end = std::min(pattern.find_first_not_of('*', at), pattern.size());
  const bool opens = at == prefix_.size() || pattern[at - 1] == '/';
  const bool closes =
      end == pattern.size() || pattern[end] == '/' || pattern.substr(end).starts_with("\\/");
  if (end - at < 2 || !opens || !closes) {
    tokens_.push_back({Kind::star, {}});
    return end;
  }
  if (end < pattern.size() && pattern[end] == '/') {
    tokens_.push_back({Kind::directories, {}});
    return end + 1;
  }
  tokens_.push_back({Kind::all, {}});
  return end;
}

std::size_t Wildmatch::take_bracket(std::string_view pattern, std::size_t at) {
  Token token{Kind::set, {}};
  ++at;
  const auto peek = [&](std::size_t i) { return i < pattern.size() ? pattern[i] : '\0'; };
  const bool is_negated = peek(at) == '^' || peek(at) == '!';
  if (is_negated) ++at;
  int previous = -1;
  for (bool is_first = true; is_first || peek(at) != ']'; is_first = false, ++at) {
    if (at >= pattern.size()) break;
    char c = pattern[at];
    if (c == '-' && previous >= 0 && peek(at + 1) != '\0' && peek(at + 1) != ']') {
      if (pattern[++at] == '\\') ++at;
      for (int i = previous; i <= static_cast<int>(index_of(peek(at))); ++i) {
        token.set.set(static_cast<std::size_t>(i));
      }
      previous = -1;
      continue;
    }
    const std::size_t close = pattern.find(":]", at);
    if (c == '[' && peek(at + 1) == ':' && close != std::string_view::npos) {
      is_malformed_ |= !add_class(token.set, pattern.substr(at + 2, close - at - 2));
      at = close + 1;
      previous = -1;
      continue;
    }
    if (c == '\\') c = peek(++at);
    token.set.set(index_of(c));
    previous = static_cast<int>(index_of(c));
  }
  is_malformed_ |= at >= pattern.size();
  if (is_negated) token.set.flip();
  token.set.reset(index_of('/'));
  tokens_.push_back(token);
  return at + 1;
}

// Every token that may match nothing hands its state on.
void Wildmatch::skip_optional(std::vector<bool>& states) const {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (states[i] && tokens_[i].kind != Kind::set) states[i + 1] = true;
  }
}

bool Wildmatch::matches(std::string_view text) const {
  if (is_malformed_ || !text.starts_with(prefix_) || !text.ends_with(suffix_)) return false;
  if (suffix_.size() == tokens_.size()) return text == suffix_;
  // states[i]: tokens before i match what was read. `inside[i]`: directories token i has begun
  // and still needs its slash.
  std::vector<bool> states(tokens_.size() + 1);
  std::vector<bool> inside(tokens_.size() + 1);
  std::vector<bool> next(tokens_.size() + 1);
  states[0] = true;
  skip_optional(states);
  for (const char c : text) {
    next.assign(next.size(), false);
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (token.kind == Kind::directories) {
        inside[i] = inside[i] || states[i];
        if (inside[i] && c == '/') next[i + 1] = true;
      } else if (states[i]) {
        if (token.kind == Kind::set && token.set.test(index_of(c))) next[i + 1] = true;
        if (token.kind == Kind::all || (token.kind == Kind::star && c != '/')) next[i] = true;
      }
    }
    states.swap(next);
    skip_optional(states);
  }
  return states.back();
}

}  // namespace writ::repo
