#pragma once
// Regular expressions of ECMA-262 (Unicode mode), matched in linear time by RE2.
//
// Immutable after compile; any thread may match.
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::contract {

class Pattern {
 public:
  // Errors: invalid_input (no ECMA-262 pattern), unsupported (look-around, back-references, or
  // larger than RE2 takes).
  static Result<Pattern> compile(std::string_view ecma);

  // Whether it matches somewhere in `text`.
  bool matches(std::string_view text) const;
  const std::string& source() const { return source_; }

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

 private:
  struct Engine;
  Pattern(std::string source, std::unique_ptr<Engine> engine);

  std::string source_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace writ::contract
