#include "syntax/function_head.h"

#include <algorithm>
#include <array>

namespace writ::syntax {
namespace {

using Tokens = std::span<const Token>;
constexpr std::size_t kReach = 160;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What may stand between the parameters and the body.
constexpr std::array<std::string_view, 9> kQualifiers{
    "const", "volatile", "noexcept", "override", "final", "mutable", "try", "&", "&&"};
constexpr std::array<std::string_view, 5> kQualifierCalls{"noexcept", "throw", "__attribute__",
                                                          "requires", "alignas"};
// Words that look like a function's name, or like its return type, and are neither.
constexpr std::array<std::string_view, 17> kControl{
    "if",        "for",      "while", "switch",    "catch",         "return",
    "sizeof",    "decltype", "throw", "constexpr", "static_assert", "new",
    "co_return", "co_await", "else",  "do",        "case"};
constexpr std::array<std::string_view, 10> kSpecifiers{
    "static", "inline", "virtual",  "constexpr", "consteval",
    "friend", "extern", "explicit", "typename",  "__extension__"};

class Reader {
 public:
  Reader(Tokens tokens, std::size_t brace)
      : tokens_(tokens), at_(brace), low_(brace > kReach ? brace - kReach : 0) {}

  std::optional<FunctionHead> read() {
    if (!to_parameters()) return std::nullopt;
    if (!over_group("(", ")")) return std::nullopt;
    FunctionHead head;
    if (!name(head) || !return_type(head)) return std::nullopt;
    return head;
  }

 private:
  bool more() const { return at_ > low_; }
  const Token& last() const { return tokens_[at_ - 1]; }

  // Leaves at_ just behind the `)` of the parameter list.
  bool to_parameters() {
    while (more()) {
      if (is_one_of(last().text, kQualifiers) || is_macro(last())) {
        --at_;
      } else if (last().is(")")) {
        const std::size_t end = at_;
        if (!over_group("(", ")") || !more()) return false;
        if (!is_qualifier_call()) {
          at_ = end;
          return true;
        }
        --at_;
      } else if (!over_trailing_type()) {
        return false;
      }
    }
    return false;
  }

  // noexcept(…), __attribute__((…)), or a macro between the parameters and the body.
  bool is_qualifier_call() const {
    if (is_one_of(last().text, kQualifierCalls)) return true;
    if (!is_macro(last()) || at_ < low_ + 2) return false;
    const Token& before = tokens_[at_ - 2];
    return before.is(")") || is_one_of(before.text, kQualifiers) || is_macro(before);
  }

  static bool is_macro(const Token& token) {
    return token.kind == TokenKind::word && token.text.size() > 2 &&
           std::none_of(token.text.begin(), token.text.end(),
                        [](char c) { return c >= 'a' && c <= 'z'; });
  }

  // `-> std::vector<int>`
  bool over_trailing_type() {
    constexpr std::size_t kLongest = 40;
    std::size_t depth = 0;
    for (std::size_t i = at_; i > low_ && at_ - i < kLongest; --i) {
      const Token& token = tokens_[i - 1];
      if (token.is(")")) ++depth;
      if (token.is("(") && depth-- == 0) return false;  // the brace stands inside the type
      if (token.is("->")) {
        trailing_ = Tokens(&tokens_[i], at_ - i);
        at_ = i - 1;
        return true;
      }
      if (token.is(";") || token.is("{") || token.is("}") || token.is("=")) return false;
    }
    return false;
  }

  // Steps back over a bracketed group; `>` and `<` count like the others.
  bool over_group(std::string_view open, std::string_view close) {
    std::size_t depth = 0;
    while (more()) {
      const Token& token = last();
      --at_;
      if (token.is(close)) ++depth;
      if (token.is(open) && --depth == 0) return true;
      if (token.is(";") && close == ">") return false;
    }
    return false;
  }

  bool name(FunctionHead& head) {
    const std::size_t end = at_;
    if (!more()) return false;
    if (operator_name(head, end)) return true;
    if (last().is(">") && !over_group("<", ">")) return false;
    if (!more() || last().kind != TokenKind::word || is_one_of(last().text, kControl)) return false;
    if (is_macro(last())) return false;
    const std::string_view own = last().text;
    --at_;
    std::string_view owner;
    while (more() && last().is("::")) {
      --at_;
      if (more() && last().is(">") && !over_group("<", ">")) return false;
      if (!more() || last().kind != TokenKind::word) break;
      if (owner.empty()) owner = last().text;
      --at_;
    }
    if (more() && last().is("~")) return false;
    if (own == owner) return false;  // a constructor
    set_name(head, end);
    return true;
  }

  // `operator` stands at most three tokens before the parameters: operator(), operator==.
  bool operator_name(FunctionHead& head, std::size_t end) {
    for (std::size_t i = end; i > low_ && end - i < 4; --i) {
      if (!tokens_[i - 1].is("operator")) continue;
      at_ = i - 1;
      // A conversion has its type behind the word `operator` and none before.
      is_conversion_ = i < end && tokens_[i].kind == TokenKind::word;
      while (at_ > low_ + 1 && last().is("::")) at_ -= 2;
      set_name(head, end);
      head.is_operator = true;
      return true;
    }
    return false;
  }

  void set_name(FunctionHead& head, std::size_t end) {
    head.first = at_;
    for (std::size_t i = at_; i < end; ++i) head.name += tokens_[i].text;
  }

  // What has been read of a return type, from its end.
  struct Type {
    bool is_stated = false;
    bool may_be_void = false;
    bool is_pointer = false;
    bool has_words = false;
  };
  enum class Step : std::uint8_t { on, end, wrong };

  bool return_type(FunctionHead& head) {
    Type type;
    type.is_stated = is_conversion_;
    Step step = Step::on;
    for (std::size_t steps = 0; step == Step::on && more() && steps < 64; ++steps) {
      step = type_token(type);
    }
    if (step == Step::wrong || !type.is_stated) return false;
    if (!trailing_.empty()) {
      const bool is_void = trailing_.size() == 1 && trailing_[0].is("void");
      head.returns = is_void ? Returns::nothing : Returns::value;
    } else {
      const bool is_void = type.may_be_void && !type.is_pointer;
      head.returns = is_void ? Returns::nothing : Returns::value;
    }
    return true;
  }

  // Steps over one token of the type, or over one bracketed group.
  Step type_token(Type& type) {
    const Token& token = last();
    if (token.kind == TokenKind::directive || ends_declaration(token)) return Step::end;
    if (token.is(">")) {
      type.is_stated = true;
      return over_group("<", ">") ? Step::on : Step::wrong;
    }
    // attributes, decltype(…), __attribute__((…))
    if (token.is("]")) return over_group("[", "]") ? Step::on : Step::wrong;
    if (token.is(")")) return over_group("(", ")") ? Step::on : Step::wrong;
    --at_;
    if (token.kind == TokenKind::word) return type_word(token, type);
    const bool is_pointer = token.is("*") || token.is("&") || token.is("&&");
    type.is_pointer = type.is_pointer || is_pointer;
    const bool belongs = is_pointer || token.is("::") || token.kind == TokenKind::string;
    return belongs ? Step::on : Step::wrong;  // wrong: an expression, `x = f() {`
  }

  static Step type_word(const Token& token, Type& type) {
    if (token.is("template")) return Step::end;
    if (is_one_of(token.text, kControl) && !token.is("constexpr")) return Step::wrong;
    // auto, and the type that enable_if or a trait gives, may well be void.
    const bool is_dependent = token.is("type") && !type.has_words;
    if (token.is("void") || token.is("auto") || is_dependent ||
        token.text.find("able_if") != std::string_view::npos) {
      type.may_be_void = true;
    }
    // A macro alone is no type to judge by: it may be `constexpr` under another name.
    if (!is_one_of(token.text, kSpecifiers) && !is_macro(token)) type.is_stated = true;
    type.has_words = true;
    return Step::on;
  }

  static bool ends_declaration(const Token& token) {
    return token.is(";") || token.is("{") || token.is("}") || token.is(":");
  }

  Tokens tokens_;
  std::size_t at_;  // tokens before this index are still to be read
  std::size_t low_;
  Tokens trailing_;
  bool is_conversion_ = false;
};

}  // namespace

std::optional<FunctionHead> function_head(std::span<const Token> tokens, std::size_t brace) {
  return Reader(tokens, brace).read();
}

}  // namespace writ::syntax
