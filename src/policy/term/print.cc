#include "policy/term/print.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

void append_list(std::string& out, std::span<const Term> terms, char open, char close) {
  out += open;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i > 0) out += ", ";
    append_rego(out, terms[i]);
  }
  out += close;
}

void append_object(std::string& out, const Term& object) {
  out += '{';
  for (std::size_t i = 0; i < object.size(); ++i) {
    if (i > 0) out += ", ";
    append_rego(out, object.keys()[i]);
    out += ": ";
    append_rego(out, object.values()[i]);
  }
  out += '}';
}

// The letter of a one-letter escape, or 0.
char escape_letter(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    default:
      return 0;
  }
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    std::size_t taken = 1;
    if (const char letter = escape_letter(c); letter != 0) {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    } else if (taken = utf8_sequence(text); taken == 0) {
      out += "\\ufffd";
      taken = 1;
    } else {
      out += text.substr(0, taken);
    }
    text.remove_prefix(taken);
  }
  out += '"';
}

void append_rego(std::string& out, const Term& term) {
  switch (term.kind()) {
    case Kind::undefined:
      out += "undefined";
      return;
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += term.as_boolean() ? "true" : "false";
      return;
    case Kind::number:
      return append_number(out, term);
    case Kind::string:
      return append_quoted(out, term.text());
    case Kind::array:
      return append_list(out, term.items(), '[', ']');
    case Kind::object:
      return append_object(out, term);
    case Kind::set:
      if (term.size() == 0) {
        out += "set()";
        return;
      }
      return append_list(out, term.items(), '{', '}');
  }
}

std::string to_rego(const Term& term) {
  std::string out;
  append_rego(out, term);
  return out;
}

}  // namespace writ::rego
