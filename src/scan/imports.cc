#include "scan/imports.h"

#include <algorithm>
#include <cctype>

#include "syntax/display.h"
#include "syntax/lex.h"

namespace writ::scan {
namespace {

using syntax::Region;
using syntax::Span;

constexpr std::size_t kLineShown = 400;

struct StyleRow {
  std::string_view extensions;  // each between spaces
  ImportStyle style;
};
constexpr StyleRow kStyles[] = {
    {" .go ", ImportStyle::go},
    {" .js .jsx .mjs .cjs .ts .tsx .mts .cts .svelte .vue ", ImportStyle::script},
    {" .py .pyi ", ImportStyle::python},
};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Whether `text` ends with the word `word`, which is no member of something.
bool ends_with_word(std::string_view text, std::string_view word) {
  if (!text.ends_with(word)) return false;
  if (text.size() == word.size()) return true;
  const char before = text[text.size() - word.size() - 1];
  return !is_word(before) && before != '.' && before != '$';
}

// Counts lines once, from offset to offset.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  Import import_at(std::size_t begin, std::size_t length) {
    for (; at_ < begin; ++at_) {
      if (text_[at_] != '\n') continue;
      ++line_;
      start_ = at_ + 1;
    }
    Import found;
    found.name = syntax::displayed(text_.substr(begin, length));
    found.at = {line_, static_cast<std::uint32_t>(begin - start_ + 1)};
    found.length = static_cast<std::uint32_t>(length);
    const std::size_t end = std::min(text_.find('\n', start_), text_.size());
    found.line = syntax::displayed(text_.substr(start_, end - start_), kLineShown);
    return found;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::uint32_t line_ = 1;
};

std::string_view text_of(std::string_view text, const Span& span) {
  return text.substr(span.begin, span.end - span.begin);
}

// Whether a string has both its marks: one that the text cuts off is no name.
bool is_whole(std::string_view quoted) {
  if (quoted.size() < 2) return false;
  const char close = quoted.front() == '<' ? '>' : quoted.front();
  return quoted.back() == close;
}

// The code before a span; comments and blanks between are left out.
std::string_view code_before(std::string_view text, const std::vector<Span>& spans, std::size_t i) {
  while (i > 0 && spans[i - 1].region != Region::string) {
    --i;
    if (spans[i].region != Region::code) continue;
    const std::string_view code = trimmed(text_of(text, spans[i]));
    if (!code.empty()) return code;
  }
  return {};
}

bool is_include(std::string_view code) {
  code = trimmed(code.substr(code.rfind('\n') + 1));
  for (const std::string_view word : {"include_next", "include", "import"}) {
    if (!code.ends_with(word)) continue;
    const std::string_view mark = trimmed(code.substr(0, code.size() - word.size()));
    return mark.ends_with('#');
  }
  return false;
}

bool is_script_import(std::string_view code) {
  if (ends_with_word(code, "from") || ends_with_word(code, "import")) return true;
  if (!code.ends_with('(')) return false;
  code = trimmed(code.substr(0, code.size() - 1));
  return ends_with_word(code, "require") || ends_with_word(code, "import");
}

// Go: `import "a"`, `import x "a"`, or any string inside `import ( … )`. `import` is a keyword.
class GoReader {
 public:
  GoReader(std::string_view text, const std::vector<Span>& spans) : text_(text), spans_(spans) {}

  std::vector<Import> read() {
    std::vector<Import> out;
    Lines lines(text_);
    for (const Span& span : spans_) {
      if (span.region == Region::code) read_code(text_of(text_, span));
      if (span.region != Region::string || state_ == State::outside) continue;
      if (!is_whole(text_of(text_, span))) continue;
      out.push_back(lines.import_at(span.begin + 1, span.end - span.begin - 2));
      if (state_ == State::single) state_ = State::outside;
    }
    return out;
  }

 private:
  enum class State : std::uint8_t { outside, single, block };

  void read_code(std::string_view code) {
    while (!code.empty()) {
      const auto* const end = std::ranges::find_if_not(code, is_word);
      const std::size_t length = static_cast<std::size_t>(end - code.begin());
      if (length > 0) {
        if (code.substr(0, length) == "import") state_ = State::single;
        code.remove_prefix(length);
        continue;
      }
      const char c = code.front();
      if (state_ == State::single && c == '(') state_ = State::block;
      if (state_ == State::block && c == ')') state_ = State::outside;
      if (state_ == State::single && !is_space(c) && c != '.') state_ = State::outside;
      code.remove_prefix(1);
    }
  }

  std::string_view text_;
  const std::vector<Span>& spans_;
  State state_ = State::outside;
};

std::vector<Import> read_quoted(std::string_view text, const std::vector<Span>& spans,
                                ImportStyle style) {
  std::vector<Import> out;
  Lines lines(text);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const Span& span = spans[i];
    if (span.region != Region::string || !is_whole(text_of(text, span))) continue;
    const std::string_view code = code_before(text, spans, i);
    const bool is_import =
        style == ImportStyle::include ? is_include(code) : is_script_import(code);
    if (is_import) out.push_back(lines.import_at(span.begin + 1, span.end - span.begin - 2));
  }
  return out;
}

// The text with everything but code blanked out, and with continued lines joined.
std::string code_only(std::string_view text, const std::vector<Span>& spans) {
  std::string out(text);
  for (const Span& span : spans) {
    if (span.region == Region::code) continue;
    for (std::size_t i = span.begin; i < span.end; ++i) {
      if (out[i] != '\n') out[i] = ' ';
    }
  }
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    if (out[i] == '\\' && out[i + 1] == '\n') out[i] = out[i + 1] = ' ';
  }
  return out;
}

class PythonReader {
 public:
  PythonReader(std::string_view text, std::string code) : code_(std::move(code)), lines_(text) {}

  // Statements begin with a line, after `;`, or after the `:` of a block on one line.
  std::vector<Import> read() {
    bool is_start = true;
    while (at_ < code_.size()) {
      const char c = code_[at_];
      if (is_start && take("import ")) {
        read_list();
      } else if (is_start && take("from ")) {
        read_from();
      } else if (is_word(c)) {
        while (at_ < code_.size() && is_word(code_[at_])) ++at_;
        is_start = false;
        continue;
      } else {
        is_start = c == '\n' || c == ';' || c == ':' || (is_start && is_space(c));
        ++at_;
        continue;
      }
      is_start = false;
    }
    return std::move(out_);
  }

 private:
  bool take(std::string_view word) {
    if (!std::string_view(code_).substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void skip_blanks() {
    while (at_ < code_.size() && (code_[at_] == ' ' || code_[at_] == '\t')) ++at_;
  }

  // "a.b", "..a", ".": its length; 0 when there is none.
  std::size_t name_length() const {
    std::size_t end = at_;
    while (end < code_.size() && (is_word(code_[end]) || code_[end] == '.')) ++end;
    return end - at_;
  }

  bool read_name() {
    skip_blanks();
    const std::size_t length = name_length();
    if (length == 0) return false;
    out_.push_back(lines_.import_at(at_, length));
    at_ += length;
    return true;
  }

  void skip_alias() {
    skip_blanks();
    if (!take("as ")) return;
    skip_blanks();
    at_ += name_length();
    skip_blanks();
  }

  void read_list() {
    while (read_name()) {
      skip_alias();
      if (at_ >= code_.size() || code_[at_] != ',') return;
      ++at_;
    }
  }

  void read_from() {
    if (!read_name()) return;
    skip_blanks();
    if (!take("import ") && !take("import(") && !take("import\t")) return out_.pop_back();
    Import& found = out_.back();
    const std::string stem = found.name.ends_with('.') ? found.name : found.name + ".";
    const bool is_wrapped = code_[at_ - 1] == '(' || is_paren();
    while (true) {
      const std::size_t blanks = is_wrapped ? code_.find_first_not_of(" \t\n,", at_)
                                            : code_.find_first_not_of(" \t,", at_);
      at_ = std::min(blanks, code_.size());
      const std::size_t length = name_length();
      if (length == 0) return;
      found.parts.push_back(stem + code_.substr(at_, length));
      at_ += length;
      skip_alias();
    }
  }

  bool is_paren() {
    skip_blanks();
    return take("(");
  }

  std::string code_;
  Lines lines_;
  std::size_t at_ = 0;
  std::vector<Import> out_;
};

}  // namespace

std::optional<ImportStyle> import_style(std::string_view path) {
  const syntax::Language* language = syntax::language_of(path);
  if (language == nullptr) return std::nullopt;
  if (language->cpp) return ImportStyle::include;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string word = " " + std::string(name.substr(dot)) + " ";
  for (const StyleRow& row : kStyles) {
    if (row.extensions.find(word) != std::string_view::npos) return row.style;
  }
  return std::nullopt;
}

std::vector<Import> read_imports(std::string_view path, std::string_view text) {
  const std::optional<ImportStyle> style = import_style(path);
  if (!style) return {};
  const std::vector<Span> spans = syntax::lex(text, *syntax::language_of(path));
  if (*style == ImportStyle::go) return GoReader(text, spans).read();
  if (*style == ImportStyle::python) return PythonReader(text, code_only(text, spans)).read();
  return read_quoted(text, spans, *style);
}

}  // namespace writ::scan
