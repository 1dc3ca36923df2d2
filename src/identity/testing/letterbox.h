#pragma once
// Keeps letters, for tests of what is sent to whom; refuses as many of them first as it is told to.
#include <string>
#include <vector>

#include "identity/accounts/mail.h"

namespace writ::identity {

class Letterbox final : public Mailer {
 public:
  Result<void> send(const Letter& letter, std::stop_token) override {
    if (refusals > 0) {
      --refusals;
      return fail(refusal, "the post office is closed");
    }
    letters.push_back(letter);
    return {};
  }
  // Of the link in the last letter.
  std::string token() const {
    if (letters.empty()) return "(no letter)";
    const std::string& text = letters.back().text;
    const std::size_t at = text.find("token=");
    return at == std::string::npos ? "(none)" : text.substr(at + 6, text.find('\n', at) - at - 6);
  }

  std::vector<Letter> letters;
  int refusals = 0;
  Code refusal = Code::unavailable;
};

}  // namespace writ::identity
