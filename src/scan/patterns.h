#pragma once
// The text patterns behind the rules. One combined pass over a file finds the lines that hold any
// keyword; only there, and only then, are the patterns themselves tried.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scan/scan.h"

namespace writ::scan {

// The regions a pattern is looked for in, as bits. In languages without a lexer everything is
// text, and every pattern with kText applies.
enum RegionBits : std::uint8_t { kCode = 1, kComment = 2, kString = 4, kText = 8 };

enum class Where : std::uint8_t { everywhere, outside_tests };

struct Pattern {
  std::string_view rule;
  std::uint8_t regions;
  Where where;
  std::string_view
      keywords;  // patterns between |: one occurs in whatever `regex` matches; cheap to look for
  std::string_view regex;  // RE2, case-insensitive; group 1, where there is one, is the match
};

std::span<const Pattern> pattern_table();

// The patterns of the chosen rules, compiled. Immutable; thread-safe.
class Matcher {
 public:
  explicit Matcher(std::span<const std::string_view> rules);
  Matcher(Matcher&&) noexcept;
  ~Matcher();

  // The patterns of which a line holds a keyword.
  using Candidates = std::uint32_t;
  // Calls `found` with a place in each line that may hold a match, and of which patterns, in the
  // order of lines, until it answers false.
  void each_line(std::string_view text,
                 const std::function<bool(std::size_t, Candidates)>& found) const;

  struct Match {
    std::string_view rule;
    std::size_t begin = 0;
    std::size_t length = 0;
  };
  // The leftmost match of each candidate in `segment`, which lies in one region of one line. A
  // rule's id is no match of any rule.
  void match(std::string_view segment, Candidates candidates, std::uint8_t region, bool in_tests,
             const std::function<void(const Match&)>& found) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace writ::scan
