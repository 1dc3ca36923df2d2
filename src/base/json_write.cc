#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/encoding.h"
#include "base/json.h"

namespace writ {
namespace {

constexpr std::string_view kReplacementCharacter = "\xef\xbf\xbd";

template <typename Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  WRIT_ASSERT(error == std::errc());  // 24 characters suffice for every double
  out.append(text.data(), end);
}

void append_scalar(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      out += "null";
      return;
    case Value::Kind::boolean:
      out += value.as_bool() ? "true" : "false";
      return;
    case Value::Kind::integer:
      append_number(out, value.as_integer());
      return;
    case Value::Kind::real:
      WRIT_ASSERT(std::isfinite(value.as_number()));
      append_number(out, value.as_number());
      // "-0" would come back as the integer 0.
      if (value.as_number() == 0 && std::signbit(value.as_number())) out += ".0";
      return;
    case Value::Kind::string:
      append_json_string(out, value.as_string());
      return;
    case Value::Kind::array:
    case Value::Kind::object:
      break;
  }
}

// `indent` below 0: everything on one line.
class Writer {
 public:
  Writer(std::string& out, int indent) : out_(out), indent_(indent) {}

  void write(const Value& value, int depth) {
    if (value.is_array()) {
      write_items(value.as_array(), "[]", depth,
                  [&](const Value& item) { write(item, depth + 1); });
    } else if (value.is_object()) {
      write_items(value.as_object(), "{}", depth, [&](const Member& member) {
        append_json_string(out_, member.key);
        out_ += indent_ < 0 ? ":" : ": ";
        write(member.value, depth + 1);
      });
    } else {
      append_scalar(out_, value);
    }
  }

 private:
  template <typename Items, typename WriteItem>
  void write_items(const Items& items, std::string_view brackets, int depth, WriteItem write_item) {
    out_ += brackets[0];
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      break_line(depth + 1);
      write_item(item);
    }
    if (!first) break_line(depth);
    out_ += brackets[1];
  }

  void break_line(int depth) {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth) * static_cast<std::size_t>(indent_), ' ');
  }

  std::string& out_;
  int indent_;
};

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += kDigits[static_cast<unsigned char>(c) >> 4];
  out += kDigits[static_cast<unsigned char>(c) & 0x0fu];
}

constexpr std::uint64_t eight_of(std::uint8_t byte) { return 0x0101010101010101u * byte; }

// Not 0 exactly if one of the eight bytes is: its high bit is set, and perhaps some above it.
constexpr std::uint64_t zeros_in(std::uint64_t block) {
  return (block - eight_of(1)) & ~block & eight_of(0x80);
}

}  // namespace

std::string to_json(const Value& value) {
  std::string out;
  Writer(out, -1).write(value, 0);
  return out;
}

std::string to_pretty_json(const Value& value) {
  std::string out;
  Writer(out, 2).write(value, 0);
  out += '\n';
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const std::size_t plain = json_plain_prefix(text);
    out.append(text, 0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = utf8_sequence(text);
    if (length == 1) {
      append_escaped(out, text[0]);
    } else {
      out += length == 0 ? kReplacementCharacter : text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

// Eight bytes at a time: nearly all that is written is plain.
std::size_t json_plain_prefix(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t block = 0; text.size() - at >= sizeof block; at += sizeof block) {
    std::memcpy(&block, text.data() + at, sizeof block);
    const std::uint64_t control = (block - eight_of(0x20)) & ~block;
    const std::uint64_t special =
        zeros_in(block ^ eight_of('"')) | zeros_in(block ^ eight_of('\\'));
    if (((control | special | block) & eight_of(0x80)) != 0) break;
  }
  const auto is_plain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
  };
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

}  // namespace writ
