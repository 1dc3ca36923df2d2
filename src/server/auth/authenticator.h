#pragma once
// Who a request comes from: an access token or an API key in `Authorization: Bearer`, or the
// session's cookie. Whatever is shown is held against the store with every request, in one reading:
// the session lives, its person's epoch is the one it was opened in, and everybody on whom the act
// rests may act. What was ended, switched off or deleted is so from the next request on, on every
// server.
#include <memory>
#include <optional>

#include "base/result.h"
#include "identity/caller.h"
#include "server/api/doorkeeper.h"
#include "server/auth/auth_service.h"

namespace writ::server {

class Authenticator final : public Doorkeeper {
 public:
  explicit Authenticator(std::shared_ptr<AuthService> service) : service_(std::move(service)) {}

  Result<std::optional<identity::Caller>> who_asks(const net::Request& request,
                                                   const net::Context& context) override;

 private:
  std::shared_ptr<AuthService> service_;  // with the operations
};

// The session that a caller's credential stands for; nullopt: it is another credential.
std::optional<identity::SessionId> session_of(const identity::Caller& caller);

}  // namespace writ::server
