// Which runs servers see to, and for whom.
#include "project/driven_runs.h"

#include <gtest/gtest.h>

#include "store/open.h"

namespace writ::project {
namespace {

RunId run_of(std::uint8_t last) {
  RunId out;
  out.uuid.bytes[15] = last;
  return out;
}

TEST(DrivenRuns, AreThoseOfTheirProjectUntilTheyAreUnlisted) {
  const auto store = store::open("memory:").value();
  ASSERT_TRUE(store->migrate(driven_run_migrations(), store::DryRun::no));
  const auto runs = [&](std::string_view project) {
    const auto found = driven_runs(*store, project);
    return found ? *found : std::vector<RunId>{run_of(255)};
  };
  ASSERT_TRUE(list_driven(*store, run_of(1), "a"));
  ASSERT_TRUE(list_driven(*store, run_of(2), "a"));
  ASSERT_TRUE(list_driven(*store, run_of(3), "b"));
  ASSERT_TRUE(list_driven(*store, run_of(3), "b")) << "once more changes nothing";
  EXPECT_EQ(runs("a"), (std::vector<RunId>{run_of(1), run_of(2)}));
  EXPECT_EQ(runs("b"), std::vector<RunId>{run_of(3)});
  ASSERT_TRUE(unlist_driven(*store, run_of(1)));
  EXPECT_EQ(runs("a"), std::vector<RunId>{run_of(2)});
  EXPECT_EQ(runs("c"), std::vector<RunId>{});
}

}  // namespace
}  // namespace writ::project
