#include "scan/pass_only.h"

#include <gtest/gtest.h>

#include "scan/scan.h"

namespace writ::scan {
namespace {

// "line:column message" of each pass-only finding.
std::vector<std::string> found(std::string_view path, std::string_view text) {
  ScanOptions options;
  options.rules = {"pass-only-body"};
  const auto findings = scan_text(path, text, options);
  EXPECT_TRUE(findings) << findings.error().text();
  std::vector<std::string> out;
  for (const Finding& f : *findings) {
    out.push_back(std::to_string(f.at.line) + ":" + std::to_string(f.at.column) + " " + f.message);
  }
  return out;
}

TEST(PassOnlyBody, FindsTheReturnThatPutsWorkOff) {
  const std::string text =
      "#include \"book.h\"\n\nResult<void> Book::cancel(OrderId) {\n"
      "  return {};        // cancel later\n}\n";
  ScanOptions options;
  options.rules = {"zero-tolerance"};
  const auto findings = scan_text("src/book.cc", text, options);
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 1u);
  const Finding& finding = findings->front();
  EXPECT_EQ(finding.rule, "pass-only-body");
  EXPECT_EQ(finding.at, (Position{4, 3}));
  EXPECT_EQ(finding.length, std::string_view("return {};").size());
  EXPECT_EQ(finding.message, "Book::cancel returns without doing anything");
  EXPECT_EQ(finding.line, "  return {};        // cancel later");
}

// Some literals are split, so that a scan of this file finds nothing in them.
TEST(PassOnlyBody, FindsFunctionsThatPretend) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"int f(int x) {}", "1:14 f has an empty body but promises a value"},
      {"int f(int x) { (void)x; }", "1:16 f has an empty body but promises a value"},
      {"std::vector<int> A::b() const noexcept(true) {}",
       "1:46 A::b has an empty body but promises a value"},
      {"auto f() -> std::vector<int> {}", "1:30 f has an empty body but promises a value"},
      {"template <typename T>\nT* get() {}", "2:10 get has an empty body but promises a value"},
      {"void f(int x) {\n  // send x to the server\n}", "2:3 f holds nothing but a comment"},
      {"void f() override { /* later */ }", "1:21 f does nothing but promise"},
      {"bool f() { return false; }  // not "
       "implemented",
       "1:12 f returns without doing anything"},
      {"std::optional<A> f(int a) {\n  (void)a;\n  return std::nullopt; // pending\n}",
       "2:3 f returns without doing anything"},
      {"int f() { throw std::logic_error(\"not "
       "implemented\"); }",
       "1:11 f only says that it is not done"},
      {"int f() { assert(false && \"unimple"
       "mented\"); }",
       "1:11 f only says that it is not done"},
      {"int f() { std::abort();  /* for now */ }", "1:11 f only says that it is not done"},
      {"struct A { Status close() LOCKS(mu_) { return Status::OK(); /* for now */ } };",
       "1:40 close returns without doing anything"},
      {"bool operator==(const A&) { return true; } // later",
       "1:29 operator== returns without doing anything"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(found("a.cc", text), std::vector<std::string>{std::string(expected)}) << text;
  }
}

TEST(PassOnlyBody, LeavesWhatAReviewerWouldLeave) {
  const std::string_view cases[] = {
      "A::A() {}",
      "A::A(int x) : x_(x), y_{x} {}",
      "A::~A() {}",
      "explicit A(int x) : Base<int>(x) { /* members only */ }",
      "~A() override { /* members first */ }",
      "void on_event(const Event&) override {}",
      "void f() {  // nothing to do\n}",
      "void f() { /* intentionally empty */ }",
      "void write(int) { (void)0; }",
      "bool empty() const { return false; }",
      "std::optional<int> get() { return std::nullopt; }  // never has one",
      "int f() { throw std::logic_error(\"negative\"); }",
      "auto g = [](int x) { /* a lambda */ };",
      "auto g = [&] { return 0; /* later */ };",
      "auto g = [](int) -> int { return 0; /* later */ };",
      "TEST(A, B) {}",
      "int main() {}",
      "if (x) { /* later */ }",
      "while (next()) {}",
      "for (;;) { /* spin later */ }",
      "try { f(); } catch (const E&) { /* later */ }",
      "else if (x(y)) { /* later */ }",
      "int f() {\n#ifdef A\n  work();\n#endif\n}",
      "#define F() int f() { return 0; /* later */ }",
      "int x = f() { };",
      "struct A { int x; };",
      "int a[] = {0};",
      "return f(x) {};",
      "int f();  // later",
      "int f() { return compute(); }  // later",
      "int f() { x = 1; return 0; /* later */ }",
      "A& operator=(const A&) = default;",
      "bool operator()(int) {}",
      "namespace a { /* later */ }",
      "extern \"C\" { /* later */ }",
  };
  for (const std::string_view text : cases) {
    EXPECT_EQ(found("a.cc", text), std::vector<std::string>{}) << text;
  }
}

TEST(PassOnlyBody, KnowsPython) {
  EXPECT_EQ(found("a.py", "def f(x):\n    pass\n"),
            std::vector<std::string>{"2:5 f passes without doing anything"});
  EXPECT_EQ(found("a.py",
                  "class A:\n  async def g(\n    self,\n  ) -> int:\n    \"\"\"Doc.\"\"\"\n"
                  "    # later\n    ...\n\nx = 1\n"),
            std::vector<std::string>{"7:5 g passes without doing anything"});
  for (const std::string_view text :
       {"@abstractmethod\ndef f(x):\n    pass\n", "@typing.overload\ndef f(x):\n    ...\n",
        "class E(Exception):\n    pass\n", "def f(x):\n    pass\n    return x\n",
        "def f(x):\n    try:\n        g()\n    except E:\n        pass\n", "def f(): return 1\n"}) {
    EXPECT_EQ(found("a.py", text), std::vector<std::string>{}) << text;
  }
}

}  // namespace
}  // namespace writ::scan
