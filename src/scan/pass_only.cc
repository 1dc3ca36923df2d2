#include "scan/pass_only.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>

#include "syntax/function_head.h"
#include "syntax/token.h"

namespace writ::scan {
namespace {

using syntax::function_head;
using syntax::FunctionHead;
using syntax::Returns;
using syntax::Span;
using syntax::Token;
using syntax::tokenize;
using syntax::TokenKind;

using Tokens = std::span<const Token>;

bool says(std::string_view comment, const re2::RE2& what) {
  return re2::RE2::PartialMatch(re2::StringPiece(comment.data(), comment.size()), what);
}

re2::RE2::Options options() {
  re2::RE2::Options o;
  o.set_encoding(re2::RE2::Options::EncodingLatin1);
  o.set_case_sensitive(false);
  return o;
}

// The work is still to come.
const re2::RE2& telling() {
  static const re2::RE2 regex(
      R"(\b(later|todo|fixme|xxx|hack|stub(bed)?|not\s+(yet\s+)?(implemented|done|finished)|)"
      R"(un-?implemented|implement\s+(me|this|it)|(must|should|needs?\s+to|have\s+to|to)\s+)"
      R"((be\s+)?implement(ed)?|placeholder|for\s+now|for\s+the\s+moment|temporar\w*|pending|)"
      R"(to\s+be\s+(done|added|written|filled|completed|defined|decided|determined)|dummy|fake|)"
      R"(mock|unfinished|incomplete|wip|tbd|not\s+\w+\s+yet)\b)",
      options());
  return regex;
}

// Nothing is to be done, and the author says so.
const re2::RE2& intended() {
  static const re2::RE2 regex(
      R"(\b(intentional\w*|deliberate\w*|on\s+purpose|by\s+design|nothing|no[- ]?op\w*|none|empty|)"
      R"(no\s+\w+\s+(needed|required|necessary|here)|un(used|necessary|needed|reachable)|)"
      R"(not\s+(used|needed|necessary|required|supported|applicable|allowed|possible|called)|)"
      R"(never\s+\w+|needn't|need\s+not|ignor(e|es|ed|ing)|default\w*|(do|does)(n't|\s+not)\s+\w+|)"
      R"(overrid\w*|inherited|subclass\w*|derived|already|handled|trivial\w*|discard\w*|swallow\w*|)"
      R"(optional|suppress\w*|only\s+\w+|no\s+\w+|always|base\s+case|compatib\w*|kept\s+for))",
      options());
  return regex;
}

const re2::RE2& unimplemented() {
  static const re2::RE2 regex(
      R"((not\s*_?(yet\s*)?_?implemented|un-?implemented|\btodo\b|\bstub\b|implement\s+me))",
      options());
  return regex;
}

// A body as seen from its `{`: what it comes to, and where.
struct Body {
  enum class Does : std::uint8_t { nothing, returns_constant, gives_up, work } does = Does::work;
  Tokens code;                  // between the braces, comments aside
  std::vector<Token> comments;  // inside, and behind on the lines it ends on
};

// Cursor over the statements of a short body.
class Statements {
 public:
  explicit Statements(Tokens tokens) : rest_(tokens) {}

  Body::Does judge() {
    while (discard()) {
    }
    if (rest_.empty()) return Body::Does::nothing;
    if (returns_constant()) return Body::Does::returns_constant;
    if (gives_up()) return Body::Does::gives_up;
    return Body::Does::work;
  }

 private:
  bool starts_with(std::initializer_list<std::string_view> words) const {
    return rest_.size() >= words.size() &&
           std::equal(words.begin(), words.end(), rest_.begin(),
                      [](std::string_view word, const Token& token) { return token.is(word); });
  }

  // `(void)x;` `static_cast<void>(x);` `std::ignore = x;` `Q_UNUSED(x);`
  bool discard() {
    const bool is_discard = starts_with({"(", "void", ")"}) ||
                            starts_with({"static_cast", "<", "void", ">"}) ||
                            starts_with({"std", "::", "ignore", "="}) ||
                            starts_with({"Q_UNUSED", "("}) || starts_with({"UNUSED", "("});
    return (is_discard || starts_with({";"})) && over(";");
  }

  bool over(std::string_view end) {
    const auto found =
        std::find_if(rest_.begin(), rest_.end(), [&](const Token& token) { return token.is(end); });
    if (found == rest_.end()) return false;
    rest_ = rest_.subspan(static_cast<std::size_t>(found - rest_.begin()) + 1);
    return true;
  }

  // One statement and nothing behind it.
  bool is_last_statement() const {
    const auto end =
        std::find_if(rest_.begin(), rest_.end(), [](const Token& token) { return token.is(";"); });
    return end != rest_.end() && end + 1 == rest_.end();
  }

  bool returns_constant() const {
    if (!is_last_statement() || !(rest_[0].is("return") || rest_[0].is("co_return"))) return false;
    return is_constant(rest_.subspan(1, rest_.size() - 2));
  }

  static bool is_constant(Tokens value) {
    if (value.empty()) return true;
    if (value.size() == 2 && value[0].is("-")) value = value.subspan(1);
    if (value.size() == 1) {
      constexpr std::array<std::string_view, 5> kWords{"true", "false", "nullptr", "NULL",
                                                       "nullopt"};
      return value[0].kind == TokenKind::number || value[0].kind == TokenKind::string ||
             std::find(kWords.begin(), kWords.end(), value[0].text) != kWords.end();
    }
    if (value.size() == 3 && value[0].is("std") && value[2].is("nullopt")) return true;
    // `{}`, `T{}`, `std::string()`, `Status::OK()`
    const std::size_t n = value.size();
    if (value[n - 2].is("{") && value[n - 1].is("}")) return true;
    if (!value[n - 2].is("(") || !value[n - 1].is(")") || n < 3) return false;
    return value[0].is("std") || value[n - 3].is("OK") || value[n - 3].is("OkStatus");
  }

  bool gives_up() const {
    if (!is_last_statement()) return false;
    constexpr std::array<std::string_view, 7> kEnds{
        "throw", "assert", "abort", "terminate", "unreachable", "__builtin_trap", "panic"};
    const Token& first = rest_[0].is("std") && rest_.size() > 2 ? rest_[2] : rest_[0];
    return std::find(kEnds.begin(), kEnds.end(), first.text) != kEnds.end();
  }

  Tokens rest_;
};

class Finder {
 public:
  Finder(std::string_view text, std::span<const Span> spans)
      : text_(text), all_(tokenize(text, spans)) {
    code_.reserve(all_.size());
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (all_[i].kind == TokenKind::comment) continue;
      code_.push_back(all_[i]);
      origin_.push_back(i);
    }
  }

  std::vector<PassOnlyBody> run() {
    for (std::size_t i = 0; i < code_.size(); ++i) {
      if (code_[i].is("{")) look(i);
    }
    return std::move(found_);
  }

 private:
  void look(std::size_t open) {
    const std::size_t close = closing_brace(open);
    if (close == 0) return;
    Body body;
    body.code = Tokens(code_).subspan(open + 1, close - open - 1);
    body.does = Statements(body.code).judge();
    if (body.does == Body::Does::work) return;
    const auto head = function_head(code_, open);
    if (!head || is_constructor(head->name)) return;
    collect_comments(body, open, close);
    const std::string message = verdict(body, *head);
    if (!message.empty()) report(body, open, message);
  }

  // By the name of a class of this file, whatever macros stand before it.
  bool is_constructor(std::string_view name) {
    if (classes_.empty()) collect_classes();
    return classes_.contains(name);
  }

  void collect_classes() {
    classes_.insert("");  // collected
    for (std::size_t i = 0; i + 1 < code_.size(); ++i) {
      if (!code_[i].is("class") && !code_[i].is("struct") && !code_[i].is("union")) continue;
      // The words behind it: macros, attributes' names, and the class's own name last.
      for (std::size_t k = i + 1; k < code_.size() && code_[k].kind == TokenKind::word; ++k) {
        classes_.insert(code_[k].text);
      }
    }
  }

  // The `}` of a body short enough to be judged; 0: none, or a directive stands inside.
  std::size_t closing_brace(std::size_t open) const {
    constexpr std::size_t kLongest = 48;
    std::size_t depth = 0;
    for (std::size_t i = open; i < code_.size() && i - open < kLongest; ++i) {
      if (code_[i].kind == TokenKind::directive) return 0;
      if (code_[i].is("{")) ++depth;
      if (code_[i].is("}") && --depth == 0) return i;
    }
    return 0;
  }

  void collect_comments(Body& body, std::size_t open, std::size_t close) const {
    for (std::size_t i = origin_[open] + 1; i < origin_[close]; ++i) {
      if (all_[i].kind == TokenKind::comment) body.comments.push_back(all_[i]);
    }
    // Behind the closing brace, on its line: `int f() { return 0; }  // later`
    std::size_t end = end_of(all_[origin_[close]]);
    for (std::size_t i = origin_[close] + 1; i < all_.size(); ++i) {
      const std::size_t begin = begin_of(all_[i]);
      if (all_[i].kind != TokenKind::comment ||
          text_.substr(end, begin - end).find('\n') != std::string_view::npos) {
        return;
      }
      body.comments.push_back(all_[i]);
      end = end_of(all_[i]);
    }
  }

  static bool any_says(const Body& body, const re2::RE2& what) {
    return std::any_of(body.comments.begin(), body.comments.end(),
                       [&](const Token& comment) { return says(comment.text, what); });
  }

  // What to say about it; empty: nothing.
  static std::string verdict(const Body& body, const FunctionHead& head) {
    const bool is_telling = any_says(body, telling());
    switch (body.does) {
      case Body::Does::nothing:
        return empty_verdict(body, head, is_telling);
      case Body::Does::returns_constant:
        return is_telling ? head.name + " returns without doing anything" : std::string();
      case Body::Does::gives_up:
        if (!is_telling && !std::any_of(body.code.begin(), body.code.end(), [](const Token& t) {
              return says(t.text, unimplemented());
            })) {
          return {};
        }
        return head.name + " only says that it is not done";
      case Body::Does::work:
        break;
    }
    return {};
  }

  static std::string empty_verdict(const Body& body, const FunctionHead& head, bool is_telling) {
    if (is_telling) return head.name + " does nothing but promise";
    if (any_says(body, intended()) || head.name == "main") return {};
    const bool is_bare = body.code.empty();
    if (!body.comments.empty() && is_bare) return head.name + " holds nothing but a comment";
    if (head.returns == Returns::value && !head.is_operator) {
      return head.name + " has an empty body but promises a value";
    }
    return {};
  }

  void report(const Body& body, std::size_t open, std::string message) {
    PassOnlyBody found;
    found.message = std::move(message);
    const Token* first = &code_[open];
    std::size_t end = end_of(*first);
    if (!body.code.empty()) {
      first = &body.code.front();
      end = end_of(body.code.back());
    } else if (!body.comments.empty()) {
      first = &body.comments.front();
      end = end_of(*first);
    }
    found.begin = begin_of(*first);
    const std::string_view extent = text_.substr(found.begin, end - found.begin);
    found.length = std::min(extent.find('\n'), extent.size());
    found_.push_back(std::move(found));
  }

  std::size_t begin_of(const Token& token) const {
    return static_cast<std::size_t>(token.text.data() - text_.data());
  }
  std::size_t end_of(const Token& token) const { return begin_of(token) + token.text.size(); }

  std::string_view text_;
  std::vector<Token> all_;
  std::vector<Token> code_;          // without comments
  std::vector<std::size_t> origin_;  // index in all_ of each of code_
  std::set<std::string_view> classes_;
  std::vector<PassOnlyBody> found_;
};

}  // namespace

std::vector<PassOnlyBody> find_pass_only_bodies(std::string_view text,
                                                std::span<const Span> spans) {
  return Finder(text, spans).run();
}

}  // namespace writ::scan
