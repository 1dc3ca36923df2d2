#pragma once
// Who a request comes from. The one place where credentials of requests are looked at.
#include <optional>

#include "base/result.h"
#include "identity/caller.h"
#include "net/handler.h"

namespace writ::server {

// Thread-safe.
class Doorkeeper {
 public:
  virtual ~Doorkeeper() = default;
  // nullopt: no credential was shown. Errors: unauthenticated (one that is not valid, for whatever
  // reason: the answer never says which), unavailable (it cannot be told at the moment).
  virtual Result<std::optional<identity::Caller>> who_asks(const net::Request& request,
                                                           const net::Context& context) = 0;
};

}  // namespace writ::server
