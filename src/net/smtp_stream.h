#pragma once
// One connection to a mail server: whole answers in, bytes out, blocking with a deadline; TLS may
// begin on it later. Belongs to one thread. Private to net.
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/smtp_reply.h"

namespace writ::net {

struct SmtpWait {
  std::chrono::steady_clock::time_point until;
  std::stop_token stop;
};

enum class Reach : std::uint8_t { anywhere, loopback_alone };

class SmtpStream {
 public:
  SmtpStream();
  ~SmtpStream();
  SmtpStream(const SmtpStream&) = delete;
  SmtpStream& operator=(const SmtpStream&) = delete;

  // Errors of all: unavailable, timed_out, cancelled. Finding the address of a name takes as long
  // as the system lets it. Further errors: not_permitted (it leads elsewhere).
  Result<void> connect(const std::string& host, std::uint16_t port, Reach reach,
                       const SmtpWait& wait);
  // From here on everything is under TLS. What came before it and was not asked for ends the
  // connection: somebody may have put it there who could not later (CVE-2011-0411). `ca_file`: as
  // in ClientOptions. Further errors: signature_bad (the certificate, or such bytes), invalid_input
  // (the file).
  Result<void> secure(const std::string& host, const std::string& ca_file, const SmtpWait& wait);
  Result<void> write(std::string_view bytes, const SmtpWait& wait);
  Result<SmtpReply> read_reply(const SmtpWait& wait);
  bool is_secure() const;
  // This end as EHLO names it where there is no name: "[127.0.0.1]", "[IPv6:::1]".
  std::string own_address() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace writ::net
