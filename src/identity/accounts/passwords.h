#pragma once
// What accounts ask about passwords. The pool of password_pool.h answers in the server; tests
// count.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/password_hash.h"
#include "identity/quiet_pool.h"

namespace writ::identity {

// Thread-safe. Blocking, as long as a hash takes and others are in front.
class Passwords {
 public:
  virtual ~Passwords() = default;
  // Errors: unavailable, overloaded, timed_out, cancelled.
  virtual Result<std::string> hash(std::string_view password, const QuietWait& wait) = 0;
  // nullopt: of nobody, at the same cost. Errors: as above.
  virtual Result<crypto::PasswordVerdict> verify(std::string_view password,
                                                 std::optional<std::string_view> phc,
                                                 const QuietWait& wait) = 0;
};

}  // namespace writ::identity
