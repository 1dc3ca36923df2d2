#include "net/http.h"

#include <gtest/gtest.h>

namespace writ::net {
namespace {

TEST(Fields, AreFoundWhateverTheCaseOfTheirName) {
  Fields fields;
  fields.add("Content-TYPE", "text/plain");
  fields.add("content-type", "second");
  EXPECT_EQ(fields.find("content-type"), "text/plain");
  EXPECT_FALSE(fields.find("content").has_value());
  EXPECT_EQ(fields.value_or("Accept", "*/*"), "*/*");
}

TEST(Fields, ListsNameTheirTokens) {
  Fields fields;
  fields.add("Connection", "Upgrade ,\tkeep-alive");
  fields.add("connection", "close");
  for (const char* token : {"upgrade", "Keep-Alive", "CLOSE"}) {
    EXPECT_TRUE(fields.has_token("Connection", token)) << token;
  }
  EXPECT_FALSE(fields.has_token("Connection", "keep"));
}

TEST(PercentDecode, GivesBackWhatWasEncoded) {
  const std::string text = "a b/c?d=\xc3\xa9&%~";
  EXPECT_EQ(percent_encode(text), "a%20b%2Fc%3Fd%3D%C3%A9%26%25~");
  EXPECT_EQ(percent_decode(percent_encode(text)).value(), text);
  EXPECT_EQ(percent_decode("a+b").value(), "a+b");
  EXPECT_EQ(form_decode("a+b%2b").value(), "a b+");
}

TEST(PercentDecode, RefusesBrokenEscapes) {
  for (const char* text : {"%", "a%2", "%zz", "%2G", "%00", "ab%0"}) {
    EXPECT_EQ(percent_decode(text).error().code, Code::invalid_input) << text;
  }
  EXPECT_NE(percent_decode("ab%zz").error().message.find("byte 3"), std::string::npos);
}

TEST(ParseQuery, KeepsOrderAndRepetition) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(parse_query("b=1&a=x%3Dy&b=2&flag&&=v").value(),
            (Pairs{{"b", "1"}, {"a", "x=y"}, {"b", "2"}, {"flag", ""}, {"", "v"}}));
  EXPECT_EQ(parse_query("").value(), Pairs{});
  EXPECT_EQ(parse_query("a=%").error().code, Code::invalid_input);
}

TEST(Method, NamesAreTheirWireSpelling) {
  for (const Method method : {Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH,
                              Method::DELETE, Method::OPTIONS}) {
    EXPECT_EQ(parse_method(method_name(method)), method);
  }
  EXPECT_FALSE(parse_method("get").has_value());
  EXPECT_FALSE(parse_method("TRACE").has_value());
}

TEST(ReasonPhrase, IsKnownForEveryStatusThatErrorsHave) {
  for (const int status : {200, 204, 400, 403, 404, 409, 429, 500, 501, 503, 504, 507}) {
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
  }
  EXPECT_EQ(reason_phrase(418), "Unknown");
  EXPECT_EQ(reason_phrase(404), "Not Found");
}

TEST(HttpDate, IsAnImfFixdate) {
  EXPECT_EQ(to_http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(to_http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace writ::net
