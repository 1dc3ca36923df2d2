#include <array>
#include <charconv>
#include <cmath>

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
    out_.append(static_cast<std::size_t>(depth * indent_), ' ');
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

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

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
  while (!text.empty()) {
    const std::string_view well_formed = text.substr(0, utf8_prefix(text));
    std::size_t plain = 0;
    for (std::size_t i = 0; i < well_formed.size(); ++i) {
      if (!needs_escape(well_formed[i])) continue;
      out.append(well_formed, plain, i - plain);
      append_escaped(out, well_formed[i]);
      plain = i + 1;
    }
    out.append(well_formed, plain);
    text.remove_prefix(well_formed.size());
    if (!text.empty()) {
      out += kReplacementCharacter;
      text.remove_prefix(1);
    }
  }
  out += '"';
}

}  // namespace writ
