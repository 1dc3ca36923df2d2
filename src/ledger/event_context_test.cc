#include "ledger/event_context.h"

#include <gtest/gtest.h>

namespace writ::ledger {
namespace {

std::string refusal(const EventContext& context) {
  const auto checked = check_context(context);
  return checked ? "" : checked.error().message;
}

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(EventContext, KeepsWordsSortedAndOnce) {
  EXPECT_EQ(sorted_words("pii  internal pii eu "), "eu internal pii");
  EXPECT_EQ(sorted_words(""), "");
  EXPECT_EQ(sorted_words("  "), "");
}

TEST(EventContext, TakesWhatIsEmptyAndWhatIsWellFormed) {
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({.fidelity = "replayed",
                     .inputs = kDigest,
                     .revision = "4b825dc",
                     .schema = "https://example.org/order/v2",
                     .tags = "gdpr:pii internal",
                     .thread = "a talk",
                     .tool = "writ/0.1.0"}),
            "");
}

TEST(EventContext, NamesWhatIsNot) {
  EXPECT_EQ(refusal({.fidelity = "replaid"}),
            "`replaid` is no fidelity (did you mean `replayed`?)");
  EXPECT_EQ(refusal({.fidelity = "live"}), "`live` is no fidelity");
  EXPECT_EQ(refusal({.inputs = "sha256:short"}),
            "`sha256:short` of an event's inputs is no digest: sha256:<64 hex digits>");
  EXPECT_EQ(refusal({.tags = "b a"}),
            "an event's tags are sorted, each once, with one space between");
  EXPECT_EQ(refusal({.tags = "Secret"}),
            "`Secret` of an event's tags is no tag: lower-case letters, digits, . _ : / -");
  EXPECT_EQ(refusal({.thread = "\xff"}), "an event's texts are UTF-8");
}

}  // namespace
}  // namespace writ::ledger
