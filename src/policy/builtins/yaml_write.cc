#include "base/json.h"
#include "policy/builtins/runes.h"
#include "policy/builtins/yaml_text.h"
#include "policy/term/json.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

bool is_blank_or_end(std::string_view text, std::size_t at) {
  return at >= text.size() || text[at] == ' ' || text[at] == '\t';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// 2001-02-03 and 1:30:00, which YAML 1.1 takes for a date and a number of base 60.
bool means_time(std::string_view text) {
  if (text.empty() || !is_digit(text[0])) return false;
  return (text.size() > 4 && text[4] == '-') || text.contains(':');
}

// Whether `text` may stand as it is, behind "- " or "key: ", and as a key.
bool is_plain_form(std::string_view text) {
  constexpr std::string_view kNeverFirst = "#,[]{}&*!|>'\"%@`";
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  if (text.starts_with("---") || text.starts_with("...")) return false;
  if (kNeverFirst.contains(text[0])) return false;
  if (std::string_view("-?:").contains(text[0]) && is_blank_or_end(text, 1)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':' && is_blank_or_end(text, i + 1)) return false;
    if (text[i] == '#' && i > 0 && is_blank_or_end(text, i - 1)) return false;
  }
  return true;
}

bool is_all_printable(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    if (rune.code == kBadRune || rune.code == 0xa0 || !is_printable(rune.code)) return false;
    text.remove_prefix(rune.length);
  }
  return true;
}

// Lines behind '|': none ends with a blank, and the first one shows the indentation.
bool may_be_literal(std::string_view text) {
  if (!text.contains('\n') || text.front() == ' ' || text.front() == '\n') return false;
  if (text.contains(" \n") || text.ends_with(' ') || text.ends_with("\n\n")) return false;
  std::string lines(text);
  std::erase(lines, '\n');
  return is_all_printable(lines);
}

class YamlWriter {
 public:
  explicit YamlWriter(BoundedText& out) : out_(out) {}

  bool write(const Term& term) {
    return is_block(term) ? write_block(term, 0) : write_scalar(term, 0);
  }

 private:
  static bool is_block(const Term& term) { return term.is_collection() && term.size() > 0; }

  bool start_line(std::size_t indent) { return out_.append(indent, ' '); }

  // The cursor stands at column `indent`; afterwards at the start of a line.
  bool write_block(const Term& term, std::size_t indent) {
    for (std::size_t i = 0; i < term.size(); ++i) {
      if (i > 0 && !start_line(indent)) return false;
      const bool going = term.is_object() ? write_member(term.keys()[i], term.values()[i], indent)
                                          : write_item(term.items()[i], indent);
      if (!going) return false;
    }
    return true;
  }

  bool write_item(const Term& item, std::size_t indent) {
    if (!out_.append("- ")) return false;
    return is_block(item) ? write_block(item, indent + 2) : write_scalar(item, indent);
  }

  bool write_member(const Term& key, const Term& value, std::size_t indent) {
    // A longer key cannot be told from a value by libyaml.
    constexpr std::size_t kLongestSimpleKey = 128;
    const std::string text = scalar(key.is_string() ? std::string(key.text()) : to_json(key));
    if (text.size() > kLongestSimpleKey) {
      if (!out_.append("? " + text + "\n") || !start_line(indent)) return false;
    } else if (!out_.append(text)) {
      return false;
    }
    if (!is_block(value)) return out_.append(": ") && write_scalar(value, indent);
    // Sequences stand at the column of their key.
    const std::size_t inner = value.is_object() ? indent + 2 : indent;
    return out_.append(":\n") && start_line(inner) && write_block(value, inner);
  }

  // With its line end. `indent` is that of the surrounding collection.
  bool write_scalar(const Term& term, std::size_t indent) {
    if (term.is_string()) {
      const std::string_view text = term.text();
      if (may_be_literal(text)) return write_literal(text, indent + 2);
      return out_.append(scalar(text)) && out_.append("\n");
    }
    if (term.is_collection()) return out_.append(term.is_object() ? "{}\n" : "[]\n");
    return out_.append(to_json(term)) && out_.append("\n");
  }

  // A string on one line.
  std::string scalar(std::string_view text) {
    std::string out;
    if (!is_all_printable(text) || !means_text(text)) {
      append_json_string(out, text);
    } else if (is_plain_form(text)) {
      out = text;
    } else {
      out = "'";
      for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
      out += '\'';
    }
    return out;
  }

  bool means_text(std::string_view text) {
    if (text.empty() || text == "<<" || means_time(text)) return false;
    scratch_.reset();
    return plain_yaml_value(scratch_, text).is_string();
  }

  bool write_literal(std::string_view text, std::size_t indent) {
    if (!out_.append(text.ends_with('\n') ? "|\n" : "|-\n")) return false;
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      if (!line.empty() && !start_line(indent)) return false;
      if (!out_.append(line) || !out_.append("\n")) return false;
      text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return true;
  }

  BoundedText& out_;
  Arena scratch_;
};

}  // namespace

bool write_yaml(BoundedText& out, const Term& term) { return YamlWriter(out).write(term); }

}  // namespace writ::rego
