#include "syntax/lex.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace writ::syntax {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Lexer {
 public:
  Lexer(std::string_view text, const Language& language) : text_(text), language_(language) {
    mark_stops();
  }

  std::vector<Span> run() {
    while (at_ < text_.size()) step();
    emit_code(text_.size());
    return std::move(spans_);
  }

 private:
  // Bytes at which code may end; everything else is skipped in a tight loop.
  void mark_stops() {
    const auto stop = [this](char c) { stops_[static_cast<unsigned char>(c)] = true; };
    if (language_.block_comment) stop('/');
    if (!language_.line_comment.empty()) stop(language_.line_comment[0]);
    if (!language_.line_comment2.empty()) stop(language_.line_comment2[0]);
    if (language_.double_quote != Quote::none) stop('"');
    if (language_.single_quote != Quote::none) stop('\'');
    if (language_.backtick) stop('`');
    if (language_.cpp) stop('<');
  }

  void step() {
    while (at_ < text_.size() && !stops_[static_cast<unsigned char>(text_[at_])]) ++at_;
    if (at_ == text_.size()) return;
    const char c = text_[at_];
    if (language_.block_comment && has("/*")) return take(block_comment_end(), Region::comment);
    if (starts_line_comment()) return take(line_comment_end(), Region::comment);
    if (c == '"') return double_quote();
    if (c == '\'') return single_quote();
    if (c == '`' && language_.backtick) return take(quoted_end('`', Lines::many), Region::string);
    if (c == '<' && language_.cpp && is_include()) return take(header_end(), Region::string);
    ++at_;
  }

  bool has(std::string_view what) const {
    return !what.empty() && text_.compare(at_, what.size(), what) == 0;
  }
  char before() const { return at_ == 0 ? '\n' : text_[at_ - 1]; }

  bool starts_line_comment() const {
    if (!has(language_.line_comment) && !has(language_.line_comment2)) return false;
    return !language_.word_start_comment || is_blank(before()) || before() == ';';
  }

  std::size_t line_comment_end() const {
    std::size_t end = text_.find('\n', at_);
    // In C and C++ a backslash at the end of the line continues the comment.
    while (language_.cpp && end != kNone && continues(end)) end = text_.find('\n', end + 1);
    return end == kNone ? text_.size() : end;
  }
  bool continues(std::size_t newline) const {
    std::size_t last = newline;
    if (last > at_ && text_[last - 1] == '\r') --last;
    return last > at_ && text_[last - 1] == '\\';
  }

  std::size_t block_comment_end() const {
    if (!language_.nested_blocks) {
      const std::size_t end = text_.find("*/", at_ + 2);
      return end == kNone ? text_.size() : end + 2;
    }
    std::size_t depth = 0;
    for (std::size_t i = at_; i + 1 < text_.size(); ++i) {
      const std::string_view two = text_.substr(i, 2);
      if (two != "/*" && two != "*/") continue;
      depth = two == "/*" ? depth + 1 : depth - 1;
      if (depth == 0) return i + 2;
      ++i;
    }
    return text_.size();
  }

  enum class Lines : std::uint8_t { one, many };

  // The end of a string whose opening quote stands at at_. One that does not close on its line
  // ends before the line break, unless a backslash continues it.
  std::size_t quoted_end(char quote, Lines lines) const {
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\\') {
        if (i + 2 < text_.size() && text_[i + 1] == '\r' && text_[i + 2] == '\n') ++i;
        ++i;
      } else if (c == quote) {
        return i + 1;
      } else if (c == '\n' && lines == Lines::one) {
        return i;
      }
    }
    return text_.size();
  }

  void double_quote() {
    if (language_.cpp && raw_prefix() != kNone) return cpp_raw_string(raw_prefix());
    if (language_.rust_raw && rust_raw_string()) return;
    quote_or_triple('"', language_.double_quote);
  }

  void single_quote() {
    if (language_.cpp && is_digit_separator()) return void(++at_);
    if (language_.single_quote == Quote::rust) return rust_quote();
    quote_or_triple('\'', language_.single_quote);
  }

  void quote_or_triple(char quote, Quote kind) {
    const std::string triple(3, quote);
    if (language_.triple_quotes && has(triple)) return take(triple_end(triple), Region::string);
    if (kind == Quote::apart && is_word(before())) return void(++at_);
    take(quoted_end(quote, Lines::one), Region::string);
  }

  std::size_t triple_end(std::string_view triple) const {
    for (std::size_t i = at_ + 3; i < text_.size(); ++i) {
      if (text_[i] == '\\')
        ++i;
      else if (text_.compare(i, 3, triple) == 0)
        return i + 3;
    }
    return text_.size();
  }

  // 1'000'000: the quote stands inside a number. A prefix such as u8'x' is no number.
  bool is_digit_separator() const {
    if (!is_word(before()) || at_ + 1 >= text_.size() || !is_word(text_[at_ + 1])) return false;
    std::size_t first = at_;
    // A number of this length is no number any more; the bound keeps the pass linear.
    while (first > code_from_ && at_ - first < 128 &&
           (is_word(text_[first - 1]) || text_[first - 1] == '\'' || text_[first - 1] == '.')) {
      --first;
    }
    if (text_[first] == '.') ++first;
    return is_digit(text_[first]);
  }

  // Where the prefix of a raw string begins, if the quote at at_ opens one.
  std::size_t raw_prefix() const {
    if (before() != 'R') return kNone;
    for (const std::string_view prefix : {"u8R", "LR", "uR", "UR", "R"}) {
      if (at_ - code_from_ < prefix.size()) continue;
      const std::size_t first = at_ - prefix.size();
      if (text_.compare(first, prefix.size(), prefix) == 0 &&
          (first == 0 || !is_word(text_[first - 1]))) {
        return first;
      }
    }
    return kNone;
  }

  void cpp_raw_string(std::size_t first) {
    // At most 16 delimiter characters ([lex.string]); otherwise it is broken source.
    const std::size_t length = text_.substr(at_, 18).find('(');
    if (length == kNone) return take(quoted_end('"', Lines::one), Region::string);
    const std::size_t open = at_ + length;
    const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    const std::size_t end = text_.find(close, open);
    emit_code(first);
    at_ = first;
    take(end == kNone ? text_.size() : end + close.size(), Region::string);
  }

  bool rust_raw_string() {
    std::size_t first = at_;
    while (first > code_from_ && text_[first - 1] == '#') --first;
    if (first == code_from_ || text_[first - 1] != 'r') return false;
    const std::string close = "\"" + std::string(at_ - first, '#');
    const std::size_t end = text_.find(close, at_ + 1);
    take(end == kNone ? text_.size() : end + close.size(), Region::string);
    return true;
  }

  void rust_quote() {
    const std::size_t close = text_.find('\'', at_ + 1);
    const bool is_escape = at_ + 1 < text_.size() && text_[at_ + 1] == '\\';
    // 'x' is a character of at most four bytes; anything else is a lifetime.
    if (is_escape || (close != kNone && close > at_ + 1 && close - at_ <= 5 &&
                      (close - at_ == 2 || static_cast<unsigned char>(text_[at_ + 1]) >= 0x80))) {
      return take(quoted_end('\'', Lines::one), Region::string);
    }
    ++at_;
  }

  // `#include <…>`: a // inside the name opens no comment.
  bool is_include() const {
    const std::size_t reach = std::min<std::size_t>(at_, 64);  // keeps the pass linear
    std::string_view head = text_.substr(at_ - reach, reach);
    const std::size_t line = head.rfind('\n');
    if (line == kNone && reach != at_) return false;
    if (line != kNone) head.remove_prefix(line + 1);
    const std::size_t hash = head.find_first_not_of(" \t");
    if (hash == kNone || head[hash] != '#') return false;
    const std::size_t word = head.find_first_not_of(" \t", hash + 1);
    return word != kNone && head.substr(word).starts_with("include");
  }
  std::size_t header_end() const {
    const std::size_t end = text_.find_first_of(">\n", at_);
    if (end == kNone) return text_.size();
    return text_[end] == '>' ? end + 1 : end;
  }

  void emit_code(std::size_t end) {
    if (end > code_from_) spans_.push_back({code_from_, end, Region::code});
    code_from_ = std::max(code_from_, end);
  }

  void take(std::size_t end, Region region) {
    emit_code(at_);
    end = std::min(end, text_.size());
    spans_.push_back({at_, end, region});
    at_ = code_from_ = end;
  }

  std::string_view text_;
  const Language& language_;
  std::array<bool, 256> stops_{};
  std::size_t at_ = 0;
  std::size_t code_from_ = 0;  // where the code began that no span holds yet
  std::vector<Span> spans_;
};

}  // namespace

std::vector<Span> lex(std::string_view text, const Language& language) {
  return Lexer(text, language).run();
}

}  // namespace writ::syntax
