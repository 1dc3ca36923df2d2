#include "base/suggest.h"

#include <gtest/gtest.h>

namespace writ {
namespace {

constexpr std::string_view kKeys[] = {"timeout", "retry", "run", "needs", "gate", "gates"};

TEST(Suggest, FindsTheNearestWord) {
  EXPECT_EQ(nearest("timout", kKeys), "timeout");    // one left out
  EXPECT_EQ(nearest("tiemout", kKeys), "timeout");   // one swapped and one left out
  EXPECT_EQ(nearest("tiemoeut", kKeys), "timeout");  // swapped and one too many
  EXPECT_EQ(nearest("rty", kKeys), "");              // two off in three letters
  EXPECT_EQ(nearest("nees", kKeys), "needs");
  EXPECT_EQ(nearest("gate", kKeys), "gate");
}

TEST(Suggest, CountsASwapOfNeighboursAsOne) {
  EXPECT_EQ(nearest("rnu", kKeys), "run");
  EXPECT_EQ(nearest("gaet", kKeys), "gate");
}

TEST(Suggest, GivesTiesToTheFirst) {
  constexpr std::string_view kPair[] = {"cat", "car"};
  EXPECT_EQ(nearest("cab", kPair), "cat");
}

TEST(Suggest, KeepsStillWhenNothingIsNear) {
  EXPECT_EQ(nearest("", kKeys), "");
  EXPECT_EQ(nearest("x", kKeys), "");
  EXPECT_EQ(nearest("completely different", kKeys), "");
  EXPECT_EQ(nearest("timeout", {}), "");
  EXPECT_EQ(nearest(std::string(1'000'000, 't'), kKeys), "");
}

TEST(Suggest, PhrasesTheQuestion) {
  EXPECT_EQ(did_you_mean("retri", kKeys), " (did you mean `retry`?)");
  EXPECT_EQ(did_you_mean("zzzzzz", kKeys), "");
}

}  // namespace
}  // namespace writ
