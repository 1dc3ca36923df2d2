#include "base/yaml.h"

#include <gtest/gtest.h>

namespace writ {
namespace {

TEST(Yaml, ReadsASpec) {
  const Value spec = parse_yaml(
                         "writ: 1\n"
                         "kind: Spec\n"
                         "module: {id: orders.book}\n"
                         "steps:\n"
                         "  - run: ctest --test-dir build   # all\n"
                         "    evidence: {tests: build/junit.xml}\n"
                         "    gate: tests.failed == 0 and tests.passed >= 12\n")
                         .value();
  EXPECT_EQ(spec,
            Value(Object{
                {"writ", 1},
                {"kind", "Spec"},
                {"module", Object{{"id", "orders.book"}}},
                {"steps", Array{Object{{"run", "ctest --test-dir build"},
                                       {"evidence", Object{{"tests", "build/junit.xml"}}},
                                       {"gate", "tests.failed == 0 and tests.passed >= 12"}}}}}));
  EXPECT_EQ(spec.at_path({"module", "id"})->at(), (Position{3, 14}));
  EXPECT_EQ(spec.find("steps")->as_array()[0].find("gate")->at(), (Position{7, 11}));
}

}  // namespace
}  // namespace writ
