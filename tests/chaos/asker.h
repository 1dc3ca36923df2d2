#pragma once
// Somebody who asks a server over HTTP, once each time: an answer of whatever status is what the
// test looks at.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/value.h"
#include "net/client.h"

namespace writ::chaos {

struct Said {
  int status = 0;  // 0: no answer came
  Value body;      // of JSON; else null
  std::string retry_after;

  std::string text(std::string_view member) const {
    return std::string(body.string_or(member, ""));
  }
  // For messages of failed expectations.
  std::string shown() const;
};

class Asker {
 public:
  // `url`: of the server, without a slash at the end.
  explicit Asker(std::string url) : url_(std::move(url)), client_(clock_, random_, once()) {}

  Said get(const std::string& path, const std::string& token = {});
  Said post(const std::string& path, const Value& body, const std::string& token = {});
  Said remove(const std::string& path, const Value& body, const std::string& token = {});
  // POST /auth/jwt/login. `otp`: a code of the second factor; empty: none comes.
  Said sign_in(const std::string& email, const std::string& password, const std::string& otp = {});

 private:
  static net::ClientOptions once();
  Said send(net::Call call, const std::string& token);

  const std::string url_;
  SystemClock clock_;
  SystemRandom random_;
  net::Client client_;
};

}  // namespace writ::chaos
