#include "policy/builtins/template_parse.h"

#include <algorithm>

#include <fmt/format.h>

#include "policy/builtins/go_format.h"
#include "policy/builtins/runes.h"
#include "policy/term/build.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

constexpr std::size_t kDeepestTemplate = 100;  // actions and parentheses inside each other

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_name_char(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

class TemplateParser {
 public:
  TemplateParser(Arena& arena, std::string_view text) : arena_(arena), text_(text) {}

  TemplateText parse() {
    TemplateText out;
    std::string end;
    if (read_nodes(out.nodes, end, 0) && !end.empty()) refuse("unexpected {{" + end + "}}");
    out.problem = std::move(problem_);
    return out;
  }

 private:
  bool refuse(std::string_view problem) {
    if (problem_.empty()) {
      const auto lines = std::count(text_.begin(), text_.begin() + static_cast<long>(at_), '\n');
      problem_ = fmt::format("template: template:{}: {}", lines + 1, problem);
    }
    return false;
  }

  std::string_view rest() const { return text_.substr(at_); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  // Up to the action that closes or parts what they are in: `end` is its word, or nothing at the
  // end of the text. The parser then stands behind that word.
  bool read_nodes(std::vector<TemplateNode>& nodes, std::string& end, std::size_t depth) {
    if (depth > kDeepestTemplate) return refuse("nested too deeply");
    while (at_ < text_.size()) {
      read_text(nodes);
      if (at_ == text_.size()) break;
      if (rest().starts_with("/*")) {
        if (!skip_comment()) return false;
        continue;
      }
      TemplateNode node;
      node.line = static_cast<std::size_t>(
          std::count(text_.begin(), text_.begin() + static_cast<long>(at_), '\n') + 1);
      const std::string word = peek_word();
      if (word == "end" || word == "else") {
        at_ += word.size();
        end = word;
        return true;
      }
      if (!read_action(node, word, depth)) return false;
      nodes.push_back(std::move(node));
    }
    end.clear();
    return true;
  }

  // The text before the next action, without what trim markers take off it. Then behind "{{".
  void read_text(std::vector<TemplateNode>& nodes) {
    const std::size_t begin = at_;
    at_ = std::min(text_.find("{{", at_), text_.size());
    std::string_view text = text_.substr(begin, at_ - begin);
    if (trims_next_) text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    trims_next_ = false;
    if (at_ < text_.size()) {
      at_ += 2;
      if (peek() == '-' && at_ + 1 < text_.size() && is_blank(text_[at_ + 1])) {
        ++at_;
        while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
      }
      skip_blanks();
    }
    if (text.empty()) return;
    TemplateNode node;
    node.text = text;
    nodes.push_back(std::move(node));
  }

  bool skip_comment() {
    const std::size_t end = text_.find("*/", at_);
    if (end == std::string_view::npos) return refuse("unclosed comment");
    at_ = end + 2;
    return close("comment ends before closing delimiter");
  }

  void skip_blanks() {
    while (is_blank(peek())) ++at_;
  }

  // "}}" or " -}}".
  bool at_close() const {
    return rest().starts_with("}}") || (rest().starts_with("-}}") && is_blank(text_[at_ - 1]));
  }
  bool close(std::string_view problem) {
    skip_blanks();
    if (at_ == text_.size()) return refuse("unclosed action");
    if (!at_close()) return refuse(problem);
    trims_next_ = peek() == '-';
    at_ += trims_next_ ? 3 : 2;
    return true;
  }
  bool close_action() {
    skip_blanks();
    return close(fmt::format("unexpected {} in command", go_quote(rest().substr(0, 1))));
  }

  std::string peek_word() const {
    std::size_t end = at_;
    while (end < text_.size() && is_name_char(text_[end])) ++end;
    return std::string(text_.substr(at_, end - at_));
  }

  bool read_action(TemplateNode& node, const std::string& word, std::size_t depth) {
    using Form = TemplateNode::Form;
    if (word == "if" || word == "with" || word == "range") {
      at_ += word.size();
      node.form = word == "if" ? Form::condition : word == "with" ? Form::with : Form::range;
      return read_block(node, depth);
    }
    if (word == "break" || word == "continue") {
      at_ += word.size();
      node.form = word == "break" ? Form::leave : Form::next;
      if (loops_ == 0) return refuse("{{" + word + "}} outside {{range}}");
      return close_action();
    }
    if (word == "define" || word == "block" || word == "template") {
      return refuse("{{" + word + "}} is not supported");
    }
    node.form = Form::action;
    return read_pipeline(node.pipeline, depth) && close_action();
  }

  bool read_block(TemplateNode& node, std::size_t depth) {
    const bool loops = node.form == TemplateNode::Form::range;
    std::string end;
    if (!read_pipeline(node.pipeline, depth) || !close_action()) return false;
    loops_ += loops ? 1 : 0;
    if (!read_nodes(node.body, end, depth + 1)) return false;
    loops_ -= loops ? 1 : 0;
    if (end == "else") {
      skip_blanks();
      const std::string word = peek_word();
      if ((word == "if" && node.form == TemplateNode::Form::condition) ||
          (word == "with" && node.form == TemplateNode::Form::with)) {
        // {{else if}} shares the {{end}} of its {{if}}.
        TemplateNode nested;
        nested.form = node.form;
        nested.line = node.line;
        at_ += word.size();
        if (depth > kDeepestTemplate) return refuse("nested too deeply");
        const bool read = read_block(nested, depth + 1);
        node.otherwise.push_back(std::move(nested));
        return read;
      }
      if (!close_action() || !read_nodes(node.otherwise, end, depth + 1)) return false;
    }
    if (end.empty()) return refuse("unexpected EOF");
    if (end != "end") return refuse("expected end; found {{else}}");
    return close_action();
  }

  // [$x [, $y] (:= | =)] command {| command}
  bool read_pipeline(TemplatePipeline& out, std::size_t depth) {
    if (depth > kDeepestTemplate) return refuse("nested too deeply");
    read_variables(out);
    do {
      TemplateCommand command;
      skip_blanks();
      while (at_ < text_.size() && !at_close() && peek() != '|' && peek() != ')') {
        if (!read_operand(command.emplace_back(), depth)) return false;
        if (at_ == text_.size()) return refuse("unclosed action");
        if (!is_blank(peek()) && !at_close() && peek() != '|' && peek() != ')') {
          return refuse(fmt::format("unexpected {} in operand", go_quote(rest().substr(0, 1))));
        }
        skip_blanks();
      }
      if (command.empty()) return refuse("missing value for command");
      out.commands.push_back(std::move(command));
    } while (take('|'));
    return true;
  }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  // Stands where it stood if no variables are set.
  void read_variables(TemplatePipeline& out) {
    const std::size_t begin = at_;
    std::vector<std::string> names;
    do {
      skip_blanks();
      if (!take('$')) break;
      names.push_back("$" + peek_word());
      at_ += names.back().size() - 1;
      skip_blanks();
    } while (names.size() < 2 && take(','));
    out.declares = rest().starts_with(":=");
    if (names.empty() || (!out.declares && (peek() != '=' || rest().starts_with("==")))) {
      out.declares = false;
      at_ = begin;
      return;
    }
    at_ += out.declares ? 2 : 1;
    out.variables = std::move(names);
  }

  bool read_operand(TemplateOperand& out, std::size_t depth) {
    using Form = TemplateOperand::Form;
    const char c = peek();
    if (c == '(') {
      ++at_;
      out.form = Form::parentheses;
      if (!read_pipeline(out.inner.emplace_back(), depth + 1)) return false;
      if (!take(')')) return refuse("unclosed left paren");
    } else if (c == '$') {
      ++at_;
      out.form = Form::variable;
      out.name = "$" + peek_word();
      at_ += out.name.size() - 1;
    } else if (c == '"' || c == '`' || c == '\'') {
      out.form = Form::literal;
      return c == '`' ? read_raw(out.literal) : read_quoted(c, out.literal);
    } else if ((c >= '0' && c <= '9') || c == '+' || c == '-') {
      out.form = Form::literal;
      return read_number(out.literal);
    } else if (c == '.') {
      out.form = Form::dot;
      if (at_ + 1 == text_.size() || !is_name_char(text_[at_ + 1])) return ++at_, true;
    } else if (is_name_char(c)) {
      return read_name(out);
    } else {
      return refuse(fmt::format("unexpected {} in command", go_quote(rest().substr(0, 1))));
    }
    while (peek() == '.' && at_ + 1 < text_.size() && is_name_char(text_[at_ + 1])) {
      ++at_;
      out.fields.push_back(peek_word());
      at_ += out.fields.back().size();
    }
    return true;
  }

  bool read_name(TemplateOperand& out) {
    const std::string word = peek_word();
    at_ += word.size();
    out.form = TemplateOperand::Form::literal;
    if (word == "true" || word == "false") {
      out.literal = Term::boolean(word == "true");
    } else if (word != "nil") {
      out.form = TemplateOperand::Form::function;
      out.name = word;
    }
    return true;
  }

  bool read_number(Term& out) {
    const std::size_t begin = at_;
    while (is_name_char(peek()) || peek() == '.' || peek() == '+' || peek() == '-') ++at_;
    std::string_view number = text_.substr(begin, at_ - begin);
    const std::string_view spelled = number;
    if (number.starts_with('+')) number.remove_prefix(1);
    if (!is_json_number(number)) return refuse("bad number syntax: " + go_quote(spelled));
    out = make_number(arena_, number);
    return true;
  }

  bool read_raw(Term& out) {
    const std::size_t end = text_.find('`', at_ + 1);
    if (end == std::string_view::npos) return refuse("unterminated raw quoted string");
    out = make_string(arena_, text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return true;
  }

  // "text", or 'c', which is the number of a character.
  bool read_quoted(char quote, Term& out) {
    std::string text;
    for (++at_; peek() != quote;) {
      if (at_ >= text_.size() || peek() == '\n') {
        return refuse(quote == '"' ? "unterminated quoted string"
                                   : "unterminated character constant");
      }
      if (take('\\')) {
        if (!read_escape(text)) return refuse("invalid syntax");
      } else {
        text += text_[at_++];
      }
    }
    ++at_;
    if (quote == '"') {
      out = make_string(arena_, text);
      return true;
    }
    const Rune rune = first_rune(text);
    if (rune.length == 0 || rune.length != text.size())
      return refuse("malformed character constant");
    out = Term::integer(static_cast<std::int64_t>(rune.code));
    return true;
  }

  bool read_escape(std::string& out) {
    constexpr std::string_view kLetters = "abfnrtv\\'\"";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"";
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    if (const auto found = kLetters.find(c); found != std::string_view::npos) {
      out += kMeanings[found];
      return true;
    }
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0 || rest().size() < digits) return false;
    const std::string hex(rest().substr(0, digits));
    if (hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return false;
    const auto code = static_cast<char32_t>(std::stoul(hex, nullptr, 16));
    at_ += digits;
    if (c == 'x') {
      out += static_cast<char>(code);
    } else {
      append_rune(out, code);
    }
    return true;
  }

  Arena& arena_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t loops_ = 0;
  bool trims_next_ = false;
  std::string problem_;
};

}  // namespace

TemplateText parse_template(Arena& arena, std::string_view text) {
  return TemplateParser(arena, text).parse();
}

}  // namespace writ::rego
