#pragma once
// Regular expressions of ECMA-262 (Unicode mode), matched in linear time: simple ones by a table
// of their own, all others by RE2.
//
// Immutable after compile; any thread may match.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/schema/class_sequence.h"

namespace writ::contract {

class Pattern {
 public:
  // Errors: invalid_input (no ECMA-262 pattern), unsupported (look-around, back-references, or
  // larger than RE2 takes).
  static Result<Pattern> compile(std::string_view ecma);

  // Whether it matches somewhere in `text`.
  bool matches(std::string_view text) const {
    return sequence_ ? sequence_->matches(text) : engine_matches(text);
  }
  const std::string& source() const { return source_; }

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

 private:
  struct Engine;
  explicit Pattern(std::string source);
  bool engine_matches(std::string_view text) const;

  std::string source_;
  std::optional<ClassSequence> sequence_;
  std::unique_ptr<Engine> engine_;  // where there is no sequence_
};

}  // namespace writ::contract
