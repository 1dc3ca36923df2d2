#pragma once
// One connection of a client: blocking calls with a deadline, on Beast. Private to net.
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "net/client.h"
#include "net/url.h"

namespace writ::net {

class ClientConnection {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  virtual ~ClientConnection() = default;

  struct Exchange {
    Result<Response> response;
    bool may_be_reused = false;  // whole answer read, and the server keeps the connection
    bool was_sent = false;       // the server may have seen the request
  };
  // Belongs to one thread at a time.
  virtual Exchange exchange(const Url& url, const Call& call, Deadline deadline,
                            std::stop_token stop) = 0;
};

// Errors: unavailable (not resolved, refused), timed_out, cancelled, signature_bad (a certificate
// that is not trusted).
Result<std::unique_ptr<ClientConnection>> connect_to(const Url& url,
                                                     ClientConnection::Deadline deadline,
                                                     std::stop_token stop,
                                                     boost::asio::ssl::context* tls);

}  // namespace writ::net
