#include "identity/password_pool.h"

#include <algorithm>
#include <memory>
#include <thread>

#include "crypto/secret_bytes.h"
#include "observe/current_span.h"

namespace writ::identity {
namespace {

unsigned threads_of(unsigned wanted) {
  return wanted != 0 ? wanted : std::max(1u, std::thread::hardware_concurrency() / 2);
}

// A copy for the job, which may outlast its caller. Shared because std::function copies.
std::shared_ptr<const crypto::SecretBytes> keep(std::string_view password) {
  return std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_of(password));
}

// Waiting for a thread of the pool is part of it.
constexpr std::string_view kHashing = "password.hash";

}  // namespace

PasswordPool::PasswordPool(const crypto::PasswordHasher& hasher, PasswordPoolOptions options)
    : hasher_(hasher), pool_(threads_of(options.threads), options.queue_limit) {}

Result<std::string> PasswordPool::hash(std::string_view password, const QuietWait& wait) {
  const observe::Span span = observe::child_span(kHashing);
  return pool_.run<std::string>(
      [&hasher = hasher_, secret = keep(password)] { return hasher.hash(secret->view()); }, wait);
}

Result<crypto::PasswordVerdict> PasswordPool::verify(std::string_view password,
                                                     std::string_view phc, const QuietWait& wait) {
  const observe::Span span = observe::child_span(kHashing);
  return pool_.run<crypto::PasswordVerdict>(
      [&hasher = hasher_, secret = keep(password), stored = std::string(phc)] {
        return hasher.verify(secret->view(), stored);
      },
      wait);
}

Result<crypto::PasswordVerdict> PasswordPool::verify_nobody(std::string_view password,
                                                            const QuietWait& wait) {
  const observe::Span span = observe::child_span(kHashing);
  return pool_.run<crypto::PasswordVerdict>(
      [&hasher = hasher_, secret = keep(password)] { return hasher.verify_nobody(secret->view()); },
      wait);
}

}  // namespace writ::identity
