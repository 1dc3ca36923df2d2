#include "net/url.h"

#include <gtest/gtest.h>

namespace writ::net {
namespace {

TEST(Url, IsTakenApart) {
  struct Case {
    const char* text;
    const char* origin;
    const char* host_field;
    const char* target;
  };
  const Case cases[] = {
      {"http://example.org", "http://example.org:80", "example.org", "/"},
      {"https://example.org/a/b?c=d#e", "https://example.org:443", "example.org", "/a/b?c=d"},
      {"http://[::1]:8181?x", "http://[::1]:8181", "[::1]:8181", "/?x"},
      {"https://h:443/", "https://h:443", "h", "/"},
      {"https://h:80/", "https://h:80", "h:80", "/"},
      {"unix:/run/w.sock:/v1/data", "unix:/run/w.sock", "localhost", "/v1/data"},
      {"unix:/run/w.sock", "unix:/run/w.sock", "localhost", "/"},
  };
  for (const Case& c : cases) {
    const auto url = parse_url(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error().text();
    EXPECT_EQ(url->origin(), c.origin) << c.text;
    EXPECT_EQ(url->host_field(), c.host_field) << c.text;
    EXPECT_EQ(url->target, c.target) << c.text;
  }
}

TEST(Url, IsOfThisMachineWhereNobodyElseCanBeBehindIt) {
  for (const char* text : {"unix:/run/w.sock:/", "http://localhost", "http://localhost:8181/x",
                           "http://127.0.0.1:8181", "http://127.8.9.10", "http://[::1]:8181"}) {
    EXPECT_TRUE(parse_url(text)->is_of_this_machine()) << text;
  }
  for (const char* text : {"http://example.org", "http://127.0.0.1.example.org", "http://10.0.0.1",
                           "http://localhost.example.org", "http://[2001:db8::1]", "http://0.0.0.0",
                           "http://[::ffff:10.0.0.1]", "http://127.1", "http://2130706433"}) {
    EXPECT_FALSE(parse_url(text)->is_of_this_machine()) << text;
  }
}

TEST(Url, IsRefusedWhereItIsNone) {
  for (const char* text : {"", "example.org", "ftp://h/", "http://", "http:///x",
                           "http://h:99999999/", "http://h:x/", "http://[::1/", "http://h/a b",
                           "http://h/\r\nX: y", "unix:", "unix:/s:path", "http://[::1]x/"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Code::invalid_input) << text;
  }
}

TEST(Url, WithCredentialsIsRefusedWithoutRepeatingThem) {
  const auto url = parse_url("https://user:hunter2@h/");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().text().find("hunter2"), std::string::npos);
  EXPECT_NE(url.error().message.find("credentials"), std::string::npos);
}

}  // namespace
}  // namespace writ::net
