#include "policy/builtins/pem.h"

#include "policy/builtins/base64_text.h"

namespace writ::rego {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

// The next line without its end and trailing blanks.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (!line.empty() && std::string_view(" \t\r").contains(line.back())) line.remove_suffix(1);
  return line;
}

// Reads the block behind its first line.
std::optional<PemBlock> read_block(std::string_view type, std::string_view& text) {
  const std::string end = std::string(kEnd) + std::string(type) + std::string(kDashes);
  std::string body;
  bool in_headers = true;
  while (!text.empty()) {
    std::string_view before = text;
    const std::string_view line = take_line(text);
    if (line == end) {
      auto bytes = decode_base64(body);
      if (!bytes) return std::nullopt;
      return PemBlock{std::string(type), *std::move(bytes)};
    }
    if (line.starts_with(kDashes)) {
      text = before;
      return std::nullopt;
    }
    if (in_headers && line.contains(':')) continue;
    in_headers = false;
    for (const char c : line) {
      if (c != ' ' && c != '\t') body += c;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<PemBlock> take_pem_block(std::string_view& text) {
  std::string_view left = text;
  while (!left.empty()) {
    const std::string_view line = take_line(left);
    if (!line.starts_with(kBegin) || !line.ends_with(kDashes)) continue;
    const std::size_t size = line.size() - kDashes.size();
    if (size < kBegin.size()) continue;
    auto block = read_block(line.substr(kBegin.size(), size - kBegin.size()), left);
    if (!block) continue;
    text = left;
    return block;
  }
  return std::nullopt;
}

}  // namespace writ::rego
