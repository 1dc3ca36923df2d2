#pragma once
// Passwords by the pool of the server.
#include "identity/accounts/passwords.h"
#include "identity/password_pool.h"

namespace writ::identity {

class PooledPasswords final : public Passwords {
 public:
  // Borrowed.
  explicit PooledPasswords(PasswordPool& pool) : pool_(pool) {}

  Result<std::string> hash(std::string_view password, const QuietWait& wait) override {
    return pool_.hash(password, wait);
  }
  Result<crypto::PasswordVerdict> verify(std::string_view password,
                                         std::optional<std::string_view> phc,
                                         const QuietWait& wait) override {
    return phc ? pool_.verify(password, *phc, wait) : pool_.verify_nobody(password, wait);
  }

 private:
  PasswordPool& pool_;
};

}  // namespace writ::identity
