#pragma once
// Turns wishes into letters: looks up who lives at an address, makes the token, hands the letter to
// the Mailer. Where nobody lives nothing is sent, and nobody is told. A letter that did not get out
// is written again later, with a new token, until it was tried too often or nobody will take it;
// then there is an event.
//
// A letter comes at least once: who dies, or loses the connection, between the mailer's taking it
// and the store's knowing it leaves it to be sent again, under the same id.
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/mail.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace writ::identity {

struct PostmanOptions {
  // Where links lead: "https://writ.example.org", without a slash at the end.
  std::string public_url = {};
  // Before the second try; doubles with each further one, as far as kLongestPause. A random part of
  // it, at most a quarter, is left out.
  std::chrono::microseconds first_pause = std::chrono::minutes(1);
  // Borrowed; null: nobody is told.
  observe::Metrics* metrics = nullptr;
  observe::Log* log = nullptr;
};

inline constexpr std::uint32_t kMostTries = 12;
inline constexpr std::chrono::microseconds kLongestPause = std::chrono::hours(2);

// Thread-safe: several may work at one queue.
class Postman {
 public:
  // All is borrowed.
  Postman(const AccountParts& parts, Mailer& mailer, PostmanOptions options)
      : parts_(parts), mailer_(mailer), options_(std::move(options)) {}

  // Works on the oldest wish that is due; false: there was none. Blocking, as long as the mailer
  // does; `stop` ends that. Errors: those of the store; what the mailer refuses is tried again and
  // is no error here.
  Result<bool> deliver_one(const std::stop_token& stop = {});
  // For the metrics: how many letters wait. Errors: those of the store.
  Result<void> count_waiting();

 private:
  struct Tried;
  Result<void> settle(const Tried& tried);
  WallTime due_after(std::uint32_t tries, WallTime now);
  void tell(const Tried& tried) const;

  const AccountParts& parts_;
  Mailer& mailer_;
  const PostmanOptions options_;
};

}  // namespace writ::identity
