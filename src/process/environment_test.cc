#include <gtest/gtest.h>

#include "process/command.h"

namespace writ::process {
namespace {

using Environment = std::map<std::string, std::string>;

TEST(AllowedEnvironment, TakesTheUsualNamesAndNothingElse) {
  const Environment inherited{{"PATH", "/bin"},
                              {"HOME", "/home/u"},
                              {"LC_TIME", "C"},
                              {"AWS_SECRET", "no"},
                              {"LD_PRELOAD", "no"},
                              {"PATHS", "no"},
                              {"WRIT_STEP_TOKEN", "outer"},
                              {"TMPDIR", "/t"},
                              {"LC", "no"}};
  EXPECT_EQ(
      allowed_environment(inherited, {}, {}),
      (Environment{{"HOME", "/home/u"}, {"LC_TIME", "C"}, {"PATH", "/bin"}, {"TMPDIR", "/t"}}));
}

TEST(AllowedEnvironment, TakesExtraNamesAndPrefixes) {
  const Environment inherited{{"CI", "1"}, {"CARGO_HOME", "/c"}, {"CARGO_NET", "x"}, {"CIX", "no"}};
  EXPECT_EQ(allowed_environment(inherited, {"CI", "CARGO_*"}, {}),
            (Environment{{"CARGO_HOME", "/c"}, {"CARGO_NET", "x"}, {"CI", "1"}}));
}

TEST(AllowedEnvironment, LaysWhatIsSetOverWhatIsInherited) {
  EXPECT_EQ(allowed_environment({{"PATH", "/bin"}}, {}, {{"PATH", "/opt"}, {"X", "1"}}),
            (Environment{{"PATH", "/opt"}, {"X", "1"}}));
}

}  // namespace
}  // namespace writ::process
