#include "policy/builtins/go_format.h"

#include <cmath>
#include <optional>

#include "policy/builtins/go_float.h"
#include "policy/builtins/radix.h"
#include "policy/builtins/runes.h"

namespace writ::rego {
namespace {

using Type = GoValue::Type;

// Between '%' and the verb.
struct Flags {
  bool sharp = false;
  bool zero = false;
  bool plus = false;
  bool minus = false;
  bool space = false;
  std::optional<int> width;
  std::optional<int> precision;
};

constexpr int kTooLarge = 1'000'000;  // for a width or a precision

class Formatter {
 public:
  Formatter(BoundedText& out, std::string_view format, std::span<const GoValue> args)
      : out_(out), format_(format), args_(args) {}

  bool run() {
    while (at_ < format_.size()) {
      const auto percent = std::min(format_.find('%', at_), format_.size());
      if (!out_.append(format_.substr(at_, percent - at_))) return false;
      at_ = percent + 1;
      if (percent < format_.size() && !directive()) return false;
    }
    return reordered_ || next_ >= args_.size() || extra();
  }

 private:
  bool directive() {
    flags_ = {};
    go_syntax_ = false;
    index_is_good_ = true;
    read_flags();
    bool after_index = read_index();
    if (!read_width(after_index)) return false;
    if (!read_precision(after_index)) return false;
    if (!after_index) read_index();
    if (at_ >= format_.size()) return out_.append("%!(NOVERB)");
    const Rune rune = first_rune(format_.substr(at_));
    verb_ = rune.code;
    at_ += rune.length;
    if (verb_ == 'v') {  // the flags mean Go syntax and names of fields then
      go_syntax_ = flags_.sharp;
      flags_.sharp = flags_.plus = false;
    }
    if (verb_ == '%') return out_.append("%");
    if (!index_is_good_) return fault("(BADINDEX)");
    if (next_ >= args_.size()) return fault("(MISSING)");
    return print(args_[next_++]);
  }

  bool fault(std::string_view what) {
    std::string text = "%!";
    append_rune(text, verb_);
    return out_.append(text.append(what));
  }

  bool extra() {
    flags_ = {};
    verb_ = 'v';
    if (!out_.append("%!(EXTRA ")) return false;
    for (std::size_t i = next_; i < args_.size(); ++i) {
      if (i > next_ && !out_.append(", ")) return false;
      if (!out_.append(args_[i].type_name) || !out_.append("=") || !print(args_[i])) return false;
    }
    return out_.append(")");
  }

  char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }

  void read_flags() {
    for (;; ++at_) {
      switch (peek()) {
        case '#':
          flags_.sharp = true;
          break;
        case '0':
          flags_.zero = true;
          break;
        case '+':
          flags_.plus = true;
          break;
        case '-':
          flags_.minus = true;
          break;
        case ' ':
          flags_.space = true;
          break;
        default:
          return;
      }
    }
  }

  // A number in decimal digits. One that is too large spoils the rest of the format.
  std::optional<int> read_number(std::size_t& at, std::size_t end) const {
    std::optional<int> out;
    for (; at < end && format_[at] >= '0' && format_[at] <= '9'; ++at) {
      if (out.value_or(0) > kTooLarge) {
        at = end;
        return std::nullopt;
      }
      out = out.value_or(0) * 10 + (format_[at] - '0');
    }
    return out;
  }

  // "[3]": the argument that comes next. True if there is one.
  bool read_index() {
    if (peek() != '[') return false;
    reordered_ = true;
    const auto close = format_.find(']', at_);
    if (close == std::string_view::npos) {
      index_is_good_ = false;
      ++at_;
      return false;
    }
    std::size_t at = at_ + 1;
    const auto number = read_number(at, close);
    const bool is_number = number.has_value() && at == close;
    at_ = close + 1;
    if (is_number && *number >= 1 && static_cast<std::size_t>(*number) <= args_.size()) {
      next_ = static_cast<std::size_t>(*number) - 1;
      return true;
    }
    index_is_good_ = false;
    return is_number;
  }

  // "*": the next argument, which is a whole number.
  std::optional<int> take_integer() {
    ++at_;
    if (next_ >= args_.size()) return std::nullopt;
    const GoValue& value = args_[next_++];
    if (value.type != Type::integer || value.integer > kTooLarge || value.integer < -kTooLarge) {
      return std::nullopt;
    }
    return static_cast<int>(value.integer);
  }

  bool read_width(bool& after_index) {
    if (peek() != '*') {
      flags_.width = read_number(at_, format_.size());
      if (after_index && flags_.width) index_is_good_ = false;  // "%[3]2d"
      return true;
    }
    flags_.width = take_integer();
    after_index = false;
    if (!flags_.width) return out_.append("%!(BADWIDTH)");
    if (*flags_.width < 0) {
      flags_.width = -*flags_.width;
      flags_.minus = true;
      flags_.zero = false;
    }
    return true;
  }

  bool read_precision(bool& after_index) {
    if (peek() != '.') return true;
    ++at_;
    if (after_index) index_is_good_ = false;  // "%[3].2d"
    after_index = read_index();
    if (peek() != '*') {
      flags_.precision = read_number(at_, format_.size()).value_or(0);
      return true;
    }
    flags_.precision = take_integer();
    after_index = false;
    const bool is_bad = !flags_.precision;
    if (!is_bad && *flags_.precision < 0) flags_.precision.reset();
    return !is_bad || out_.append("%!(BADPREC)");
  }

  bool print(const GoValue& value) {
    if (verb_ == 'T') return pad_text(std::string(value.type_name));
    switch (value.type) {
      case Type::boolean:
        return verb_ == 't' || verb_ == 'v' ? pad_text(value.text) : bad_verb(value);
      case Type::integer:
        return print_integer(value);
      case Type::big_integer:
        return print_big(value);
      case Type::real:
        return print_real(value);
      case Type::string:
        return print_string(value);
    }
    return true;
  }

  // "%!d(string=x)"
  bool bad_verb(const GoValue& value) {
    if (!fault("(") || !out_.append(value.type_name) || !out_.append("=")) return false;
    verb_ = 'v';
    return print(value) && out_.append(")");
  }

  bool fill(std::size_t count, bool with_zeros) {
    return out_.append(count, with_zeros ? '0' : ' ');
  }

  bool pad(std::string_view text, bool with_zeros) {
    const std::size_t runes = code_points(text);
    const auto width = static_cast<std::size_t>(flags_.width.value_or(0));
    const std::size_t missing = width > runes ? width - runes : 0;
    if (flags_.minus) return out_.append(text) && fill(missing, false);
    return fill(missing, with_zeros) && out_.append(text);
  }
  bool pad_text(std::string_view text) { return pad(text, flags_.zero); }

  std::string sign(bool negative) const {
    return negative ? "-" : flags_.plus ? "+" : flags_.space ? " " : "";
  }

  bool print_integer(const GoValue& value) {
    const bool negative = value.integer < 0;
    switch (verb_) {
      case 'v':
      case 'd':
        return print_digits(BigInteger(value.integer), 10);
      case 'b':
        return print_digits(BigInteger(value.integer), 2);
      case 'o':
      case 'O':
        return print_digits(BigInteger(value.integer), 8);
      case 'x':
      case 'X':
        return print_digits(BigInteger(value.integer), 16);
      case 'c':
      case 'q':
        return print_rune(
            negative || value.integer > 0x10ffff ? kBadRune : static_cast<char32_t>(value.integer));
      case 'U':
        return print_unicode(static_cast<std::uint64_t>(value.integer));
      default:
        return bad_verb(value);
    }
  }

  bool print_digits(const BigInteger& value, unsigned base) {
    std::string digits = magnitude_digits(value, base);
    if (flags_.precision == 0 && value == 0) return pad("", false);
    std::size_t least = static_cast<std::size_t>(flags_.precision.value_or(0));
    const std::string front = sign(value < 0);
    if (!flags_.precision && flags_.zero && !flags_.minus && flags_.width) {
      const auto width = static_cast<std::size_t>(*flags_.width);
      least = width > front.size() ? width - front.size() : 0;
    }
    if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
    if (flags_.sharp && base == 2) digits.insert(0, "0b");
    if (flags_.sharp && base == 8 && digits[0] != '0') digits.insert(0, "0");
    if (flags_.sharp && base == 16) digits.insert(0, "0x");
    if (verb_ == 'O') digits.insert(0, "0o");
    if (verb_ == 'X') make_upper(digits);
    return pad(front + digits, false);
  }

  static void make_upper(std::string& text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }

  bool print_rune(char32_t code) {
    std::string text;
    append_rune(text, code);
    return pad_text(verb_ == 'q' ? go_quote(text, '\'', flags_.plus) : text);
  }

  bool print_unicode(std::uint64_t code) {
    std::string digits = magnitude_digits(BigInteger(code), 16);
    make_upper(digits);
    const auto least = static_cast<std::size_t>(std::max(flags_.precision.value_or(4), 4));
    if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
    std::string text = "U+" + digits;
    if (flags_.sharp && code <= 0x10ffff && is_printable(static_cast<char32_t>(code))) {
      text += " '";
      append_rune(text, static_cast<char32_t>(code));
      text += '\'';
    }
    return pad(text, false);
  }

  // As big.Int formats itself.
  bool print_big(const GoValue& value) {
    const BigInteger number(value.text);
    switch (verb_) {
      case 'b':
        return print_digits(number, 2);
      case 'o':
      case 'O':
        return print_digits(number, 8);
      case 'd':
      case 's':
      case 'v':
        return print_digits(number, 10);
      case 'x':
      case 'X':
        return print_digits(number, 16);
      default:
        return fault("(big.Int=") && out_.append(value.text) && out_.append(")");
    }
  }

  bool print_real(const GoValue& value) {
    constexpr std::string_view kVerbs = "veEfFgGbxX";
    if (verb_ > 0x7f || !kVerbs.contains(static_cast<char>(verb_))) return bad_verb(value);
    const char verb = verb_ == 'v' ? 'g' : static_cast<char>(verb_);
    const std::string text = go_float(std::fabs(value.real), verb, flags_.precision, flags_.sharp);
    const std::string front = sign(std::signbit(value.real));
    const auto width = static_cast<std::size_t>(flags_.width.value_or(0));
    // The sign stands before zeros that pad.
    if (!front.empty() && flags_.zero && !flags_.minus && width > text.size() + 1) {
      return out_.append(front) && fill(width - text.size() - 1, true) && out_.append(text);
    }
    return pad_text(front + text);
  }

  bool print_string(const GoValue& value) {
    std::string_view text = value.text;
    switch (verb_) {
      case 'v':
        return pad_text(go_syntax_ ? go_quote(text) : std::string(cut(text)));
      case 's':
        return pad_text(cut(text));
      case 'q':
        if (flags_.sharp && can_backquote(cut(text))) {
          return pad_text('`' + std::string(cut(text)) + '`');
        }
        return pad_text(go_quote(cut(text), '"', flags_.plus));
      case 'x':
      case 'X':
        return print_bytes(text);
      default:
        return bad_verb(value);
    }
  }

  std::string_view cut(std::string_view text) const {
    if (!flags_.precision) return text;
    return text.substr(0, bytes_of_runes(text, static_cast<std::size_t>(*flags_.precision)));
  }

  static bool can_backquote(std::string_view text) {
    for (; !text.empty(); text.remove_prefix(first_rune(text).length)) {
      const char32_t c = first_rune(text).code;
      if (c == '`' || c == kBadRune || c == 0xfeff || (c < ' ' && c != '\t') || c == 0x7f) {
        return false;
      }
    }
    return true;
  }

  bool print_bytes(std::string_view text) {
    if (flags_.precision) text = text.substr(0, static_cast<std::size_t>(*flags_.precision));
    const std::string_view digits = verb_ == 'x' ? "0123456789abcdef" : "0123456789ABCDEF";
    const std::string_view prefix = verb_ == 'x' ? "0x" : "0X";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (flags_.space && i > 0) out += ' ';
      if (flags_.sharp && (flags_.space || i == 0)) out += prefix;
      const auto byte = static_cast<unsigned char>(text[i]);
      out += {digits[byte >> 4], digits[byte & 0xf]};
    }
    return pad_text(out);
  }

  BoundedText& out_;
  std::string_view format_;
  std::span<const GoValue> args_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;  // argument
  char32_t verb_ = 0;
  bool reordered_ = false;
  bool index_is_good_ = true;
  bool go_syntax_ = false;
  Flags flags_;
};

}  // namespace

bool go_format(BoundedText& out, std::string_view format, std::span<const GoValue> args) {
  return Formatter(out, format, args).run();
}

}  // namespace writ::rego
