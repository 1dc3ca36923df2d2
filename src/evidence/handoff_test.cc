#include "evidence/handoff.h"

#include <gtest/gtest.h>

#include "evidence/markdown.h"

namespace writ::evidence {
namespace {

Handoff sample() {
  Handoff h;
  h.spec = "orders.book";
  h.purpose = "Match limit orders by price, then time.";
  h.run = "018f";
  h.outcome = "attested";
  h.base = "abc123";
  h.tree = "sha256:00";
  h.contracts = {{"Book::cancel", "returns the cancelled quantity", "breaking"}};
  h.files = {{"src/book.cc", "modified", 12, 3}};
  h.guardrails = {"scan pass-only-body"};
  h.validations = {{"test/unit", "passed", "ctest --test-dir build", "12 passed, 0 failed"}};
  h.pre_existing = {{"tests/old_test.cc", "needs a network"}};
  h.flags = {"orders.cancel"};
  h.tests_added = {"BookTest.Cancels"};
  h.adrs_added = {"docs/adr/0003-cancel.md"};
  h.notes = {{"warnings become errors"}, {"ORDERS_PORT"}, {}};
  h.follow_ups = {{"Bulk cancel", "out of scope", "2026-03-01"}};
  return h;
}

TEST(Handoff, TellsEverythingInItsPlace) {
  EXPECT_EQ(handoff_markdown(sample()), R"(# Handoff of orders.book

Match limit orders by price, then time.

|  |  |
|---|---|
| run | `018f` |
| outcome | attested |
| base revision | `abc123` |
| tree | `sha256:00` |

## Contract changes

| contract | change | compatibility |
|---|---|---|
| `Book::cancel` | returns the cancelled quantity | breaking |

## Files changed

| file | change | lines |
|---|---|---|
| `src/book.cc` | modified | +12 −3 |

## Guardrails added

- scan pass-only-body

## Validation

| step | outcome | command | result |
|---|---|---|---|
| test/unit | passed | `ctest --test-dir build` | 12 passed, 0 failed |

## Failures that were there before

| file | reason |
|---|---|
| `tests/old_test.cc` | needs a network |

## Flags affected

- orders.cancel

## Tests added

- `BookTest.Cancels`

## Decision records added

- `docs/adr/0003-cancel.md`

## Notes for operators

**Strict mode**

- warnings become errors

**Environment variables**

- ORDERS\_PORT

**Compatibility**

None.

## Follow-ups

| what | why | until |
|---|---|---|
| Bulk cancel | out of scope | 2026-03-01 |
)");
}

TEST(Handoff, SaysNoneWhereThereIsNothing) {
  Handoff handoff;
  handoff.spec = "a";
  const std::string text = handoff_markdown(handoff);
  std::size_t nones = 0;
  for (std::size_t at = text.find("None.\n"); at != std::string::npos;
       at = text.find("None.\n", at + 1)) {
    ++nones;
  }
  EXPECT_EQ(nones, 12u) << text;  // nine sections and the three groups of notes
}

TEST(Markdown, LetsNoTextBreakOut) {
  EXPECT_EQ(markdown_text("a|b\n# <script> [x](y) *z* `c` &lt; ~s~ !i \\"),
            "a\\|b \\# \\<script\\> \\[x\\](y) \\*z\\* \\`c\\` \\&lt; \\~s\\~ \\!i \\\\");
  EXPECT_EQ(markdown_code("a`b"), "``a`b``");
  EXPECT_EQ(markdown_code("`a"), "`` `a ``");
  EXPECT_EQ(markdown_code("a|b\nc"), "`a\\|b c`");
  EXPECT_EQ(markdown_code(""), "");
}

}  // namespace
}  // namespace writ::evidence
