#include "asker.h"

#include "base/json.h"

namespace writ::chaos {
namespace {

// Of what stands in an address or a password of a test.
std::string form_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_plain) {
      out += static_cast<char>(c);
    } else {
      out += {'%', kDigits[c >> 4u], kDigits[c & 15u]};
    }
  }
  return out;
}

}  // namespace

std::string Said::shown() const { return std::to_string(status) + " " + to_json(body); }

net::ClientOptions Asker::once() {
  net::ClientOptions out;
  out.attempts = 1;
  out.breaker_failures = 1'000'000;  // the test decides when to ask again
  return out;
}

Said Asker::send(net::Call call, const std::string& token) {
  call.url = url_ + call.url;
  if (!token.empty()) call.fields.emplace_back("Authorization", "Bearer " + token);
  call.timeout = std::chrono::seconds(20);
  const auto answer = client_.send(call);
  if (!answer) return {};
  Said out{.status = answer->status,
           .body = {},
           .retry_after = std::string(answer->field("Retry-After"))};
  if (auto body = parse_json(answer->body, "answer")) out.body = *std::move(body);
  return out;
}

Said Asker::get(const std::string& path, const std::string& token) {
  net::Call call;
  call.url = path;
  return send(std::move(call), token);
}

Said Asker::post(const std::string& path, const Value& body, const std::string& token) {
  net::Call call;
  call.method = net::Method::POST;
  call.url = path;
  call.fields = {{"Content-Type", "application/json"}};
  call.body = to_json(body);
  return send(std::move(call), token);
}

Said Asker::remove(const std::string& path, const Value& body, const std::string& token) {
  net::Call call;
  call.method = net::Method::DELETE;
  call.url = path;
  call.fields = {{"Content-Type", "application/json"}};
  call.body = to_json(body);
  return send(std::move(call), token);
}

Said Asker::sign_in(const std::string& email, const std::string& password, const std::string& otp) {
  net::Call call;
  call.method = net::Method::POST;
  call.url = "/auth/jwt/login";
  call.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
  call.body = "username=" + form_encoded(email) + "&password=" + form_encoded(password);
  if (!otp.empty()) call.body += "&otp=" + otp;
  return send(std::move(call), {});
}

}  // namespace writ::chaos
