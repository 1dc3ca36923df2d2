#include <algorithm>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/json.h"
#include "base/yaml.h"
#include "base/yaml_scalar.h"

namespace writ {
namespace {

// A key on its own line must end within 1024 characters (YAML 1.2.2 section 7.4.2).
constexpr std::size_t kLongestSimpleKey = 1000;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Narrower than YAML's rule: what nobody has to think about when reading.
bool may_be_plain(std::string_view text) {
  constexpr std::string_view kInside = " -./:@+=,()<>*$%~!?;^";
  if (text.empty() || text.size() > 200) return false;
  if (!is_word(text.front()) && text.front() != '/' && !text.starts_with("./")) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_word(c) && !kInside.contains(c)) return false;
    const bool last = i + 1 == text.size();
    if (c == ' ' && last) return false;
    if (c == ':' && (last || text[i + 1] == ' ')) return false;
  }
  const PlainScalar meaning = read_plain_scalar(text);
  return meaning.value && meaning.value->is_string();
}

// Lines as they are, behind `|`: no trailing blanks, which one does not see, and a first line
// that shows the indentation.
bool may_be_literal(std::string_view text) {
  if (text.find('\n') == text.npos || text.front() == ' ' || text.front() == '\n') return false;
  if (!is_utf8(text) || text.ends_with("\n\n")) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f) return false;
    const bool line_ends = i + 1 == text.size() || text[i + 1] == '\n';
    if (byte == ' ' && line_ends) return false;
  }
  // NEL, LS and PS: line ends to some readers.
  return text.find("\xc2\x85") == text.npos && text.find("\xe2\x80\xa8") == text.npos &&
         text.find("\xe2\x80\xa9") == text.npos;
}

class Writer {
 public:
  std::string write(const Value& value) {
    if (is_block(value)) {
      write_block(value, 0);
    } else {
      write_scalar(value, 0);
    }
    return std::move(out_);
  }

 private:
  static bool is_block(const Value& value) {
    return (value.is_array() && !value.as_array().empty()) ||
           (value.is_object() && !value.as_object().empty());
  }

  void start_line(std::size_t indent) { out_.append(indent, ' '); }

  // The cursor stands at column `indent`; afterwards at the start of a line.
  void write_block(const Value& value, std::size_t indent) {
    bool first = true;
    const auto next = [&] {
      if (!first) start_line(indent);
      first = false;
    };
    if (value.is_array()) {
      for (const Value& item : value.as_array()) {
        next();
        out_ += "- ";
        write_item(item, indent + 2);
      }
      return;
    }
    for (const Member& member : value.as_object()) {
      next();
      write_member(member, indent);
    }
  }

  void write_item(const Value& item, std::size_t indent) {
    if (is_block(item)) {
      write_block(item, indent);
    } else {
      write_scalar(item, indent - 2);
    }
  }

  void write_member(const Member& member, std::size_t indent) {
    std::string key = member.key;
    if (!may_be_plain(key)) {
      key.clear();
      append_json_string(key, member.key);
    }
    if (key.size() > kLongestSimpleKey) {
      out_ += "? " + key + "\n";
      start_line(indent);
    } else {
      out_ += key;
    }
    out_ += ':';
    if (is_block(member.value)) {
      out_ += '\n';
      start_line(indent + 2);
      write_block(member.value, indent + 2);
    } else {
      out_ += ' ';
      write_scalar(member.value, indent);
    }
  }

  // With its line end. `indent` is that of the surrounding collection.
  void write_scalar(const Value& value, std::size_t indent) {
    if (value.is_string() && may_be_plain(value.as_string())) {
      out_ += value.as_string();
    } else if (value.is_string() && may_be_literal(value.as_string())) {
      write_literal(value.as_string(), indent + 2);
      return;
    } else {
      out_ += to_json(value);  // JSON's scalars, [] and {} are YAML's
    }
    out_ += '\n';
  }

  void write_literal(std::string_view text, std::size_t indent) {
    out_ += text.ends_with('\n') ? "|\n" : "|-\n";
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (end != 0) start_line(indent);
      out_ += text.substr(0, end);
      out_ += '\n';
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::string out_;
};

}  // namespace

std::string to_yaml(const Value& value) { return Writer().write(value); }

}  // namespace writ
