// glob.match: *, **, ?, [a-z], [!abc] and {a,b}, where * and ? do not pass a delimiter. A pattern
// becomes a regular expression and is matched in linear time.
#include <fmt/format.h>

#include <algorithm>

#include "policy/builtins/families.h"
#include "policy/builtins/operands.h"
#include "policy/builtins/pattern.h"
#include "policy/builtins/runes.h"

namespace writ::rego {
namespace {

void append_class_rune(std::string& out, char32_t c) {
  fmt::format_to(std::back_inserter(out), "\\x{{{:x}}}", static_cast<std::uint32_t>(c));
}

// The regular expression of a glob. Without one `problem` is what is wrong with the glob.
class GlobReader {
 public:
  GlobReader(std::string_view glob, std::u32string_view delimiters) : rest_(glob) {
    if (delimiters.empty()) {
      one_ = "(?s:.)";
      return;
    }
    one_ = "[^";
    for (const char32_t c : delimiters) append_class_rune(one_, c);
    one_ += ']';
  }

  std::optional<std::string> read() {
    out_ = "\\A(?:";
    while (!rest_.empty()) {
      if (!read_item()) return std::nullopt;
    }
    // Braces that are still open end with the glob.
    out_.append(depth_ + 1, ')');
    return out_ + "\\z";
  }
  const std::string& problem() const { return problem_; }

 private:
  bool read_item() {
    const char32_t c = take();
    switch (c) {
      case '*':
        if (!rest_.starts_with('*')) {
          out_ += one_ + '*';
        } else {
          take();
          out_ += "(?s:.)*";
        }
        return true;
      case '?':
        out_ += one_;
        return true;
      case '[':
        return read_class();
      case '{':
        ++depth_;
        out_ += "(?:";
        return true;
      case '\\':
        if (!rest_.empty()) add_literal(take());
        return true;
      default:
        break;
    }
    if (depth_ > 0 && c == ',') {
      out_ += '|';
    } else if (depth_ > 0 && c == '}') {
      --depth_;
      out_ += ')';
    } else {
      add_literal(c);
    }
    return true;
  }

  char32_t take() {
    const Rune rune = first_rune(rest_);
    rest_.remove_prefix(rune.length);
    return rune.code;
  }

  void add_literal(char32_t c) {
    std::string text;
    append_rune(text, c);
    out_ += quoted_pattern(text);
  }

  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  // Behind '[': one range a-z, or characters; a '!' in front: all others.
  bool read_class() {
    std::string members = "[";
    if (rest_.starts_with('!')) {
      take();
      members += '^';
    }
    if (rest_.empty()) return refuse("unexpected end of input");
    const Rune low = first_rune(rest_);
    const bool is_range = rest_.substr(low.length).starts_with('-');
    if (is_range ? !read_range(members) : !read_list(members)) return false;
    out_ += members + ']';
    return true;
  }

  bool read_range(std::string& members) {
    const char32_t low = take();
    take();  // '-'
    if (rest_.empty()) return refuse("unexpected end of input");
    const char32_t high = take();
    if (rest_.empty()) return refuse("unexpected end of input");
    if (take() != ']') return refuse("expected close range character");
    if (high < low) {
      std::string problem = "hi character '";
      append_rune(problem, high);
      problem += "' should be greater than lo '";
      append_rune(problem, low);
      return refuse(problem + "'");
    }
    append_class_rune(members, low);
    members += '-';
    append_class_rune(members, high);
    return true;
  }

  bool read_list(std::string& members) {
    bool is_empty = true;
    while (!rest_.empty()) {
      char32_t c = take();
      if (c == ']') return !is_empty || refuse("could not parse range");
      if (c == '\\') {
        if (rest_.empty()) break;
        c = take();
      }
      append_class_rune(members, c);
      is_empty = false;
    }
    return refuse("unexpected end of input");
  }

  std::string_view rest_;
  std::string one_;  // expression of a character that is no delimiter
  std::size_t depth_ = 0;
  std::string out_;
  std::string problem_;
};

struct Glob {
  std::unique_ptr<Pattern> pattern;
  std::string problem;
};

Glob compile(std::string_view source, std::u32string_view delimiters) {
  GlobReader reader(source, delimiters);
  const auto expression = reader.read();
  if (!expression) return {nullptr, reader.problem()};
  auto pattern = std::make_unique<Pattern>(*expression);
  if (pattern->is_valid()) return {std::move(pattern), {}};
  return {nullptr, pattern->problem()};
}

// null: none; []: the dot. Without them the error has been prepared.
std::optional<std::u32string> delimiters_of(Call& call) {
  const Term& list = call.arg(1);
  if (list.is_null()) return std::u32string();
  if (!list.is_array()) {
    call.wrong_type(1, "one of {array, null}");
    return std::nullopt;
  }
  if (list.size() == 0) return std::u32string(U".");
  std::u32string out;
  for (const Term& item : list.items()) {
    if (!item.is_string()) {
      wrong_element(call, 1, item, "string");
      return std::nullopt;
    }
    const Rune rune = first_rune(item.text());
    if (rune.length == 0 || rune.length != item.text().size()) {
      wrong_element(call, 1, item, "rune");
      return std::nullopt;
    }
    out += rune.code;
  }
  return out;
}

Outcome match(Call& call) {
  const auto delimiters = delimiters_of(call);
  if (!delimiters) return call.failed();
  const std::string_view source = call.arg(0).text();
  std::string key;
  for (const char32_t c : *delimiters) append_rune(key, c);
  key.append(1, '\0').append(source);
  const auto glob = call.cached<Glob>(
      "glob", key, [&] { return std::make_shared<Glob>(compile(source, *delimiters)); });
  if (glob->pattern == nullptr) return call.error(glob->problem);
  return Term::boolean(glob->pattern->matches(call.arg(2).text()));
}

Outcome quote_meta(Call& call) {
  std::string out;
  for (const char c : call.arg(0).text()) {
    if (std::string_view("*?\\[]{}").contains(c)) out += '\\';
    out += c;
  }
  return call.string(out);
}

constexpr Builtin kGlob[] = {
    {"glob.match",
     "(pattern: string, delimiters: any<null, array[string]>, match: string) => (result: boolean)",
     &match},
    {"glob.quote_meta", "(pattern: string) => (output: string)", &quote_meta},
};

}  // namespace

std::span<const Builtin> glob_builtins() { return kGlob; }

}  // namespace writ::rego
