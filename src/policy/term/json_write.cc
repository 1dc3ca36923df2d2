#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>

#include "base/encoding.h"
#include "base/json.h"
#include "policy/term/json.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

bool is_special_to_html(char c) { return c == '<' || c == '>' || c == '&'; }

// Writes one term; `indent` 0 is the compact form.
class Writer {
 public:
  Writer(std::string& out, Escape escape, std::size_t indent)
      : out_(out), escape_(escape), indent_(indent) {}

  void write(const Term& term) {
    switch (term.kind()) {
      case Kind::undefined:
      case Kind::null:
        out_ += "null";
        return;
      case Kind::boolean:
        out_ += term.as_boolean() ? "true" : "false";
        return;
      case Kind::number:
        return append_number(out_, term);
      case Kind::string:
        return write_string(term.text());
      case Kind::array:
      case Kind::set:
        return write_list(term);
      case Kind::object:
        return write_object(term);
    }
  }

 private:
  void write_string(std::string_view text) {
    const std::size_t begin = out_.size();
    append_json_string(out_, text);
    if (escape_ == Escape::plain) return;
    const std::string written = out_.substr(begin);
    out_.resize(begin);
    for (std::size_t i = 0; i < written.size(); ++i) {
      const std::string_view rest = std::string_view(written).substr(i);
      if (is_special_to_html(written[i])) {
        fmt::format_to(std::back_inserter(out_), "\\u{:04x}", written[i]);
      } else if (rest.starts_with("\u2028") || rest.starts_with("\u2029")) {
        out_ += rest.starts_with("\u2028") ? "\\u2028" : "\\u2029";
        i += 2;
      } else {
        out_ += written[i];
      }
    }
  }

  void write_list(const Term& list) {
    if (list.size() == 0) {
      out_ += "[]";
      return;
    }
    open('[');
    bool first = true;
    for (const Term& item : list.items()) {
      separate(first);
      write(item);
    }
    close(']');
  }

  void write_key(const Term& key) {
    if (key.is_string()) {
      write_string(key.text());
    } else {
      write_string(to_json(key));
    }
    out_ += indent_ == 0 ? ":" : ": ";
  }

  void write_member(const Term& key, const Term& value, bool& first) {
    separate(first);
    write_key(key);
    write(value);
  }

  void write_object(const Term& object) {
    if (object.size() == 0) {
      out_ += "{}";
      return;
    }
    open('{');
    bool first = true;
    const auto keys = object.keys();
    const auto values = object.values();
    if (keys.back().is_string() && keys.front().is_string()) {
      for (std::size_t i = 0; i < keys.size(); ++i) write_member(keys[i], values[i], first);
    } else {
      // Keys of several kinds: sorted by their text, as text they may even coincide.
      std::map<std::string, const Term*> members;
      for (std::size_t i = 0; i < keys.size(); ++i) {
        members[keys[i].is_string() ? std::string(keys[i].text()) : to_json(keys[i])] = &values[i];
      }
      for (const auto& [key, value] : members) {
        separate(first);
        write_string(key);
        out_ += indent_ == 0 ? ":" : ": ";
        write(*value);
      }
    }
    close('}');
  }

  void open(char c) {
    out_ += c;
    ++level_;
  }
  void separate(bool& first) {
    if (!first) out_ += ',';
    first = false;
    new_line();
  }
  void close(char c) {
    --level_;
    new_line();
    out_ += c;
  }
  void new_line() {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(level_ * indent_, ' ');
  }

  std::string& out_;
  Escape escape_;
  std::size_t indent_;
  std::size_t level_ = 0;
};

Result<Value> number_value(const Term& number) {
  if (number.is_small_integer()) return Value(number.as_small_integer());
  const double value = to_double(number);
  if (!std::isfinite(value)) {
    return fail(Code::invalid_input, "the number " + number_text(number) + " is too large");
  }
  return Value(value);
}

}  // namespace

void append_json(std::string& out, const Term& term, Escape escape) {
  Writer(out, escape, 0).write(term);
}

std::string to_json(const Term& term, Escape escape) {
  std::string out;
  append_json(out, term, escape);
  return out;
}

std::string to_pretty_json(const Term& term, std::size_t indent, Escape escape) {
  std::string out;
  Writer(out, escape, indent).write(term);
  return out;
}

Result<Value> to_value(const Term& term) {
  switch (term.kind()) {
    case Kind::boolean:
      return Value(term.as_boolean());
    case Kind::number:
      return number_value(term);
    case Kind::string:
      return Value(term.text());
    case Kind::array:
    case Kind::set: {
      Array items;
      for (const Term& item : term.items()) {
        WRIT_TRY(auto value, to_value(item));
        items.push_back(std::move(value));
      }
      return Value(std::move(items));
    }
    case Kind::object: {
      Object object;
      for (std::size_t i = 0; i < term.size(); ++i) {
        const Term& key = term.keys()[i];
        WRIT_TRY(auto value, to_value(term.values()[i]));
        object.set(key.is_string() ? std::string(key.text()) : to_json(key), std::move(value));
      }
      return Value(std::move(object));
    }
    default:
      return Value(nullptr);
  }
}

}  // namespace writ::rego
