#include "evidence/test_doubles.h"

#include <algorithm>
#include <array>

#include "syntax/language.h"
#include "syntax/lex.h"
#include "syntax/token.h"

namespace writ::evidence {
namespace {

using syntax::Token;
using syntax::TokenKind;

constexpr std::array<std::string_view, 5> kNames = {"Dummy", "Fake", "Mock", "Spy", "Stub"};

// FakeClock and fake-like Mock_clock, but not Mocking nor Stubborn.
bool is_double_name(std::string_view name) {
  return std::ranges::any_of(kNames, [&](std::string_view word) {
    if (!name.starts_with(word)) return false;
    const std::string_view rest = name.substr(word.size());
    return rest.empty() || rest[0] == '_' || (rest[0] >= 'A' && rest[0] <= 'Z');
  });
}

class Finder {
 public:
  explicit Finder(const TestSource& source) : source_(source) {
    const syntax::Language* cpp = syntax::language_of("a.cc");
    WRIT_ASSERT(cpp != nullptr);
    const auto spans = syntax::lex(source.text, *cpp);
    tokens_ = syntax::tokenize(source.text, spans);
    std::erase_if(tokens_, [](const Token& token) { return token.kind == TokenKind::comment; });
  }

  void find(std::vector<TestDouble>& out) {
    std::vector<std::pair<std::size_t, int>> open;  // named classes around, with their depth
    int depth = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].is("{")) ++depth;
      if (tokens_[i].is("}")) {
        while (!open.empty() && open.back().second == depth) open.pop_back();
        --depth;
      }
      const bool is_mocked = tokens_[i].text.starts_with("MOCK_") && !open.empty();
      if (is_mocked) add(open.back().first, out);
      const std::size_t brace = body_of_class(i);
      if (brace == tokens_.size()) continue;
      if (is_double_name(tokens_[i + 1].text)) add(i + 1, out);
      open.emplace_back(i + 1, depth + 1);
    }
  }

 private:
  // The `{` of a class that is defined at `i`; the end where none is.
  std::size_t body_of_class(std::size_t i) const {
    const bool is_head = tokens_[i].is("class") || tokens_[i].is("struct");
    const bool is_enum = i > 0 && tokens_[i - 1].is("enum");
    if (!is_head || is_enum || i + 1 >= tokens_.size()) return tokens_.size();
    constexpr std::size_t kLongestHead = 64;
    const std::size_t end = std::min(tokens_.size(), i + kLongestHead);
    for (std::size_t at = i + 2; at < end; ++at) {
      if (tokens_[at].is("{")) return at;
      const bool is_other = tokens_[at].is(";") || tokens_[at].is(")") || tokens_[at].is("=");
      if (is_other) break;
    }
    return tokens_.size();
  }

  void add(std::size_t name, std::vector<TestDouble>& out) const {
    const std::string_view text = tokens_[name].text;
    if (!out.empty() && out.back().path == source_.path && out.back().name == text) return;
    const auto begin = static_cast<std::size_t>(text.data() - source_.text.data());
    const auto line = std::ranges::count(std::string_view(source_.text).substr(0, begin), '\n');
    out.push_back({std::string(text), source_.path, static_cast<std::uint32_t>(line + 1)});
  }

  const TestSource& source_;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<TestDouble> find_test_doubles(std::span<const TestSource> sources) {
  std::vector<TestDouble> out;
  for (const TestSource& source : sources) Finder(source).find(out);
  return out;
}

}  // namespace writ::evidence
