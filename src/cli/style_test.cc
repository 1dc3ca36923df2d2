#include "cli/style.h"

#include <gtest/gtest.h>

namespace writ::cli {
namespace {

TEST(Style, ColoursOnlyWhereItIsTold) {
  EXPECT_EQ(Style(false)(Tone::bad, "x"), "x");
  EXPECT_EQ(Style(true)(Tone::bad, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Style(true)(Tone::plain, "x"), "x");
}

TEST(Style, CutsAndPadsByCharactersNotBytes) {
  EXPECT_EQ(fit("äöü", 3), "äöü");
  EXPECT_EQ(fit("äöüß", 3), "äö…");
  EXPECT_EQ(pad("äö", 4), "äö  ");
  EXPECT_EQ(columns_of("é│x"), 3u);
}

TEST(Style, CountsInSingularAndPlural) {
  EXPECT_EQ(counted(1, "piece of evidence", "pieces of evidence"), "1 piece of evidence");
  EXPECT_EQ(counted(0, "event", "events"), "0 events");
}

TEST(Style, SaysHowLongSomethingTook) {
  EXPECT_EQ(elapsed_text(0), "0.0 s");
  EXPECT_EQ(elapsed_text(1250), "1.2 s");
  EXPECT_EQ(elapsed_text(59'999), "59 s");
  EXPECT_EQ(elapsed_text(200'000), "3 m 20 s");
}

TEST(Style, TakesControlCharactersOut) {
  EXPECT_EQ(printable("a\x1b[1;31mb\x1b[0m\r\n\tc\x7f"), "ab  c");
  EXPECT_EQ(printable("\x1b]0;title\x07x\x1b["), "]0;titlex");
  EXPECT_EQ(printable("\xff\xfe"), "(no text)");
  EXPECT_EQ(printable("ä"), "ä");
}

}  // namespace
}  // namespace writ::cli
