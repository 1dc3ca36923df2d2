#pragma once
// Password hashes on threads of their own, so that a flood of logins cannot slow what every request
// needs: they are few, they yield to all others, and what does not fit into the queue is refused.
// Callers block, at most until their deadline or stop. Thread-safe.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/password_hash.h"
#include "identity/quiet_pool.h"

namespace writ::identity {

struct PasswordPoolOptions {
  unsigned threads = 0;  // 0: half of the processors, at least one
  // Callers that wait beside those whose hash runs. Fewer than the threads that handle requests, or
  // logins can hold them all.
  std::size_t queue_limit = 64;
};

class PasswordPool {
 public:
  // `hasher` is borrowed.
  explicit PasswordPool(const crypto::PasswordHasher& hasher, PasswordPoolOptions options = {});

  // Each as crypto::PasswordHasher has it. Errors: those there, and those of QuietPool::run.
  Result<std::string> hash(std::string_view password, const QuietWait& wait = {});
  Result<crypto::PasswordVerdict> verify(std::string_view password, std::string_view phc,
                                         const QuietWait& wait = {});
  Result<crypto::PasswordVerdict> verify_nobody(std::string_view password,
                                                const QuietWait& wait = {});

 private:
  const crypto::PasswordHasher& hasher_;
  QuietPool pool_;
};

}  // namespace writ::identity
