#pragma once
// The patterns most schemas use: ASCII characters and classes one after another, with counts and
// anchors (^sha256:[0-9a-f]{64}$). They become a table with one step a byte; RE2, which everything
// else goes to, costs ten times as much on strings as short as these.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace writ::contract {

class ClassSequence {
 public:
  // Nothing for a pattern with groups, alternatives or anything beyond ASCII, or a large one.
  // Requires: `ecma` is an ECMA-262 pattern.
  static std::optional<ClassSequence> compile(std::string_view ecma);

  bool matches(std::string_view text) const {
    std::size_t state = 0;
    for (const char c : text) {
      state = next_[state * width_ + class_of_[static_cast<unsigned char>(c)]];
    }
    return accepts_[state] != 0;
  }

 private:
  std::array<std::uint8_t, 256> class_of_ = {};  // bytes that no piece tells apart share a class
  std::size_t width_ = 0;                        // number of classes
  std::vector<std::uint8_t> next_;               // [state][class] -> state
  std::vector<std::uint8_t> accepts_;            // by state
};

}  // namespace writ::contract
