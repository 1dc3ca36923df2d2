#pragma once
// URLs of calls: http, https, and `unix:SOCKET:PATH` for servers on this machine.
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::net {

struct Url {
  enum class Scheme : std::uint8_t { http, https, unix_socket };
  Scheme scheme = Scheme::http;
  std::string host;    // without brackets; of a Unix socket its path
  std::string port;    // digits; empty of a Unix socket
  std::string target;  // path and query, at least "/"

  // Who is called: "https://example.org:443", "unix:/run/writ.sock".
  std::string origin() const;
  // The Host field: the port only where it is not the scheme's (RFC 9110 section 7.2).
  std::string host_field() const;
  // What is sent there stays on this machine: a socket, `localhost`, 127.0.0.0/8 or ::1. Names are
  // not looked up: where one leads to is not known before it is called.
  bool is_of_this_machine() const;
};

// Errors: invalid_input; also for credentials in the URL, which would end in logs.
Result<Url> parse_url(std::string_view text);

}  // namespace writ::net
