#pragma once
// Finds the lines of a text that hold any of many keywords, in one pass.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace writ::scan {

struct Keyword {
  // Case-insensitive, cheap to look for, matches at least one byte.
  std::string_view pattern;
  std::uint32_t owners = 1;  // bits: who asks for it
};

// Immutable once made; thread-safe.
class Keywords {
 public:
  explicit Keywords(std::span<const Keyword> keywords);
  Keywords(Keywords&&) noexcept;
  ~Keywords();

  // Calls `found` with a place in each line that holds a keyword and the owners of all that it
  // holds, from the first line to the last, until it answers false. A keyword that goes over
  // several lines counts in its last one.
  void each_line(std::string_view text,
                 const std::function<bool(std::size_t, std::uint32_t)>& found) const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace writ::scan
