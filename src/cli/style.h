#pragma once
// Colours and signs of the terminal, in one place; plain text where there is no terminal.
#include <string>
#include <string_view>

namespace writ::cli {

enum class Tone : unsigned char { plain, good, bad, warn, dim, strong };

class Style {
 public:
  explicit Style(bool has_color) : has_color_(has_color) {}
  // `text` in that tone.
  std::string operator()(Tone tone, std::string_view text) const;

 private:
  bool has_color_;
};

// Columns that `text` takes: one a code point.
std::size_t columns_of(std::string_view text);
// Cut to `columns` columns with an ellipsis.
std::string fit(std::string_view text, std::size_t columns);
// Padded with spaces to `columns`, or cut.
std::string pad(std::string_view text, std::size_t columns);
// "1 event", "2 events".
std::string counted(std::size_t count, std::string_view one, std::string_view many);
// "0.1 s", "12 s", "3 m 20 s".
std::string elapsed_text(long long milliseconds);
// Control characters taken out: what outside programs and documents say goes to the terminal only
// through here.
std::string printable(std::string_view text);

}  // namespace writ::cli
