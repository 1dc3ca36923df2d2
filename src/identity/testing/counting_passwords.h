#pragma once
// Passwords that are hashed by putting "hashed:" in front, and counted: what a test can see of the
// work that a request makes.
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "identity/accounts/passwords.h"

namespace writ::identity {

class CountingPasswords final : public Passwords {
 public:
  Result<std::string> hash(std::string_view password, const QuietWait&) override {
    ++hashes;
    return "hashed:" + std::string(password);
  }
  Result<crypto::PasswordVerdict> verify(std::string_view password,
                                         std::optional<std::string_view> phc,
                                         const QuietWait&) override {
    ++verifications;
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    if (phc == "hashed:" + std::string(password)) return crypto::PasswordVerdict::right;
    // "weak:…" stands for a hash that was made with less work.
    if (phc == "weak:" + std::string(password)) {
      return crypto::PasswordVerdict::right_needs_rehash;
    }
    return crypto::PasswordVerdict::wrong;
  }

  std::size_t hashes = 0;
  std::size_t verifications = 0;
  // What others do while the next password is verified; once.
  std::function<void()> meanwhile = {};
};

}  // namespace writ::identity
