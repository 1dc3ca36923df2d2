// Formatting changes no answer and, done twice, nothing: over random policies and inputs.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "policy/format/format.h"
#include "policy/testing/random_policy.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::Given;
using testing::random_documents;
using testing::RandomPolicy;
using testing::RegoRun;

std::string formatted(const std::string& text) {
  const auto out = format_module("p.rego", text);
  return out ? *out : to_text(out.error());
}

TEST(FormatModule, ChangesNoAnswer) {
  const bool holds = rc::check("formatted as written", [] {
    RandomPolicy random;
    const std::string written = random.text();
    RegoRun before({written});
    RC_PRE(before.problem().empty());
    const std::string laid_out = formatted(written);
    RC_ASSERT(formatted(laid_out) == laid_out);
    RegoRun after({laid_out});
    const Given given = random_documents();
    before.with_input(given.input()).with_data(given.data);
    after.with_input(given.input()).with_data(given.data);
    for (std::size_t rule = 0; rule < RandomPolicy::kRules; ++rule) {
      if (random.is_function(rule)) continue;
      // A conflict is told with the line of a rule, which formatting moves.
      const std::string query = "[x | x := data.a.p" + std::to_string(rule) + "]";
      const std::string wanted = before.value(query);
      const std::string found = after.value(query);
      if (found == wanted || (wanted.contains("error") && found.contains("error"))) continue;
      RC_LOG() << written << "\n" << laid_out << "\n" << query << "\n" << wanted << "\n" << found;
      RC_FAIL("formatting changes the answer");
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace writ::rego
