#pragma once
// Letters to people. What leaves the server goes through a Mailer; which one is `app`'s to say.
#include <filesystem>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace writ::identity {

struct Letter {
  std::string to = {};  // a normalised address
  std::string subject = {};
  std::string text = {};  // lines end in \n
  std::string id = {};    // the same each time that it is tried
};

// Thread-safe. Blocking.
class Mailer {
 public:
  virtual ~Mailer() = default;
  // Done when whoever is next has taken it, which happens within kLetterLease (mail_queue.h).
  // Errors: invalid_input (nobody will ever take it), cancelled (`stop`), any other (try again
  // later). Their messages go to logs: they hold no address and nothing of the letter.
  virtual Result<void> send(const Letter& letter, std::stop_token stop) = 0;
};

// A file for each letter, for development: nobody but the owner of the directory reads them.
class OutboxMailer final : public Mailer {
 public:
  // Borrowed, must outlive it. The directory is made when the first letter comes.
  OutboxMailer(std::filesystem::path directory, const Clock& clock, Random& random)
      : directory_(std::move(directory)), clock_(clock), random_(random) {}
  Result<void> send(const Letter& letter, std::stop_token stop) override;

 private:
  std::filesystem::path directory_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace writ::identity
