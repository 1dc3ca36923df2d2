#pragma once
// Compiled patterns that builtins match with: RE2 with the messages and rules of Go's regexp.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace writ::rego {

// A regular expression, or what is wrong with it. Immutable; may be used by many threads.
class Pattern {
 public:
  explicit Pattern(std::string_view source);
  ~Pattern();

  bool is_valid() const { return re_ != nullptr; }
  // "error parsing regexp: missing closing ]: `[`"
  const std::string& problem() const { return problem_; }

  // Below, requires: is_valid().
  bool matches(std::string_view text) const;

  // A match, or a group of one: bytes from `begin` to `end`. begin < 0: the group took no part.
  struct Span {
    std::ptrdiff_t begin = -1;
    std::ptrdiff_t end = -1;
    std::string_view in(std::string_view text) const {
      if (begin < 0) return {};
      return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    }
  };
  // The leftmost match at or after `from` with its groups; the match itself is the first.
  std::optional<std::vector<Span>> find(std::string_view text, std::size_t from) const;
  // The group with this name, or nothing.
  std::optional<std::size_t> group(std::string_view name) const;

 private:
  std::unique_ptr<re2::RE2> re_;
  std::string problem_;
};

// `text` as an expression that matches it alone.
std::string quoted_pattern(std::string_view text);

}  // namespace writ::rego
