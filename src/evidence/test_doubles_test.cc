#include "evidence/test_doubles.h"

#include <gtest/gtest.h>

namespace writ::evidence {
namespace {

// "name:line …" of what is found in one source.
std::string found(std::string text) {
  const TestSource source{"a_test.cc", std::move(text)};
  std::string out;
  for (const TestDouble& one : find_test_doubles(std::span(&source, 1))) {
    out += (out.empty() ? "" : " ") + one.name + ":" + std::to_string(one.line);
  }
  return out;
}

TEST(TestDoubles, AreClassesByTheirNames) {
  EXPECT_EQ(found("class FakeClock : public Clock {};\nstruct StubStore final {};\n"),
            "FakeClock:1 StubStore:2");
  EXPECT_EQ(found("\nstruct Mock_bus {};\nclass SpyBus {};\nstruct Dummy {};"),
            "Mock_bus:2 SpyBus:3 Dummy:4");
}

TEST(TestDoubles, AreClassesWithMockedMethods) {
  EXPECT_EQ(found("class Bus {\n MOCK_METHOD(void, send, (), (override));\n"
                  " MOCK_METHOD(int, size, (), (const));\n};\nclass Real { int a; };"),
            "Bus:1");
}

TEST(TestDoubles, AreNotWhatIsOnlyNamed) {
  EXPECT_EQ(found("class FakeClock;\nvoid f(struct MockBus& bus);\nFakeClock clock;\n"), "");
  EXPECT_EQ(found("// class FakeClock {};\nconst char* s = \"class MockBus {};\";\n"), "");
  EXPECT_EQ(found("class Stubborn {};\nclass Mocking {};\nenum class FakeKind { a };\n"), "");
}

TEST(TestDoubles, AreFoundInBrokenSources) {
  EXPECT_EQ(found("}}} class FakeClock { void f() {"), "FakeClock:1");
  EXPECT_EQ(found("class"), "");
  EXPECT_EQ(found("class FakeClock"), "");
}

}  // namespace
}  // namespace writ::evidence
