#include "cli/style.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace writ::cli {
namespace {

constexpr std::string_view kCodes[] = {"",         "\x1b[32m", "\x1b[31m",
                                       "\x1b[33m", "\x1b[2m",  "\x1b[1m"};
constexpr std::string_view kReset = "\x1b[0m";

// Past the colours and cursor movements (ECMA-48 control sequences) that begin at `at`.
std::size_t after_sequences(std::string_view text, std::size_t at) {
  while (text.substr(at).starts_with("\x1b[")) {
    at += 2;
    while (at < text.size() && text[at] >= 0x20 && text[at] < 0x40) ++at;
    if (at < text.size()) ++at;
  }
  return at;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += is_continuation(c) ? 0 : 1;
  return count;
}

std::string Style::operator()(Tone tone, std::string_view text) const {
  if (!has_color_ || tone == Tone::plain) return std::string(text);
  std::string out(kCodes[static_cast<std::size_t>(tone)]);
  out += text;
  out += kReset;
  return out;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  std::size_t bytes = 0;
  for (std::size_t count = 0; bytes < text.size(); ++bytes) {
    if (!is_continuation(text[bytes]) && ++count == columns) break;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

std::string pad(std::string_view text, std::size_t columns) {
  std::string out = fit(text, columns);
  const std::size_t used = columns_of(out);
  if (used < columns) out.append(columns - used, ' ');
  return out;
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string elapsed_text(long long milliseconds) {
  if (milliseconds < 10'000)
    return fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1e3);
  const long long seconds = milliseconds / 1000;
  if (seconds < 60) return fmt::format("{} s", seconds);
  return fmt::format("{} m {} s", seconds / 60, seconds % 60);
}

std::string printable(std::string_view text) {
  if (!is_utf8(text)) return "(no text)";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    i = after_sequences(text, i);
    if (i == text.size()) break;
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\t') {
      out += "  ";
    } else if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    }
  }
  return out;
}

}  // namespace writ::cli
