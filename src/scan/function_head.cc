#include "scan/function_head.h"

#include <algorithm>
#include <array>

namespace writ::scan {
namespace {

using Tokens = std::span<const Token>;
constexpr std::size_t kReach = 256;

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
    for (std::size_t i = at_; i > low_ && at_ - i < kLongest; --i) {
      const Token& token = tokens_[i - 1];
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

  bool return_type(FunctionHead& head) {
    bool has_type = is_conversion_;
    bool has_void = false;
    bool has_pointer = false;
    for (std::size_t steps = 0; more() && steps < 64; ++steps, --at_) {
      const Token& token = last();
      if (token.kind == TokenKind::directive || ends_declaration(token)) break;
      if (token.is(">")) {
        has_type = true;
        if (!over_group("<", ">")) return false;
        ++at_;  // the loop steps over one token itself
        continue;
      }
      if (token.is("]") || token.is(")")) {  // attributes, decltype(…), __attribute__((…))
        if (!over_group(token.is("]") ? "[" : "(", token.text)) return false;
        ++at_;
        continue;
      }
      if (token.is("*") || token.is("&") || token.is("&&"))
        has_pointer = true;
      else if (token.kind == TokenKind::word && is_one_of(token.text, kControl)) {
        if (!token.is("constexpr")) return false;
      } else if (token.kind == TokenKind::word) {
        if (token.is("template")) break;
        if (token.is("void") || token.is("auto")) has_void = true;
        if (!is_one_of(token.text, kSpecifiers)) has_type = true;
      } else if (!token.is("::") && token.kind != TokenKind::string) {
        return false;  // an expression: `x = f() {`
      }
    }
    if (!trailing_.empty()) return has_type && judge_trailing(head);
    head.returns = has_void && !has_pointer ? Returns::nothing : Returns::value;
    return has_type;
  }

  static bool ends_declaration(const Token& token) {
    return token.is(";") || token.is("{") || token.is("}") || token.is(":");
  }

  bool judge_trailing(FunctionHead& head) const {
    const bool is_void = trailing_.size() == 1 && trailing_[0].is("void");
    head.returns = is_void ? Returns::nothing : Returns::value;
    return true;
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

}  // namespace writ::scan
