#include <gtest/gtest.h>

#include "policy/testing/call_builtin.h"

namespace writ::rego {
namespace {

using testing::BuiltinCall;

// Answers the same to everything and remembers what it was asked.
class OneAnswer final : public Network {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    asked.push_back(request);
    if (failures-- > 0) return fail(Code::unavailable, "connection refused");
    return answer;
  }
  Result<std::vector<std::string>> resolve(std::string_view) override {
    return fail(Code::not_found, "no names here");
  }

  HttpResponse answer{200, "200 OK", {{"Content-Type", "application/json"}}, R"({"a": 1})"};
  int failures = 0;
  std::vector<HttpRequest> asked;
};

class HttpSend : public ::testing::Test {
 protected:
  HttpSend() {
    call_.services().network = &network_;
    call_.services().hosts = {"api.example"};
  }
  std::string send(std::string_view request) {
    return call_.text("http.send", "[" + std::string(request) + "]");
  }
  OneAnswer network_;
  BuiltinCall call_;
};

TEST_F(HttpSend, MapsRequestAndResponse) {
  EXPECT_EQ(send(R"({"method": "post", "url": "https://api.example/x", "body": {"b": "<"},
                     "headers": {"X-A": "1"}, "timeout": "2s", "enable_redirect": true})"),
            R"({"body": {"a": 1}, "headers": {"content-type": ["application/json"]}, )"
            R"("raw_body": "{\"a\": 1}", "status": "200 OK", "status_code": 200})");
  ASSERT_EQ(network_.asked.size(), 1u);
  const HttpRequest& request = network_.asked[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api.example/x");
  EXPECT_EQ(request.body, R"({"b":"\u003c"})");
  EXPECT_EQ(request.headers[0].first, "X-A");
  EXPECT_EQ(request.timeout, std::chrono::milliseconds(2000));
  EXPECT_TRUE(request.follow_redirects);
  EXPECT_TRUE(request.verify_tls);
}

TEST_F(HttpSend, DecodesJsonOnlyWhereItIsSaidToBe) {
  network_.answer.headers = {{"Content-Type", "text/plain"}};
  EXPECT_TRUE(send(R"({"method": "get", "url": "http://api.example"})").contains("\"body\": null"));
  EXPECT_TRUE(send(R"({"method": "get", "url": "http://api.example", "force_json_decode": true})")
                  .contains("\"body\": {\"a\": 1}"));
  network_.answer.body = "no json";
  EXPECT_TRUE(send(R"({"method": "get", "url": "http://api.example", "force_json_decode": true})")
                  .contains("\"body\": null"));
}

TEST_F(HttpSend, ReachesAllowedHostsOnly) {
  EXPECT_EQ(send(R"({"method": "get", "url": "http://evil.example/"})"),
            "error: http.send: unallowed host: evil.example");
  EXPECT_EQ(send(R"({"method": "get", "url": "http://api.example@evil.example/"})"),
            "error: http.send: unsupported URL: http://api.example@evil.example/");
  EXPECT_EQ(send(R"({"method": "get", "url": "file:///etc/passwd"})"),
            "error: http.send: unsupported URL: file:///etc/passwd");
  EXPECT_TRUE(network_.asked.empty());
  call_.services().network = nullptr;
  EXPECT_EQ(send(R"({"method": "get", "url": "http://api.example/"})"),
            "error: http.send: network is not available");
}

TEST_F(HttpSend, ErrorsAreAnswersWhereTheyAreNotRaised) {
  network_.failures = 100;
  EXPECT_EQ(send(R"({"method": "get", "url": "http://api.example"})"),
            "error: http.send: connection refused");
  EXPECT_EQ(
      send(R"({"method": "get", "url": "http://api.example", "raise_error": false})"),
      R"({"error": {"code": "eval_http_send_network_error", "message": "connection refused"}, )"
      R"("status_code": 0})");
  EXPECT_EQ(send(R"({"method": "get", "url": "http://b.example", "raise_error": false})"),
            R"({"error": {"code": "eval_http_send_internal_error", "message": "unallowed host: )"
            R"(b.example"}, "status_code": 0})");
}

TEST_F(HttpSend, TriesAgainAsOftenAsAsked) {
  network_.failures = 2;
  EXPECT_TRUE(send(R"({"method": "get", "url": "http://api.example", "max_retry_attempts": 2})")
                  .contains("200 OK"));
  EXPECT_EQ(network_.asked.size(), 3u);
}

TEST_F(HttpSend, KeepsResponsesAsLongAsAsked) {
  constexpr std::string_view kForced =
      R"({"method": "get", "url": "http://api.example", "force_cache": true,
          "force_cache_duration_seconds": 10})";
  constexpr std::string_view kByHeader =
      R"({"method": "get", "url": "http://api.example/2", "cache": true})";
  send(kForced);
  send(kForced);
  EXPECT_EQ(network_.asked.size(), 1u);
  call_.env().now_ns += 11'000'000'000;
  send(kForced);
  EXPECT_EQ(network_.asked.size(), 2u);
  send(kByHeader);  // says nothing about caching
  send(kByHeader);
  EXPECT_EQ(network_.asked.size(), 4u);
  network_.answer.headers.emplace_back("Cache-Control", "public, max-age=60");
  send(kByHeader);
  send(kByHeader);
  EXPECT_EQ(network_.asked.size(), 5u);
}

TEST_F(HttpSend, NamesWhatIsWrongWithTheRequest) {
  const std::string type_error = "type error: http.send: operand 1 ";
  EXPECT_EQ(send(R"({"bad_key": "x", "method": "get", "url": "http://api.example"})"),
            type_error + R"(invalid request parameters(s): {"bad_key"})");
  EXPECT_EQ(send(R"({"method": "get"})"),
            type_error + R"(missing required request parameters(s): {"url"})");
  EXPECT_EQ(send(R"({"method": 1, "url": "http://api.example"})"),
            "error: http.send: \"method\" must be a string");
  EXPECT_EQ(send(R"({"method": "get", "url": "http://api.example", "timeout": "soon"})"),
            "error: http.send: invalid timeout value \"soon\": time: invalid duration \"soon\"");
  EXPECT_EQ(
      send(R"({"method": "get", "url": "http://api.example", "headers": {"A": "b\r\nC: d"}})"),
      "error: http.send: invalid header field \"A\"");
  EXPECT_EQ(send(R"({"method": "get", "url": "http://api.example", "force_cache": true})"),
            "error: http.send: 'force_cache' set but 'force_cache_duration_seconds' parameter is "
            "missing");
  EXPECT_TRUE(send(R"({"method": "get", "url": "http://api.example", "tls_ca_cert_file": "/x"})")
                  .starts_with("error: http.send: \"tls_ca_cert_file\" is not supported"));
  EXPECT_TRUE(network_.asked.empty());
}

}  // namespace
}  // namespace writ::rego
