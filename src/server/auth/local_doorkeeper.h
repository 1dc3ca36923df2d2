#pragma once
// Whoever reaches the server's own Unix socket, which has mode 0600, is who runs the server: every
// scope, no account. All others are asked for their credentials by another doorkeeper.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contract/openapi/description.h"
#include "server/api/doorkeeper.h"

namespace writ::server {

// What `identity::Caller::credential` says of who came by the socket.
inline constexpr std::string_view kLocalCredential = "local";

class LocalDoorkeeper final : public Doorkeeper {
 public:
  // `others`: may be null, then no credential is valid. `scopes`: all that there are.
  LocalDoorkeeper(std::unique_ptr<Doorkeeper> others, std::vector<std::string> scopes);

  Result<std::optional<identity::Caller>> who_asks(const net::Request& request,
                                                   const net::Context& context) override;

 private:
  std::unique_ptr<Doorkeeper> others_;
  identity::Caller local_;
};

// Every scope that an operation asks for, sorted.
std::vector<std::string> scopes_of(const contract::Description& description);

}  // namespace writ::server
