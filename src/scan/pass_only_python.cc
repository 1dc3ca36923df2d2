#include <algorithm>
#include <array>
#include <utility>

#include "scan/pass_only.h"

namespace writ::scan {
namespace {

using syntax::Region;
using syntax::Span;

// A logical line's code: comments blanked, strings kept as quotes.
struct Line {
  std::size_t begin = 0;  // of its text, indentation aside
  std::size_t indent = 0;
  std::string code;  // trimmed
};

std::string trimmed(std::string s) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!s.empty() && is_blank(s.back())) s.pop_back();
  const auto first = std::find_if_not(s.begin(), s.end(), is_blank);
  return {first, s.end()};
}

// Logical lines that hold code: brackets and strings may span several physical ones.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  std::vector<Line> split(std::span<const Span> spans) {
    for (const Span& span : spans) {
      if (span.region == Region::comment) continue;
      if (span.region == Region::string) {
        open_line(span.begin);
        line_.code += "\"\"";
        continue;
      }
      for (std::size_t i = span.begin; i < span.end; ++i) character(i);
    }
    close_line();
    return std::move(lines_);
  }

 private:
  void character(std::size_t i) {
    const char c = text_[i];
    if (c == '\n') {
      if (depth_ == 0 && !(i > 0 && text_[i - 1] == '\\')) close_line();
      column_ = 0;
      return;
    }
    if (c != ' ' && c != '\t' && c != '\r') open_line(i);
    ++column_;
    if (is_open_) line_.code += c;
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if ((c == ')' || c == ']' || c == '}') && depth_ > 0) --depth_;
  }

  void open_line(std::size_t at) {
    if (is_open_) return;
    is_open_ = true;
    line_ = {at, column_, {}};
  }

  void close_line() {
    if (is_open_) {
      line_.code = trimmed(std::move(line_.code));
      lines_.push_back(std::move(line_));
    }
    is_open_ = false;
    depth_ = 0;
  }

  std::string_view text_;
  std::vector<Line> lines_;
  Line line_;
  std::size_t column_ = 0;
  std::size_t depth_ = 0;
  bool is_open_ = false;
};

bool is_def(std::string_view code) {
  return code.starts_with("def ") || code.starts_with("async def ");
}

std::string name_of(std::string_view code) {
  const std::size_t first = code.find("def ") + 4;
  return std::string(code.substr(first, code.find_first_of("( :", first) - first));
}

// A decorator that makes an empty body right.
bool excuses(std::string_view decorator) {
  constexpr std::array<std::string_view, 4> kExcuses{"abstract", "overload", "hookspec",
                                                     "singledispatch"};
  return std::any_of(kExcuses.begin(), kExcuses.end(), [&](std::string_view excuse) {
    return decorator.find(excuse) != std::string_view::npos;
  });
}

bool is_pass(std::string_view code) { return code == "pass" || code == "..."; }

}  // namespace

std::vector<PassOnlyBody> find_pass_only_defs(std::string_view text,
                                              std::span<const syntax::Span> spans) {
  const std::vector<Line> lines = Lines(text).split(spans);
  std::vector<PassOnlyBody> found;
  bool is_excused = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    if (line.code.starts_with("@")) {
      is_excused = is_excused || excuses(line.code);
      continue;
    }
    const bool skip = std::exchange(is_excused, false);
    if (skip || !is_def(line.code) || !line.code.ends_with(":")) continue;
    std::size_t body = i + 1;
    if (body < lines.size() && lines[body].code == "\"\"") ++body;  // the docstring
    if (body >= lines.size() || lines[body].indent <= line.indent) continue;
    const bool is_alone = body + 1 >= lines.size() || lines[body + 1].indent <= line.indent;
    if (!is_alone || !is_pass(lines[body].code)) continue;
    found.push_back({lines[body].begin, lines[body].code.size(),
                     name_of(line.code) + " passes without doing anything"});
  }
  return found;
}

}  // namespace writ::scan
