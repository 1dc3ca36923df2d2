// What is indexed says the same as what is not, over random policies and inputs.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "policy/testing/random_policy.h"
#include "policy/testing/rego_run.h"

namespace writ::rego {
namespace {

using testing::Given;
using testing::random_documents;
using testing::RandomPolicy;
using testing::RegoRun;

TEST(RuleIndex, ChangesNoAnswer) {
  const bool holds = rc::check("with the index as without", [] {
    RandomPolicy random;
    const std::string policy = random.text();
    RegoRun indexed({policy});
    RC_PRE(indexed.problem().empty());
    RegoRun tried({policy}, {.is_indexed = false});
    for (int i = 0; i < 4; ++i) {
      const Given given = random_documents();
      indexed.with_input(given.input()).with_data(given.data);
      tried.with_input(given.input()).with_data(given.data);
      for (std::size_t rule = 0; rule < RandomPolicy::kRules; ++rule) {
        if (random.is_function(rule)) continue;
        const std::string query = "data.a.p" + std::to_string(rule);
        const std::string found = indexed.value(query);
        const std::string wanted = tried.value(query);
        if (found == wanted) continue;
        RC_LOG() << policy << "\ninput " << given.input() << "\ndata " << given.data << "\n"
                 << query << "\nwithout " << wanted << "\nwith " << found << "\n";
        RC_FAIL("the index changes the answer");
      }
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace writ::rego
