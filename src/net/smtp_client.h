#pragma once
// Hands letters to a mail server (RFC 5321, as a client of submission, RFC 6409): one connection a
// letter, under TLS from the beginning (RFC 8314) or after STARTTLS (RFC 3207), in the open only on
// this machine. Blocking; thread-safe.
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "net/mail_message.h"

namespace writ::net {

enum class SmtpSecurity : std::uint8_t { starttls, tls, plain };

// How long each step may take (RFC 5321 section 4.5.3.2), and all of them together.
struct SmtpTimes {
  std::chrono::seconds connect{30};
  std::chrono::seconds command{300};  // the greeting, and whatever is not below
  std::chrono::seconds begin_data{120};
  std::chrono::seconds end_data{600};
  std::chrono::seconds whole{600};
};

struct SmtpOptions {
  std::string host;
  std::uint16_t port = 587;
  SmtpSecurity security = SmtpSecurity::starttls;
  std::string user;           // empty: none
  std::string password_file;  // read each time; its last line end does not count
  std::string ca_file;        // PEM; empty: the system's
  SmtpTimes times = {};
};

class SmtpClient {
 public:
  explicit SmtpClient(SmtpOptions options) : options_(std::move(options)) {}

  // Done when the server has taken the letter. Where the connection is lost after it was sent
  // nobody knows whether it was taken: it is an error here, and who sends it again may send it
  // twice.
  // Errors: invalid_input (nobody will take it: the server refuses it for good, or it is none);
  // unavailable, timed_out (later); unauthenticated, signature_bad, unsupported, not_permitted,
  // not_found (the settings have to change, or the server); cancelled. They name no address and
  // repeat nothing that the server said but its status.
  Result<void> send(const MailMessage& message, std::stop_token stop = {});
  // As far as a letter would begin: whether the server can be had with these options. Errors: as
  // above.
  Result<void> look(std::stop_token stop = {});

 private:
  const SmtpOptions options_;
};

}  // namespace writ::net
