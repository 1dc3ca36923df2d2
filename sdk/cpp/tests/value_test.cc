#include <gtest/gtest.h>

#include <writ/sdk/value.h>
#include <cmath>

namespace writ::sdk {
namespace {

TEST(SdkValue, IsBuiltAsJsonIsWritten) {
  const Value value = Object{{"subject", Object{{"id", "ada"}, {"roles", Array{"nurse", "chief"}}}},
                             {"age", 41u},
                             {"share", 0.5},
                             {"on_duty", true},
                             {"room", nullptr}};
  EXPECT_EQ(value.to_json(), R"({"age":41,"on_duty":true,"room":null,"share":0.5,)"
                             R"("subject":{"id":"ada","roles":["nurse","chief"]}})");
  const auto read = Value::parse(value.to_json());
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_TRUE(*read == value) << read->to_json();
}

TEST(SdkValue, GivesNothingWhereThereIsNothingOfThatKind) {
  const Value value = Object{{"n", 2.5}, {"big", 1e300}, {"whole", 3.0}};
  EXPECT_EQ(value.find("n")->integer(), std::nullopt);
  EXPECT_EQ(value.find("n")->number(), 2.5);
  EXPECT_EQ(value.find("big")->integer(), std::nullopt);
  EXPECT_EQ(value.find("whole")->integer(), 3);
  EXPECT_EQ(value.find("absent"), nullptr);
  EXPECT_EQ(Value("text").find("n"), nullptr);
  EXPECT_EQ(Value("text").array(), nullptr);
  EXPECT_EQ(Value(1).boolean(), std::nullopt);
  EXPECT_FALSE(Value("true").is_true());
  EXPECT_TRUE(Value(std::uint64_t{1} << 63).number() == 9223372036854775808.0);
}

TEST(SdkValue, ComparesNumbersByValue) {
  EXPECT_TRUE(Value(1) == Value(1.0));
  EXPECT_FALSE(Value(1) == Value(true));
  EXPECT_FALSE(Value(1) == Value("1"));
  EXPECT_TRUE(Value(Array{1, Object{{"a", 2.0}}}) == Value(Array{1.0, Object{{"a", 2}}}));
}

TEST(SdkValue, SaysWhereTextIsNoJson) {
  const auto bad = Value::parse("{\"a\": ]");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::invalid_input);
  EXPECT_FALSE(bad.error().message.empty());
  const auto deep = Value::parse(std::string(1'000'000, '['));
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().text().find("nested too deeply"), std::string::npos)
      << deep.error().text();
}

TEST(SdkValue, WritesOnlyJson) {
  EXPECT_EQ(Value("\xff").to_json(), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(Value(std::nan("")).to_json(), "null");
  EXPECT_EQ(Value("a\"\n").to_json(), R"("a\"\n")");
}

}  // namespace
}  // namespace writ::sdk
