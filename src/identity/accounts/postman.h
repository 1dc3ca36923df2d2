#pragma once
// Turns wishes into letters: looks up who lives at an address, makes the token, hands the letter to
// the Mailer. Where nobody lives nothing is sent, and nobody is told. A letter that did not get out
// is written again later, with a new token.
#include <string>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/mail.h"

namespace writ::identity {

struct PostmanOptions {
  // Where links lead: "https://writ.example.org", without a slash at the end.
  std::string public_url = {};
};

// Thread-safe: several may work at one queue.
class Postman {
 public:
  // All is borrowed.
  Postman(const AccountParts& parts, Mailer& mailer, PostmanOptions options)
      : parts_(parts), mailer_(mailer), options_(std::move(options)) {}

  // Works on the oldest wish that is due; false: there was none. Blocking. Errors: those of the
  // store; what the mailer refuses is tried again and is no error here.
  Result<bool> deliver_one();

 private:
  const AccountParts& parts_;
  Mailer& mailer_;
  const PostmanOptions options_;
};

}  // namespace writ::identity
