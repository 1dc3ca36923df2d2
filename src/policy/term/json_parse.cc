#include <fmt/format.h>
#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "policy/term/build.h"
#include "policy/term/json.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// One pass over the text. Elements wait on stacks until their collection ends, so that each
// collection is made at once and in one piece.
class Reader {
 public:
  Reader(Arena& arena, std::string_view text) : arena_(arena), text_(text) {}

  Result<Term> read() {
    Term out;
    if (!read_value(out, 0)) return refused();
    skip_space();
    if (at_ != text_.size()) {
      wrong("the text goes on after its value");
      return refused();
    }
    return out;
  }

 private:
  std::unexpected<Error> refused() const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
    const Position at{line + 1, static_cast<std::uint32_t>(at_ - line_begin + 1)};
    return fail({Diagnostic{.file = {}, .at = at, .message = problem_, .remedy = {}}});
  }

  bool wrong(std::string message) {
    problem_ = std::move(message);
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool read_value(Term& out, std::uint32_t depth) {
    if (depth > kDeepest / 2) return wrong("nested too deeply");
    skip_space();
    switch (peek()) {
      case '{':
        return read_object(out, depth);
      case '[':
        return read_array(out, depth);
      case '"':
        return read_string(out);
      case 't':
        return read_word("true", Term::boolean(true), out);
      case 'f':
        return read_word("false", Term::boolean(false), out);
      case 'n':
        return read_word("null", Term::null(), out);
      default:
        return read_number(out);
    }
  }

  bool read_word(std::string_view word, Term value, Term& out) {
    if (!text_.substr(at_).starts_with(word)) return unexpected("a value");
    at_ += word.size();
    out = value;
    return true;
  }

  bool unexpected(std::string_view wanted) {
    if (at_ == text_.size()) return wrong(fmt::format("expected {}, the text ends", wanted));
    return wrong(fmt::format("expected {}", wanted));
  }

  bool read_number(Term& out) {
    std::size_t end = at_;
    while (end < text_.size() && is_number_char(text_[end])) ++end;
    const std::string_view number = text_.substr(at_, end - at_);
    if (!is_json_number(number)) return unexpected("a value");
    out = make_number(arena_, number);
    at_ = end;
    return true;
  }

  static bool is_number_char(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  }

  bool read_array(Term& out, std::uint32_t depth) {
    ++at_;
    const std::size_t first = items_.size();
    skip_space();
    if (!take(']')) {
      do {
        Term item;
        if (!read_value(item, depth + 1)) return false;
        items_.push_back(item);
        skip_space();
      } while (take(','));
      if (!take(']')) return unexpected("',' or ']'");
    }
    out = make_array(arena_, std::span<const Term>(items_).subspan(first));
    items_.resize(first);
    return true;
  }

  bool read_object(Term& out, std::uint32_t depth) {
    ++at_;
    const std::size_t first = members_.size();
    skip_space();
    if (!take('}')) {
      do {
        Member member;
        if (!read_member(member, depth)) return false;
        members_.push_back(member);
        skip_space();
      } while (take(','));
      if (!take('}')) return unexpected("',' or '}'");
    }
    sort_members(first);
    out = shapes_.make_object(arena_, std::span<const Member>(members_).subspan(first));
    members_.resize(first);
    return true;
  }

  bool read_member(Member& member, std::uint32_t depth) {
    skip_space();
    if (peek() != '"') return unexpected("a key in quotes");
    if (!read_string(member.key)) return false;
    skip_space();
    if (!take(':')) return unexpected("':'");
    return read_value(member.value, depth + 1);
  }

  // Sorts the members from `first` on; of equal keys the last stays.
  void sort_members(std::size_t first) {
    const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto before = [](const Member& a, const Member& b) { return a.key < b.key; };
    if (!std::is_sorted(begin, members_.end(), before)) {
      std::stable_sort(begin, members_.end(), before);
    }
    std::size_t kept = first;
    for (std::size_t i = first; i < members_.size(); ++i) {
      const bool repeated = kept > first && members_[kept - 1].key == members_[i].key;
      if (!repeated) ++kept;
      members_[kept - 1] = members_[i];
    }
    members_.resize(kept);
  }

  bool read_string(Term& out) {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
           static_cast<unsigned char>(text_[at_]) >= 0x20) {
      ++at_;
    }
    if (peek() == '"') {
      const std::string_view plain = text_.substr(begin, at_ - begin);
      if (is_utf8(plain)) {
        out = make_string(arena_, plain);
        ++at_;
        return true;
      }
    }
    at_ = begin;
    return read_escaped(out);
  }

  bool read_escaped(Term& out) {
    scratch_.clear();
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        out = make_string(arena_, scratch_);
        return true;
      }
      if (c == '\\') {
        if (!read_escape()) return false;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        return wrong("a control character inside a string");
      } else {
        copy_character();
      }
    }
    return wrong("the string does not end");
  }

  // Bytes that are no UTF-8 become U+FFFD.
  void copy_character() {
    const std::size_t length = utf8_sequence(text_.substr(at_));
    scratch_ += length == 0 ? std::string_view("\ufffd") : text_.substr(at_, length);
    at_ += std::max<std::size_t>(length, 1);
  }

  bool read_escape() {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    ++at_;
    if (take('u')) return read_unicode();
    const auto found = kLetters.find(peek());
    if (at_ == text_.size() || found == std::string_view::npos) return wrong("an unknown escape");
    scratch_ += kMeanings[found];
    ++at_;
    return true;
  }

  bool read_unicode() {
    std::uint32_t code = 0;
    if (!read_code_unit(code)) return wrong("\\u wants four hexadecimal digits");
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
      const std::size_t here = at_;
      at_ += 2;
      std::uint32_t low = 0;
      if (!read_code_unit(low)) return wrong("\\u wants four hexadecimal digits");
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else {
        at_ = here;
      }
    }
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    append_code_point(code);
    return true;
  }

  bool read_code_unit(std::uint32_t& out) {
    if (text_.size() - at_ < 4) return false;
    out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = text_[at_];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      out = out * 16 + static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  void append_code_point(std::uint32_t code) {
    const auto tail = [&](int shift) {
      scratch_ += static_cast<char>(0x80 | ((code >> shift) & 0x3f));
    };
    if (code < 0x80) {
      scratch_ += static_cast<char>(code);
    } else if (code < 0x800) {
      scratch_ += static_cast<char>(0xc0 | (code >> 6));
      tail(0);
    } else if (code < 0x10000) {
      scratch_ += static_cast<char>(0xe0 | (code >> 12));
      tail(6), tail(0);
    } else {
      scratch_ += static_cast<char>(0xf0 | (code >> 18));
      tail(12), tail(6), tail(0);
    }
  }

  Arena& arena_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string problem_;
  std::string scratch_;
  std::vector<Term> items_;
  std::vector<Member> members_;
  ShapeCache shapes_;
};

}  // namespace

Result<Term> parse_json(Arena& arena, std::string_view text) { return Reader(arena, text).read(); }

Term from_value(Arena& arena, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return Term::null();
    case Value::Kind::boolean:
      return Term::boolean(value.as_bool());
    case Value::Kind::integer:
      return Term::integer(value.as_integer());
    case Value::Kind::real:
      return make_number(arena, writ::to_json(value));
    case Value::Kind::string:
      return make_string(arena, value.as_string());
    case Value::Kind::array: {
      std::vector<Term> items;
      for (const Value& item : value.as_array()) items.push_back(from_value(arena, item));
      return make_array(arena, items);
    }
    case Value::Kind::object: {
      std::vector<Member> members;
      for (const auto& member : value.as_object()) {
        members.push_back({make_string(arena, member.key), from_value(arena, member.value)});
      }
      return make_object(arena, std::move(members));
    }
  }
  return {};
}

}  // namespace writ::rego
