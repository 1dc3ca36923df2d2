#include "base/json_reader.h"

#include <charconv>
#include <system_error>

#include "base/decimal.h"
#include "base/text_check.h"

namespace writ {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// What a reader of the message probably meant by a word or sign that JSON does not know.
struct Confusion {
  std::string_view prefix;
  std::string_view remedy;
};
constexpr Confusion kConfusions[] = {
    {"'", "Put strings into double quotes"},
    {"//", "Remove the comment: JSON has none"},
    {"/*", "Remove the comment: JSON has none"},
    {"#", "Remove the comment: JSON has none"},
    {"True", "Write true"},
    {"False", "Write false"},
    {"None", "Write null"},
    {"NaN", "JSON numbers are finite: use null or leave the member out"},
    {"Infinity", "JSON numbers are finite: use null or leave the member out"},
    {"-Infinity", "JSON numbers are finite: use null or leave the member out"},
    {"undefined", "Write null or leave the member out"},
    {"+", "Write the number without a plus sign"},
    {".", "Write a digit before the point"},
};

}  // namespace

void JsonReader::skip_space() {
  for (; !at_end(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return;
    }
  }
}

bool JsonReader::refuse(Diagnostic found) {
  problem_ = std::move(found);
  return false;
}

bool JsonReader::refuse(Position at, std::string message, std::string remedy) {
  return refuse({std::string(name_), at, std::move(message), std::move(remedy)});
}

std::string JsonReader::found_here() const {
  if (at_end()) return "the end of the text";
  std::size_t end = at_;
  while (end < text_.size() && is_word(text_[end])) ++end;
  if (end == at_) {
    ++end;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xc0u) == 0x80u) ++end;
  }
  return shown_in_quotes(text_.substr(at_, end - at_));
}

bool JsonReader::unexpected(std::string_view expected, std::string_view remedy) {
  std::string advice(remedy);
  for (const Confusion& confusion : kConfusions) {
    if (text_.substr(at_).starts_with(confusion.prefix)) advice = confusion.remedy;
  }
  return refuse(here(), "expected " + std::string(expected) + ", found " + found_here(),
                std::move(advice));
}

bool JsonReader::read_word(std::string_view word) {
  const std::string_view rest = text_.substr(at_);
  if (!rest.starts_with(word) || (rest.size() > word.size() && is_word(rest[word.size()]))) {
    return unexpected("a value", "Put strings into double quotes");
  }
  at_ += word.size();
  return true;
}

bool JsonReader::read_string(std::string& out) {
  const Position start = here();
  ++at_;  // the quote
  while (true) {
    const std::size_t plain = at_;
    while (!at_end() && text_[at_] != '"' && text_[at_] != '\\' &&
           static_cast<unsigned char>(text_[at_]) >= 0x20) {
      ++at_;
    }
    out.append(text_, plain, at_ - plain);
    if (take('"')) return true;
    if (at_end()) return refuse(start, "a string without end", "Add the closing quote");
    if (peek() == '\n' || peek() == '\r') {
      return refuse(start, "the line ends inside of a string",
                    "Close the string, or write the line break as \\n");
    }
    if (peek() != '\\') {
      return refuse(here(), "a control character in a string",
                    "Write it as an escape: \\t, \\u0001");
    }
    if (!read_escape(out)) return false;
  }
}

bool JsonReader::read_escape(std::string& out) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const std::size_t start = at_++;  // the backslash
  const char name = peek();
  if (name == 'u') return read_unicode_escape(start, out);
  if (const std::size_t i = kNames.find(name); i != kNames.npos) {
    out += kMeanings[i];
    ++at_;
    return true;
  }
  return refuse(position_at(start), "an escape that JSON does not know",
                "Write a backslash as \\\\; escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t "
                "\\uXXXX");
}

bool JsonReader::read_unicode_escape(std::size_t start, std::string& out) {
  const auto first = read_code_unit();
  if (!first) {
    return refuse(position_at(start), "\\u without four hexadecimal digits",
                  "Write four digits, as in \\u00e9");
  }
  std::uint32_t code = *first;
  if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
    ++at_;
    const auto second = read_code_unit();
    if (second && *second >= 0xdc00 && *second < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (*second - 0xdc00);
    }
  }
  if (code >= 0xd800 && code < 0xe000) {
    return refuse(position_at(start), "half of a surrogate pair",
                  "Write both halves, or the character itself");
  }
  append_utf8(out, code);
  return true;
}

// "uXXXX" behind a backslash.
std::optional<std::uint32_t> JsonReader::read_code_unit() {
  ++at_;  // the u
  const std::string_view digits = text_.substr(at_, 4);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4) {
    return std::nullopt;
  }
  at_ += 4;
  return code;
}

std::size_t JsonReader::skip_digits() {
  const std::size_t start = at_;
  while (is_digit(peek())) ++at_;
  return at_ - start;
}

bool JsonReader::read_number(Value& out) {
  const std::size_t start = at_;
  take('-');
  const std::size_t first_digit = at_;
  const std::size_t digits = skip_digits();
  if (digits == 0) {
    at_ = start;
    return unexpected("a number", "Write digits after the minus sign");
  }
  if (digits > 1 && text_[first_digit] == '0') {
    return refuse(position_at(start), "a number with a leading zero", "Remove the zero");
  }
  if (take('.')) {
    if (skip_digits() == 0) return unexpected("a digit", "Write digits after the point");
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (!take('-')) take('+');
    if (skip_digits() == 0) return unexpected("a digit", "Write digits after the e");
  }
  return convert_number(text_.substr(start, at_ - start), position_at(start), out);
}

bool JsonReader::convert_number(std::string_view lexeme, Position at, Value& out) {
  if (is_word(peek()) || peek() == '.') {
    return unexpected("the end of the number", "Put strings into double quotes");
  }
  auto number = decimal_value(lexeme);
  if (!number) {
    return refuse(at, "the number " + shown_in_quotes(lexeme) + " is too large for a double",
                  "Write it as a string");
  }
  out = *std::move(number);
  return true;
}

}  // namespace writ
