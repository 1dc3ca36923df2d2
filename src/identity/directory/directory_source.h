#pragma once
// Where people come from that somebody else keeps a list of. Whoever implements it (LDAP:
// server/directory/ldap_source.h) knows how that is asked; who the people are here is
// directory_sync.h's to say.
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace writ::identity {

struct DirectoryPerson {
  std::string id = {};                      // never changes, and is never somebody else's
  std::vector<std::string> addresses = {};  // e-mail, as they stand there
  std::vector<std::string> groups = {};     // of those that DirectoryRules::roles names
};

class DirectorySource {
 public:
  virtual ~DirectorySource() = default;

  using Take = std::function<Result<void>(std::vector<DirectoryPerson>)>;
  // Hands everybody to `take`, page by page, in any order; blocking. What was handed over before an
  // error is no answer: only a whole one says who is not there.
  // Errors: those of `take`; unavailable, timed_out, cancelled (no whole answer now); not_permitted
  // (it does not know us); invalid_input (it cannot be asked as the settings say, or what it says
  // cannot be used).
  virtual Result<void> read(const Take& take, std::stop_token stop) = 0;
};

}  // namespace writ::identity
