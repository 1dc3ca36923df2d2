#include "policy/testing/builtin_rows.h"

namespace writ::rego::testing {
namespace {

class Sprintf : public BuiltinRows {};

TEST_F(Sprintf, WritesStringsAndComposites) {
  expect({{"sprintf", R"(["hi", []])", R"("hi")"},
          {"sprintf", R"(["%s and %v", ["a", "b"]])", R"("a and b")"},
          {"sprintf", R"(["%v %s", [{"a": [1, "x"]}, true]])", R"("{\"a\": [1, \"x\"]} true")"},
          {"sprintf", R"(["%q %.2s|%5s|%-5s|", ["a\"b", "éab", "é", "é"]])",
           R"("\"a\\\"b\" éa|    é|é    |")"},
          {"sprintf", R"(["%x % X %#q %+q", ["hi", "hi", "hi", "é"]])",
           R"("6869 68 69 `hi` \"\\u00e9\"")"}});
}

TEST_F(Sprintf, WritesWholeNumbers) {
  expect({{"sprintf", R"(["%d %05d %+d %x %X %o %b %c %U", [5, -5, 5, 255, 255, 8, 5, 97, 8364]])",
           R"("5 -0005 +5 ff FF 10 101 a U+20AC")"},
          {"sprintf", R"(["%#x %#o %O %.3d|%6.3d|%-4d|", [255, 8, 8, 5, 5, 5]])",
           R"("0xff 010 0o10 005|   005|5   |")"},
          {"sprintf", R"(["%d %s %x", [1208925819614629174706175, 1208925819614629174706175,
           1208925819614629174706175]])",
           R"("1208925819614629174706175 1208925819614629174706175 ffffffffffffffffffff")"},
          {"sprintf", R"(["%q %q", [65, 10]])", R"("'A' '\\n'")"}});
}

TEST_F(Sprintf, WritesRealNumbers) {
  expect({{"sprintf", R"(["%.2f %6.1f|%-6.1f|%06.2f", [3.1415, 2.55, 2.5, -1.5]])",
           R"("3.14    2.5|2.5   |-01.50")"},
          {"sprintf", R"(["%v %v %v %g", [1.0, 1.5e3, 1e6, 0.00001]])", R"("1 1500 1e+06 1e-05")"},
          {"sprintf", R"(["%e %E %.3g %v", [1.5, 1.5, 1234.5678, 123456789.5]])",
           R"("1.500000e+00 1.500000E+00 1.23e+03 1.234567895e+08")"},
          {"sprintf", R"(["%b %x", [1.5, 1.5]])", R"("6755399441055744p-52 0x1.8p+00")"}});
}

TEST_F(Sprintf, TakesArgumentsByIndexAndWidthsFromArguments) {
  expect({{"sprintf", R"(["%[2]s %[1]s", ["a", "b"]])", R"("b a")"},
          {"sprintf", R"(["%*d|%-*d|%.*f", [4, 5, 4, 5, 1, 2.25]])", R"("   5|5   |2.2")"},
          {"sprintf", R"(["%[1]d %[1]v %d", [1, 2]])", R"("1 1 2")"},
          {"sprintf", R"(["100%% %T", [1.5]])", R"("100% float64")"}});
}

TEST_F(Sprintf, ShowsFaultsInTheTextAsGoDoes) {
  expect({{"sprintf", R"(["%d %d", [1e2, 1.5]])", R"r("%!d(float64=100) %!d(float64=1.5)")r"},
          {"sprintf", R"(["%d", []])", R"r("%!d(MISSING)")r"},
          {"sprintf", R"(["1", [2, "x"]])", R"r("1%!(EXTRA int=2, string=x)")r"},
          {"sprintf", R"(["%t %s %z", [true, 5, "a"]])",
           R"r("%!t(string=true) %!s(int=5) %!z(string=a)")r"},
          {"sprintf", R"(["%f %[5]d %[x]d", [1, 2]])",
           R"r("%!f(int=1) %!d(BADINDEX) %!d(BADINDEX)")r"},
          {"sprintf", R"(["%*d %.*d", ["a", 1, "b", 2]])", R"r("%!(BADWIDTH)1 %!(BADPREC)2")r"},
          {"sprintf", R"(["%", []])", R"r("%!(NOVERB)")r"}});
}

TEST_F(Sprintf, StopsAtTheLimitOfTheArena) {
  call_.arena().set_limit(std::size_t{1} << 20);
  EXPECT_EQ(call_.text("sprintf", R"(["%900000d%900000d", [1, 2]])"), "undefined");
  EXPECT_TRUE(call_.arena().exhausted());
}

}  // namespace
}  // namespace writ::rego::testing
