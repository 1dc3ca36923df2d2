#include "contract/schema/ecma_regex.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "contract/schema/unicode_property.h"

namespace writ::contract {
namespace {

constexpr char32_t kEnd = 0xffffffff;
constexpr int kRe2Repeat = 1000;      // RE2 refuses larger counts
constexpr int kRepeatLimit = 10'000;  // larger ones are written out as a product up to here
constexpr int kUnbounded = -1;
constexpr std::size_t kOutputLimit = 256 * 1024;  // nested counts multiply

constexpr std::string_view kSpaces =
    R"(\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kNonSpaces =
    R"(\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";

enum class Extent : std::uint8_t { linear, everything };

// What a class escape (\d, \p{L}) stands for: the inside of an RE2 bracket expression.
using ClassText = std::string;

class Translator {
 public:
  Translator(std::string_view pattern, Extent extent) : text_(pattern), extent_(extent) {}

  Result<std::string> run() {
    while (!at_end()) WRIT_CHECK(term());
    if (!groups_.empty()) return malformed("a group is not closed");
    return std::move(out_);
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  bool looking_at(std::string_view s) const { return text_.substr(at_).starts_with(s); }
  bool accept(std::string_view s) {
    if (!looking_at(s)) return false;
    at_ += s.size();
    return true;
  }

  std::unexpected<Error> malformed(std::string what) const {
    return fail(Code::invalid_input,
                fmt::format("`{}` is no ECMA-262 pattern: {} at offset {}", text_, what, at_));
  }
  Result<void> needs_backtracking(std::string_view what) const {
    if (extent_ == Extent::everything) return {};
    return fail(
        Code::unsupported,
        fmt::format("the pattern `{}` uses {}, which needs more than linear time", text_, what),
        "Say it with several patterns under `allOf`, `anyOf` or `not`");
  }

  // The next code point; the pattern is UTF-8.
  char32_t next() {
    if (at_end()) return kEnd;
    const auto lead = static_cast<unsigned char>(text_[at_++]);
    if (lead < 0x80) return lead;
    const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    char32_t c = lead & (0x3f >> more);
    for (int i = 0; i < more && !at_end(); ++i) {
      c = c << 6 | (static_cast<unsigned char>(text_[at_++]) & 0x3f);
    }
    return c;
  }

  void emit_atom(std::string_view re2) {
    atom_ = out_.size();
    out_ += re2;
  }
  void emit_assertion(std::string_view re2) {
    out_ += re2;
    atom_.reset();
  }
  void emit_class(std::string_view inside, bool negated) {
    emit_atom(fmt::format("[{}{}]", negated ? "^" : "", inside));
  }
  static std::string literal(char32_t c) {
    const bool is_plain =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (is_plain) return std::string(1, static_cast<char>(c));
    return fmt::format("\\x{{{:x}}}", static_cast<std::uint32_t>(c));
  }

  Result<void> term() {
    switch (text_[at_]) {
      case '|':
        ++at_;
        emit_assertion("|");
        return {};
      case '^':
        ++at_;
        emit_assertion("^");
        return {};
      case '$':
        ++at_;
        emit_assertion("\\z");
        return {};
      case '.':
        ++at_;
        emit_class("\\n\\r\\x{2028}\\x{2029}", true);
        return {};
      case '(':
        return open_group();
      case ')':
        return close_group();
      case '[':
        ++at_;
        return bracket();
      case '\\':
        ++at_;
        return escape();
      case '*':
        ++at_;
        return repeat(0, kUnbounded);
      case '+':
        ++at_;
        return repeat(1, kUnbounded);
      case '?':
        ++at_;
        return repeat(0, 1);
      case '{':
        return counted();
      default:
        emit_atom(literal(next()));
        return {};
    }
  }

  Result<void> open_group() {
    ++at_;
    if (accept("?")) {
      if (accept("=") || accept("!") || accept("<=") || accept("<!")) {
        WRIT_CHECK(needs_backtracking("look-around"));
      } else if (accept("<")) {
        WRIT_CHECK(group_name());
      } else if (!accept(":")) {
        return malformed("unknown kind of group");
      }
    }
    groups_.push_back(out_.size());
    out_ += "(?:";
    atom_.reset();
    return {};
  }

  Result<void> group_name() {
    const auto end = text_.find('>', at_);
    if (end == std::string_view::npos || end == at_) return malformed("a group has no name");
    for (const char c : text_.substr(at_, end - at_)) {
      const bool is_name = c == '_' || c == '$' || (c & 0x80) != 0 || (c >= '0' && c <= '9') ||
                           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!is_name) return malformed("a group's name has a character that names do not have");
    }
    at_ = end + 1;
    return {};
  }

  Result<void> close_group() {
    if (groups_.empty()) return malformed("there is no group to close");
    ++at_;
    out_ += ')';
    atom_ = groups_.back();
    groups_.pop_back();
    return {};
  }

  std::optional<int> digits() {
    if (at_end() || text_[at_] < '0' || text_[at_] > '9') return std::nullopt;
    int n = 0;
    for (; !at_end() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      n = std::min(n * 10 + (text_[at_] - '0'), kRepeatLimit + 1);
    }
    return n;
  }

  Result<void> counted() {
    const std::size_t start = at_++;
    const auto low = digits();
    std::optional<int> high = low;
    if (accept(",")) {
      high = digits();
      if (!high) high = kUnbounded;
    }
    if (!low || !accept("}")) {  // a brace that counts nothing stands for itself
      at_ = start + 1;
      emit_atom("\\x{7b}");
      return {};
    }
    if (*high != kUnbounded && *high < *low) return malformed("a count ends before it begins");
    return repeat(*low, *high);
  }

  Result<void> repeat(int low, int high) {
    if (!atom_) return malformed("there is nothing to repeat");
    accept("?");  // laziness does not change whether it matches
    const auto copies = static_cast<std::size_t>(std::max(low, high) / kRe2Repeat + 1);
    if (low > kRepeatLimit || high > kRepeatLimit ||
        out_.size() + copies * (out_.size() - *atom_) > kOutputLimit) {
      if (extent_ == Extent::everything) return {};
      return fail(Code::unsupported, fmt::format("the pattern `{}` repeats too much", text_),
                  "Use `maxLength` for the length of a string");
    }
    const std::string atom = out_.substr(*atom_);
    out_.resize(*atom_);
    out_ += "(?:";
    int optional = high - low;
    for (; low > kRe2Repeat; low -= kRe2Repeat) append_count(atom, kRe2Repeat, kRe2Repeat);
    if (high == kUnbounded) {
      append_count(atom, low, kUnbounded);
    } else {
      const int together = std::min(optional, kRe2Repeat - low);
      append_count(atom, low, low + together);
      for (optional -= together; optional > 0; optional -= kRe2Repeat) {
        append_count(atom, 0, std::min(optional, kRe2Repeat));
      }
    }
    out_ += ')';
    atom_.reset();  // a quantifier takes no quantifier
    return {};
  }

  void append_count(const std::string& atom, int low, int high) {
    out_ += atom;
    if (low == 0 && high == kUnbounded) {
      out_ += '*';
    } else if (low == 1 && high == kUnbounded) {
      out_ += '+';
    } else if (low == 0 && high == 1) {
      out_ += '?';
    } else if (high == kUnbounded) {
      out_ += fmt::format("{{{},}}", low);
    } else {
      out_ += fmt::format("{{{},{}}}", low, high);
    }
  }

  Result<void> escape() {
    if (at_end()) return malformed("a backslash ends it");
    const char c = text_[at_];
    if (c == 'b' || c == 'B') {
      ++at_;
      emit_assertion(c == 'b' ? "\\b" : "\\B");
      return {};
    }
    if (c >= '1' && c <= '9') {
      WRIT_CHECK(needs_backtracking("a back-reference"));
      digits();
      emit_atom("(?:)");
      return {};
    }
    if (accept("k<")) {
      WRIT_CHECK(needs_backtracking("a back-reference"));
      WRIT_CHECK(group_name());
      emit_atom("(?:)");
      return {};
    }
    WRIT_TRY(const auto set, class_escape());
    if (set) {
      emit_class(*set, false);
      return {};
    }
    WRIT_TRY(const char32_t value, character_escape());
    emit_atom(literal(value));
    return {};
  }

  // \d \D \w \W \s \S \p{…} \P{…}; nothing when the escape is a character's.
  Result<std::optional<ClassText>> class_escape() {
    const char c = text_[at_];
    const auto take = [this](std::string_view inside) {
      ++at_;
      return std::optional<ClassText>(inside);
    };
    switch (c) {
      case 'd':
        return take("0-9");
      case 'D':
        return take("\\D");
      case 'w':
        return take("0-9A-Za-z_");
      case 'W':
        return take("\\W");
      case 's':
        return take(kSpaces);
      case 'S':
        return take(kNonSpaces);
      case 'p':
      case 'P':
        break;
      default:
        return std::optional<ClassText>();
    }
    const auto end = text_.find('}', at_);
    if (!text_.substr(at_ + 1).starts_with('{') || end == std::string_view::npos) {
      return malformed("\\p needs a property in braces");
    }
    const auto inside = unicode_property_class(text_.substr(at_ + 2, end - at_ - 2), c == 'P');
    if (!inside && extent_ == Extent::linear) {
      return fail(Code::unsupported,
                  fmt::format("the pattern `{}` uses the Unicode property {}", text_,
                              text_.substr(at_ - 1, end - at_ + 2)),
                  "Use a general category or a script, such as \\p{L} or \\p{Script=Greek}");
    }
    at_ = end + 1;
    return std::optional<ClassText>(inside.value_or("a"));
  }

  Result<char32_t> character_escape() {
    const char32_t c = next();
    switch (c) {
      case 't':
        return U'\t';
      case 'n':
        return U'\n';
      case 'v':
        return U'\v';
      case 'f':
        return U'\f';
      case 'r':
        return U'\r';
      case 'c':
        return control_letter();
      case 'x':
        return hex(2);
      case 'u':
        return unicode_escape();
      case '0':
        if (!at_end() && text_[at_] >= '0' && text_[at_] <= '9') {
          return malformed("octal escapes do not exist");
        }
        return U'\0';
      default:
        break;
    }
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    if (c == kEnd || is_letter || is_digit) return malformed("an unknown escape");
    return c;
  }

  Result<char32_t> control_letter() {
    const char32_t c = next();
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) return malformed("\\c needs a letter");
    return c % 32;
  }

  Result<char32_t> hex(int count) {
    char32_t value = 0;
    for (int i = 0; i < count; ++i) {
      const char32_t c = next();
      const int digit = c >= '0' && c <= '9'   ? static_cast<int>(c - '0')
                        : c >= 'a' && c <= 'f' ? static_cast<int>(c - 'a' + 10)
                        : c >= 'A' && c <= 'F' ? static_cast<int>(c - 'A' + 10)
                                               : -1;
      if (digit < 0) return malformed("a hexadecimal digit is missing");
      value = value * 16 + static_cast<char32_t>(digit);
    }
    return value;
  }

  Result<char32_t> unicode_escape() {
    if (accept("{")) {
      const auto end = text_.find('}', at_);
      if (end == std::string_view::npos || end == at_ || end - at_ > 6) {
        return malformed("\\u{…} takes one to six digits");
      }
      WRIT_TRY(const char32_t value, hex(static_cast<int>(end - at_)));
      ++at_;
      if (value > 0x10ffff) return malformed("no such code point");
      return value;
    }
    WRIT_TRY(const char32_t high, hex(4));
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high < 0xdc00 && accept("\\u")) {
      WRIT_TRY(const char32_t low, hex(4));
      if (low >= 0xdc00 && low <= 0xdfff) return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
    return malformed("half of a surrogate pair matches no text");
  }

  // One member of a bracket expression: a set, or a character.
  struct ClassAtom {
    std::optional<ClassText> set;
    char32_t character = 0;
  };

  Result<ClassAtom> class_atom() {
    if (!accept("\\")) return ClassAtom{{}, next()};
    if (at_end()) return malformed("a backslash ends it");
    if (accept("b")) return ClassAtom{{}, U'\b'};
    if (accept("-")) return ClassAtom{{}, U'-'};
    WRIT_TRY(auto set, class_escape());
    if (set) return ClassAtom{std::move(set), 0};
    WRIT_TRY(const char32_t c, character_escape());
    return ClassAtom{{}, c};
  }

  Result<void> bracket() {
    const bool negated = accept("^");
    ClassText inside;
    while (!accept("]")) {
      if (at_end()) return malformed("a bracket is not closed");
      WRIT_TRY(const ClassAtom first, class_atom());
      const bool is_range = looking_at("-") && !looking_at("-]") && at_ + 1 < text_.size();
      if (first.set || !is_range) {
        inside += first.set ? *first.set : literal(first.character);
        continue;
      }
      ++at_;
      WRIT_TRY(const ClassAtom last, class_atom());
      if (last.set) {  // [a-\d]: three members, as browsers read it
        inside += literal(first.character) + "\\x{2d}" + *last.set;
        continue;
      }
      if (last.character < first.character) return malformed("a range runs backwards");
      inside += literal(first.character) + "-" + literal(last.character);
    }
    if (inside.empty()) {  // [] matches nothing, [^] everything
      emit_class("\\x{0}-\\x{10ffff}", !negated);
    } else {
      emit_class(inside, negated);
    }
    return {};
  }

  std::string_view text_;
  Extent extent_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<std::size_t> groups_;  // where each open group begins in out_
  std::optional<std::size_t> atom_;  // where what a quantifier would repeat begins
};

}  // namespace

Result<std::string> translate_ecma_regex(std::string_view pattern) {
  return Translator(pattern, Extent::linear).run();
}

bool is_ecma_regex(std::string_view pattern) {
  return Translator(pattern, Extent::everything).run().has_value();
}

}  // namespace writ::contract
