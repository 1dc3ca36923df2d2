#include "evidence/gtest_sources.h"

#include <algorithm>
#include <array>
#include <set>

#include "evidence/assertion.h"
#include "evidence/markdown.h"
#include "evidence/shortlist.h"
#include "syntax/display.h"
#include "syntax/function_head.h"
#include "syntax/language.h"
#include "syntax/lex.h"

namespace writ::evidence {
namespace {

using syntax::Token;
using syntax::TokenKind;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// A source as tokens without comments, each bracket knowing its partner.
struct Code {
  const TestSource* source = nullptr;
  std::vector<Token> tokens;
  std::vector<std::size_t> partner;  // of an opening bracket; kNone: never closed

  std::size_t offset(std::size_t i) const {
    return static_cast<std::size_t>(tokens[i].text.data() - source->text.data());
  }
  bool is(std::size_t i, std::string_view text) const {
    return i < tokens.size() && tokens[i].is(text);
  }
};

void pair_brackets(Code& code) {
  code.partner.assign(code.tokens.size(), kNone);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < code.tokens.size(); ++i) {
    const Token& token = code.tokens[i];
    if (token.is("(") || token.is("{")) open.push_back(i);
    if (!token.is(")") && !token.is("}")) continue;
    const std::string_view wanted = token.is(")") ? "(" : "{";
    // A bracket that does not fit closes nothing: conditional code leaves some open.
    if (open.empty() || !code.tokens[open.back()].is(wanted)) continue;
    code.partner[open.back()] = i;
    open.pop_back();
  }
}

Code read_code(const TestSource& source) {
  Code code;
  code.source = &source;
  const syntax::Language* cpp = syntax::language_of("a.cc");
  WRIT_ASSERT(cpp != nullptr);
  const auto spans = syntax::lex(source.text, *cpp);
  code.tokens = syntax::tokenize(source.text, spans);
  std::erase_if(code.tokens, [](const Token& token) { return token.kind == TokenKind::comment; });
  pair_brackets(code);
  return code;
}

// What a function that asserts lends to its callers.
struct Helper {
  std::set<std::string> fields;
  bool is_status_only = true;
};
using Helpers = std::map<std::string, Helper, std::less<>>;

// Lines by offset; offsets come in ascending order.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text) {}
  std::uint32_t line_of(std::size_t offset) {
    if (offset < at_) at_ = 0, line_ = 1;
    line_ += static_cast<std::uint32_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                   text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    at_ = offset;
    return line_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

// The assertions between two tokens: macros, and calls of helpers.
std::vector<Assertion> assertions_in(const Code& code, std::size_t first, std::size_t last,
                                     const Helpers& helpers, LineCounter& lines) {
  std::vector<Assertion> out;
  for (std::size_t i = first; i + 1 < last; ++i) {
    const Token& token = code.tokens[i];
    if (token.kind != TokenKind::word || !code.is(i + 1, "(")) continue;
    const std::size_t close = code.partner[i + 1];
    if (close == kNone || close > last) continue;
    const auto helper = helpers.find(token.text);
    const bool is_macro = is_assertion_macro(token.text);
    if (!is_macro && helper == helpers.end()) continue;
    Assertion assertion;
    assertion.kind = token.text;
    assertion.line = lines.line_of(code.offset(i));
    const std::size_t begin = code.offset(i + 1) + 1;
    assertion.text = syntax::displayed(
        std::string_view(code.source->text).substr(begin, code.offset(close) - begin), 200);
    if (is_macro) {
      const Tokens arguments = Tokens(code.tokens).subspan(i + 2, close - i - 2);
      assertion.fields = asserted_fields(arguments);
      assertion.is_status_only = looks_at_status_only(token.text, arguments);
    } else {
      assertion.fields.assign(helper->second.fields.begin(), helper->second.fields.end());
      assertion.is_status_only = helper->second.is_status_only;
    }
    out.push_back(std::move(assertion));
  }
  return out;
}

struct Function {
  const Code* code = nullptr;
  std::string name;  // the last part
  std::size_t open = 0;
  std::size_t close = 0;
};

std::vector<Function> functions_of(const Code& code) {
  std::vector<Function> out;
  for (std::size_t i = 0; i < code.tokens.size(); ++i) {
    if (!code.tokens[i].is("{") || code.partner[i] == kNone) continue;
    const auto head = syntax::function_head(code.tokens, i);
    if (!head || head->is_operator) continue;
    out.push_back({&code, head->name.substr(head->name.rfind(':') + 1), i, code.partner[i]});
  }
  return out;
}

// Functions that hold assertions, or call such functions, eight deep: enough for people, and the
// work stays linear.
Helpers find_helpers(const std::vector<Code>& codes) {
  std::vector<Function> functions;
  for (const Code& code : codes) {
    for (Function& function : functions_of(code)) functions.push_back(std::move(function));
  }
  Helpers helpers;
  std::size_t known = kNone;
  for (int round = 0; round < 8 && known != helpers.size(); ++round) {
    known = helpers.size();
    Helpers next;
    for (const Function& f : functions) {
      LineCounter lines(f.code->source->text);
      for (const Assertion& a : assertions_in(*f.code, f.open, f.close, helpers, lines)) {
        Helper& helper = next[f.name];
        helper.fields.insert(a.fields.begin(), a.fields.end());
        helper.is_status_only = helper.is_status_only && a.is_status_only;
      }
    }
    helpers = std::move(next);
  }
  return helpers;
}

bool is_test_macro(std::string_view word) {
  constexpr std::array<std::string_view, 8> kMacros{
      "TEST",       "TEST_F",       "TEST_P",        "GTEST_TEST",
      "TYPED_TEST", "TYPED_TEST_P", "RC_GTEST_PROP", "RC_GTEST_FIXTURE_PROP"};
  return std::find(kMacros.begin(), kMacros.end(), word) != kMacros.end();
}

void read_tests(const Code& code, const Helpers& helpers, std::vector<SourceTest>& out) {
  LineCounter lines(code.source->text);
  for (std::size_t i = 0; i + 5 < code.tokens.size(); ++i) {
    if (!is_test_macro(code.tokens[i].text) || !code.is(i + 1, "(") || !code.is(i + 3, ",")) {
      continue;
    }
    const std::size_t close = code.partner[i + 1];
    if (close == kNone || !code.is(close + 1, "{")) continue;
    SourceTest test;
    test.suite = code.tokens[i + 2].text;
    test.name = code.tokens[i + 4].text;
    test.path = code.source->path;
    test.line = lines.line_of(code.offset(i));
    test.is_disabled = test.name.starts_with("DISABLED_") || test.suite.starts_with("DISABLED_");
    const std::size_t end = code.partner[close + 1];
    const std::size_t last = end == kNone ? code.tokens.size() : end;
    test.assertions = assertions_in(code, close + 1, last, helpers, lines);
    out.push_back(std::move(test));
  }
}

// "KeepsThePriceOrder" -> "keeps the price order"
std::string sentence(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool next_is_lower = i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z';
    const bool begins_word = is_upper && (next_is_lower || (i > 0 && name[i - 1] >= 'a'));
    if (c == '_' || (begins_word && i > 0 && out.back() != ' ')) out += ' ';
    if (c != '_') out += is_upper && next_is_lower ? static_cast<char>(c + 32) : c;
  }
  return out;
}

std::string joined(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

std::string SourceTest::contract() const { return suite + ": " + sentence(name); }

std::vector<std::string> SourceTest::fields() const {
  std::set<std::string> all;
  for (const Assertion& assertion : assertions) {
    all.insert(assertion.fields.begin(), assertion.fields.end());
  }
  return {all.begin(), all.end()};
}

bool SourceTest::is_status_only() const {
  return !assertions.empty() && std::all_of(assertions.begin(), assertions.end(),
                                            [](const Assertion& a) { return a.is_status_only; });
}

std::vector<SourceTest> read_gtest_sources(std::span<const TestSource> sources) {
  std::vector<Code> codes;
  codes.reserve(sources.size());
  for (const TestSource& source : sources) codes.push_back(read_code(source));
  const Helpers helpers = find_helpers(codes);
  std::vector<SourceTest> tests;
  for (const Code& code : codes) read_tests(code, helpers, tests);
  return tests;
}

Draft test_evidence(std::string_view name, std::span<const SourceTest> tests,
                    std::span<const store::BlobRef> table) {
  Shortlist faulty(12'000);
  std::size_t status_only = 0;
  std::size_t assertion_free = 0;
  for (const SourceTest& test : tests) {
    if (!test.is_status_only() && !test.is_assertion_free()) continue;
    ++(test.is_status_only() ? status_only : assertion_free);
    faulty.add(Object{{"name", syntax::displayed(test.full_name(), 300)},
                      {"path", syntax::displayed(test.path, 300)},
                      {"line", test.line},
                      {"fault", test.is_status_only() ? "status_only" : "assertion_free"}});
  }
  Draft draft;
  draft.kind = Kind::test_evidence;
  draft.name = name;
  draft.data = Object{{"total", tests.size()},
                      {"status_only", status_only},
                      {"assertion_free", assertion_free},
                      {"faulty", faulty.take()},
                      {"faulty_not_listed", faulty.not_listed()}};
  draft.facts = {{"test_evidence.total", tests.size()},
                 {"test_evidence.status_only", status_only},
                 {"test_evidence.assertion_free", assertion_free}};
  draft.blobs.assign(table.begin(), table.end());
  return draft;
}

std::string test_evidence_markdown(std::span<const SourceTest> tests,
                                   const ProvedCriteria& criteria) {
  std::vector<std::vector<std::string>> rows;
  for (const SourceTest& test : tests) {
    const auto proved = criteria.find(test.full_name());
    const std::string verdict = test.is_assertion_free() ? "**asserts nothing**"
                                : test.is_status_only()  ? "**asserts a status only**"
                                                         : markdown_text(joined(test.fields()));
    rows.push_back({markdown_code(test.full_name()), markdown_text(test.contract()), verdict,
                    std::to_string(test.assertions.size()),
                    proved == criteria.end() ? "" : markdown_text(joined(proved->second))});
  }
  const std::vector<std::string> head{"test", "contract proved", "fields asserted", "assertions",
                                      "criteria"};
  return markdown_table(head, rows);
}

}  // namespace writ::evidence
