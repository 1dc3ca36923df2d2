#include "policy/term/term.h"

#include <gtest/gtest.h>

#include "policy/term/build.h"
#include "policy/term/json.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

class TermTest : public ::testing::Test {
 protected:
  Term json(std::string_view text) {
    auto term = parse_json(arena_, text);
    EXPECT_TRUE(term.has_value()) << text;
    return term ? *term : Term();
  }
  Term set(std::string_view text) {
    const Term items = json(text);
    return make_set(arena_, {items.items().begin(), items.items().end()});
  }
  Arena arena_;
};

TEST_F(TermTest, TakesAViewThatPointsNowhereForTheEmptyString) {
  EXPECT_EQ(to_json(borrow_string(std::string_view())), "\"\"");
  EXPECT_TRUE(borrow_string(std::string_view()) == borrow_string(""));
}

TEST_F(TermTest, ADefaultTermIsUndefinedAndNoNull) {
  EXPECT_FALSE(Term().is_defined());
  EXPECT_FALSE(Term() == Term::null());
  EXPECT_EQ(to_rego(Term()), "undefined");
}

TEST_F(TermTest, KindsAreOrderedAsRegoOrdersThem) {
  const Term ordered[] = {Term::null(),
                          Term::boolean(false),
                          Term::boolean(true),
                          Term::integer(-1),
                          json("0.5"),
                          Term::integer(2),
                          make_string(arena_, ""),
                          make_string(arena_, "a"),
                          empty_array(),
                          json("[1]"),
                          json("[1, 2]"),
                          empty_object(),
                          json(R"({"a": 1})"),
                          json(R"({"a": 2})"),
                          empty_set(),
                          set("[1]"),
                          set("[1, 2]")};
  for (std::size_t i = 0; i + 1 < std::size(ordered); ++i) {
    EXPECT_TRUE(ordered[i] < ordered[i + 1]) << to_rego(ordered[i]);
    EXPECT_FALSE(ordered[i + 1] < ordered[i]) << to_rego(ordered[i]);
  }
}

TEST_F(TermTest, EqualNumbersInCollectionsAreEqualWhateverTheirSpelling) {
  EXPECT_EQ(json("[1, 1e2]"), json("[1.0, 100]"));
  EXPECT_EQ(hash_of(json("[1, 1e2]")), hash_of(json("[1.0, 100]")));
  EXPECT_EQ(to_rego(set("[1.0, 1, 1e0, 2]")), "{1.0, 2}");
}

TEST_F(TermTest, StringsOfAnyLengthCompareByTheirBytes) {
  for (const std::size_t length : {0, 1, 13, 14, 15, 16, 17, 100}) {
    const std::string text(length, 'x');
    const Term a = make_string(arena_, text);
    const Term b = borrow_string(text);
    EXPECT_EQ(a, b);
    EXPECT_EQ(hash_of(a), hash_of(b));
    EXPECT_EQ(a.text(), text);
    EXPECT_NE(a, make_string(arena_, text + "y"));
    EXPECT_TRUE(a < make_string(arena_, text + "y"));
  }
}

TEST_F(TermTest, SmallAndLargeObjectsFindTheirMembers) {
  for (const int count : {1, 8, 9, 1000}) {
    std::vector<Member> members;
    for (int i = 0; i < count; ++i) {
      members.push_back({make_string(arena_, "key" + std::to_string(i)), Term::integer(i)});
    }
    const Term object = make_object(arena_, members);
    for (int i = 0; i < count; ++i) {
      const Term* found = object.find("key" + std::to_string(i));
      ASSERT_NE(found, nullptr);
      EXPECT_EQ(*found, Term::integer(i));
    }
    EXPECT_EQ(object.find("key"), nullptr);
  }
}

TEST_F(TermTest, OfRepeatedKeysTheLastValueCounts) {
  EXPECT_EQ(to_rego(json(R"({"b": 1, "a": 2, "b": 3})")), R"({"a": 2, "b": 3})");
  EXPECT_EQ(to_rego(make_object(arena_, {{Term::integer(1), json("1")}, {json("1.0"), json("2")}})),
            "{1: 2}");
}

TEST_F(TermTest, IndexesOnlyWhatIsThere) {
  const Term list = json("[10, 20]");
  EXPECT_EQ(*list.at(Term::integer(1)), Term::integer(20));
  EXPECT_EQ(*list.at(json("1.0")), Term::integer(20));
  EXPECT_EQ(list.at(Term::integer(2)), nullptr);
  EXPECT_EQ(list.at(Term::integer(-1)), nullptr);
  EXPECT_EQ(list.at(json("0.5")), nullptr);
  EXPECT_EQ(list.at(make_string(arena_, "0")), nullptr);
  EXPECT_EQ(Term::integer(1).at(Term::integer(0)), nullptr);
  EXPECT_NE(set(R"(["a", "b"])").at(make_string(arena_, "b")), nullptr);
}

TEST_F(TermTest, ChangingAMemberLeavesTheOldObjectAsItWas) {
  const Term before = json(R"({"a": 1, "b": 2})");
  const Term a = make_string(arena_, "a");
  EXPECT_EQ(to_rego(with_member(arena_, before, a, Term::null())), R"({"a": null, "b": 2})");
  EXPECT_EQ(to_rego(with_member(arena_, before, Term::integer(0), Term::null())),
            R"({0: null, "a": 1, "b": 2})");
  EXPECT_EQ(to_rego(without_member(arena_, before, a)), R"({"b": 2})");
  EXPECT_EQ(to_rego(before), R"({"a": 1, "b": 2})");
}

TEST_F(TermTest, ObjectsOfOneShapeShareTheirKeys) {
  const Term list = json(R"([{"a": 1, "b": 2}, {"b": 3, "a": 4}])");
  EXPECT_EQ(list.items()[0].keys().data(), list.items()[1].keys().data());
  EXPECT_EQ(to_rego(list.items()[1]), R"({"a": 4, "b": 3})");
}

TEST_F(TermTest, ACopyStandsOnItsOwn) {
  Arena other;
  const std::string text = R"({"a": [1.50, "a string that is long", {"b": [true, null]}]})";
  Term copied;
  {
    Arena shortlived;
    copied = copy_term(other, *parse_json(shortlived, text));
  }
  EXPECT_EQ(copied, json(text));
}

TEST_F(TermTest, DepthIsKnownAndWhatIsTooDeepIsNoted) {
  EXPECT_EQ(json(R"([1, {"a": [2]}])").depth(), 3u);
  Term deep = Term::integer(1);
  for (std::uint32_t i = 0; i < kDeepest; ++i) deep = make_array(arena_, {deep});
  EXPECT_FALSE(arena_.too_deep());
  make_array(arena_, {deep});
  EXPECT_TRUE(arena_.too_deep());
}

TEST(Arena, SaysWhenItsLimitIsReachedAndForgetsOnReset) {
  Arena arena;
  arena.set_limit(100'000);
  make_string(arena, std::string(50'000, 'x'));
  EXPECT_FALSE(arena.exhausted());
  make_string(arena, std::string(90'000, 'x'));
  EXPECT_TRUE(arena.exhausted());
  arena.reset();
  EXPECT_FALSE(arena.exhausted());
}

}  // namespace
}  // namespace writ::rego
