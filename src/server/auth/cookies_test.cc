#include "server/auth/cookies.h"

#include <gtest/gtest.h>

namespace writ::server {
namespace {

using net::Method;

net::Fields fields_of(const std::vector<std::pair<std::string_view, std::string_view>>& all) {
  net::Fields out;
  for (const auto& [name, value] : all) out.add(name, value);
  return out;
}

std::string found(const std::vector<std::pair<std::string_view, std::string_view>>& all) {
  return std::string(find_cookie(fields_of(all), kSessionCookie).value_or("none"));
}

TEST(Cookies, AreFoundByTheirWholeName) {
  EXPECT_EQ(found({{"cookie", "a=b; __Host-writ_session=one; c=d"}}), "one");
  EXPECT_EQ(found({{"Cookie", "x__Host-writ_session=one"}}), "none");
  EXPECT_EQ(found({{"Cookie", "__Host-writ_session"}}), "none");
  EXPECT_EQ(found({}), "none");
}

TEST(Cookies, TwoOfOneNameAreNone) {
  EXPECT_EQ(found({{"Cookie", "__Host-writ_session=one; __Host-writ_session=two"}}), "none");
  EXPECT_EQ(found({{"Cookie", "__Host-writ_session=one"}, {"Cookie", "__Host-writ_session=two"}}),
            "none");
}

TEST(Cookies, AreSetSoThatOnlyThisHostAndNoScriptHasTheSession) {
  net::Response response;
  set_session_cookies(response, "secret");
  ASSERT_EQ(response.fields.size(), 2u);
  EXPECT_EQ(response.fields[0].second,
            "__Host-writ_session=secret; Path=/; Secure; SameSite=Lax; HttpOnly");
  EXPECT_EQ(response.fields[1].second,
            "__Host-writ_csrf=" + csrf_token_of("secret") + "; Path=/; Secure; SameSite=Lax");
  EXPECT_EQ(response.fields[1].second.find("secret;"), std::string::npos);
  net::Response gone;
  set_session_cookies(gone, "");
  EXPECT_EQ(gone.fields[0].second,
            "__Host-writ_session=; Path=/; Secure; SameSite=Lax; HttpOnly; Max-Age=0");
}

TEST(Cookies, RequestsThatChangeSomethingComeFromAPageOfOurs) {
  constexpr std::string_view kOrigin = "https://writ.example.org";
  const std::string token = csrf_token_of("secret");
  struct Case {
    Method method;
    std::vector<std::pair<std::string_view, std::string_view>> fields;
    bool is_meant;
  };
  const Case cases[] = {
      {Method::GET, {}, true},
      {Method::HEAD, {{"Sec-Fetch-Site", "cross-site"}}, true},
      {Method::POST, {{kCsrfField, token}, {"Sec-Fetch-Site", "same-origin"}}, true},
      {Method::DELETE, {{kCsrfField, token}, {"Origin", kOrigin}}, true},
      {Method::POST, {{kCsrfField, token}}, false},
      {Method::POST, {{kCsrfField, token}, {"Sec-Fetch-Site", "same-site"}}, false},
      {Method::POST, {{kCsrfField, token}, {"Sec-Fetch-Site", "none"}}, false},
      {Method::PATCH, {{kCsrfField, token}, {"Origin", "https://evil.example.org"}}, false},
      {Method::POST, {{kCsrfField, token}, {"Origin", "null"}}, false},
      {Method::POST,
       {{kCsrfField, token}, {"Origin", kOrigin}, {"Sec-Fetch-Site", "cross-site"}},
       false},
      {Method::POST, {{"Sec-Fetch-Site", "same-origin"}}, false},
      {Method::POST, {{kCsrfField, "secret"}, {"Sec-Fetch-Site", "same-origin"}}, false},
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    EXPECT_EQ(is_meant(cases[i].method, fields_of(cases[i].fields), "secret", kOrigin),
              cases[i].is_meant)
        << i;
  }
}

}  // namespace
}  // namespace writ::server
