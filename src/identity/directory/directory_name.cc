#include "identity/directory/directory_name.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace writ::identity {
namespace {

constexpr std::string_view kEscaped = R"("+,;<>\)";
constexpr std::string_view kHex = "0123456789abcdef";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<unsigned> hex_value(char c) {
  const std::size_t at = kHex.find(lower(c));
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

// Escapes what would be read as something else, and what cannot be seen.
void append_escaped(std::string& out, std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '=') {
      out += '\\';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
      continue;
    }
    const bool is_edge = (i == 0 && (c == '#' || c == ' ')) || (i + 1 == value.size() && c == ' ');
    if (is_edge || kEscaped.contains(c)) out += '\\';
    out += c;
  }
}

class NameReader {
 public:
  explicit NameReader(std::string_view text) : text_(text) {}

  // False: the text is no name.
  bool read(std::string& out) {
    skip_spaces();
    while (at_ < text_.size()) {
      if (!read_part(out)) return false;
      if (at_ == text_.size()) return true;
      ++at_;  // a comma, or what RFC 2253 had in its place
      skip_spaces();
      if (at_ == text_.size()) return false;
      out += ',';
    }
    return true;
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool is_at(std::string_view any) const { return at_ < text_.size() && any.contains(text_[at_]); }

  // "cn=a+ou=b": the order of these means nothing.
  bool read_part(std::string& out) {
    std::vector<std::string> pairs;
    for (;;) {
      std::string pair;
      if (!read_type(pair) || !read_value(pair)) return false;
      pairs.push_back(std::move(pair));
      if (!is_at("+")) break;
      ++at_;
      skip_spaces();
    }
    std::ranges::sort(pairs);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (i > 0) out += '+';
      out += pairs[i];
    }
    return true;
  }

  bool read_type(std::string& pair) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (!is_letter(c) && !is_digit(c) && c != '-' && c != '.') break;
      pair += lower(c);
      ++at_;
    }
    skip_spaces();
    if (pair.empty() || !is_at("=")) return false;
    pair += '=';
    ++at_;
    skip_spaces();
    return true;
  }

  bool read_value(std::string& pair) {
    if (is_at("#")) return read_encoded(pair);
    std::string value;
    std::size_t kept = 0;  // escaped spaces at the end belong to it
    while (at_ < text_.size() && !is_at(",;+")) {
      const char c = text_[at_];
      if (c == '"' || c == '<' || c == '>' || c == '\0') return false;
      ++at_;
      if (c != '\\') {
        append(value, c);
        if (c != ' ') kept = value.size();
        continue;
      }
      if (!read_escaped(value)) return false;
      kept = value.size();
    }
    value.resize(std::min(kept, value.size()));
    if (value.empty()) return false;
    append_escaped(pair, value);
    return true;
  }

  static void append(std::string& value, char c) {
    if (c == ' ' && value.ends_with(' ')) return;
    value += lower(c);
  }

  // Behind the backslash.
  bool read_escaped(std::string& value) {
    if (at_ == text_.size()) return false;
    const char first = text_[at_++];
    if (kEscaped.contains(first) || first == ' ' || first == '#' || first == '=') {
      append(value, first);
      return true;
    }
    if (at_ == text_.size()) return false;
    const auto high = hex_value(first);
    const auto low = hex_value(text_[at_++]);
    if (!high || !low) return false;
    append(value, static_cast<char>((*high << 4) | *low));
    return true;
  }

  // "#04024869": bytes as BER has them.
  bool read_encoded(std::string& pair) {
    pair += '#';
    ++at_;
    std::size_t digits = 0;
    for (; at_ < text_.size() && hex_value(text_[at_]); ++at_, ++digits) pair += lower(text_[at_]);
    skip_spaces();
    const bool is_end = at_ == text_.size() || is_at(",;+");
    return digits > 0 && digits % 2 == 0 && is_end;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::string> normalise_directory_name(std::string_view text) {
  std::string out;
  if (text.size() <= kMaxDirectoryName && NameReader(text).read(out) && !out.empty()) return out;
  std::string shown(text.substr(0, 80));
  std::ranges::replace_if(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return fail(Code::invalid_input, "`" + shown + "` is not the name of an entry",
              "Write it as the directory does: cn=operators,ou=groups,dc=example,dc=org");
}

}  // namespace writ::identity
