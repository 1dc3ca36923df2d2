#include "syntax/lex.h"

#include <gtest/gtest.h>

namespace writ::syntax {
namespace {

// Every span as "c:…" (comment), "s:…" (string); code is left out.
std::vector<std::string> marked(std::string_view path, std::string_view text) {
  const Language* language = language_of(path);
  EXPECT_NE(language, nullptr) << path;
  std::vector<std::string> out;
  std::size_t end = 0;
  for (const Span& span : lex(text, *language)) {
    EXPECT_EQ(span.begin, end) << "a gap";
    EXPECT_LT(span.begin, span.end);
    end = span.end;
    if (span.region == Region::code) continue;
    out.push_back((span.region == Region::comment ? "c:" : "s:") +
                  std::string(text.substr(span.begin, span.end - span.begin)));
  }
  EXPECT_EQ(end, text.size());
  return out;
}

using Marks = std::vector<std::string>;

struct Case {
  std::string_view path;
  std::string_view text;
  Marks marks;
};

TEST(Lex, TellsCommentsAndStringsApart) {
  const Case cases[] = {
      {"a.cc", "int a; // one\nint b; /* two */", {"c:// one", "c:/* two */"}},
      {"a.cc",
       R"(f("no // comment", '"'); // yes)",
       {R"(s:"no // comment")", R"(s:'"')", "c:// yes"}},
      {"a.cc", R"(f("a\"b"); g('\'');)", {R"(s:"a\"b")", R"(s:'\'')"}},
      {"a.cc", "auto s = R\"x(a )\" // b)x\"; // c", {"s:R\"x(a )\" // b)x\"", "c:// c"}},
      {"a.cc", "auto s = u8R\"(a)\"; auto t = LR\"(b)\";", {"s:u8R\"(a)\"", "s:LR\"(b)\""}},
      {"a.cc", "FOUR\"(a)\";", {"s:\"(a)\""}},
      {"a.cc", "int n = 1'000'000; char c = u8'x';", {"s:'x'"}},
      {"a.cc", "double d = 0x1.8p'3 + .5'5;", {}},
      {"a.cc", "// one \\\n   two\nint a;", {"c:// one \\\n   two"}},
      {"a.cc", "// one \\\r\n two\r\nint a;", {"c:// one \\\r\n two\r"}},
      {"a.cc", "\"a \\\n b\" c", {"s:\"a \\\n b\""}},
      {"a.cc", "#error don't // x\nint a; // y", {"s:'t // x", "c:// y"}},
      {"a.cc",
       "#include <sys//types.h> // z\na < b; // w",
       {"s:<sys//types.h>", "c:// z", "c:// w"}},
      {"a.cc", "a /* never ends", {"c:/* never ends"}},
      {"a.cc", "\"never ends\nint b; // c", {"s:\"never ends", "c:// c"}},
      {"a.rs",
       "fn f<'a>(x: &'a str) { 'x'; '\\n'; r#\"a \" // b\"# } /* a /* b */ c */ // d",
       {"s:'x'", "s:'\\n'", "s:\"a \" // b\"#", "c:/* a /* b */ c */", "c:// d"}},
      {"a.ts", "const a = `x // ${y}\n z`; // b", {"s:`x // ${y}\n z`", "c:// b"}},
      {"a.py", "x = '''a # b\n'''  # c", {"s:'''a # b\n'''", "c:# c"}},
      {"a.py", "x = \"a # b\"  # don't", {"s:\"a # b\"", "c:# don't"}},
      {"a.sh", "echo $# \"#a\" # b", {"s:\"#a\"", "c:# b"}},
      {"a.yaml", "a: don't # b\nc: 'x # y' # d", {"c:# b", "s:'x # y'", "c:# d"}},
      {"CMakeLists.txt", "set(A \"b # c\") # it's d", {"s:\"b # c\"", "c:# it's d"}},
      {"a.sql", "select 'a -- b' -- c", {"s:'a -- b'", "c:-- c"}},
      {"a.css", "a { b: url(//c) } /* d */", {"c:/* d */"}},
  };
  for (const Case& c : cases) EXPECT_EQ(marked(c.path, c.text), c.marks) << c.text;
}

TEST(Lex, CoversBrokenSourceWithoutGaps) {
  const std::string pieces[] = {"R\"",        "\"",   "'",   "/*", "*/", "//", "\\", "\n",
                                "#include <", "r#\"", "1'0", "(",  ")",  "`",  "x",  "\xC3"};
  // Every sequence of three pieces, in every language there is.
  for (const LanguageRow& row : language_table()) {
    for (const auto& a : pieces) {
      for (const auto& b : pieces) {
        for (const auto& c : pieces) {
          const std::string text = a + b + c;
          std::size_t end = 0;
          for (const Span& span : lex(text, row.language)) {
            ASSERT_EQ(span.begin, end) << text;
            ASSERT_LT(span.begin, span.end) << text;
            end = span.end;
          }
          ASSERT_EQ(end, text.size()) << text;
        }
      }
    }
  }
}

TEST(Language, IsChosenByExtensionOrWholeName) {
  EXPECT_EQ(language_of("src/a.CC")->name, "C/C++");
  EXPECT_EQ(language_of("Makefile")->name, "build");
  EXPECT_EQ(language_of("README.md"), nullptr);
  EXPECT_EQ(language_of("no-extension"), nullptr);
  EXPECT_EQ(language_of("a.cc/x"), nullptr);
}

TEST(Language, NamesEachExtensionOnce) {
  std::vector<std::string> seen;
  for (const LanguageRow& row : language_table()) {
    std::string word;
    for (const char c : row.names) {
      if (c != ' ') {
        word += c;
      } else if (!word.empty()) {
        EXPECT_EQ(std::count(seen.begin(), seen.end(), word), 0) << word;
        seen.push_back(std::exchange(word, {}));
      }
    }
  }
  EXPECT_GT(seen.size(), 50u);
}

TEST(TestPath, IsToldByFoldersAndNames) {
  for (const auto* path : {"tests/a.cc", "src/base/testing/fake_clock.h", "src/a_test.cc",
                           "test_a.py", "web/a.spec.ts", "src/FooTest.java"}) {
    EXPECT_TRUE(is_test_path(path)) << path;
  }
  for (const auto* path : {"src/a.cc", "src/latest/a.cc", "src/contest.cc", "src/attestation.cc"}) {
    EXPECT_FALSE(is_test_path(path)) << path;
  }
}

}  // namespace
}  // namespace writ::syntax
