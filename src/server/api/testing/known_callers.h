#pragma once
// A doorkeeper who knows callers by their tokens.
#include <map>
#include <string>
#include <utility>

#include "server/api/doorkeeper.h"

namespace writ::server::testing {

class KnownCallers final : public Doorkeeper {
 public:
  // A person without a credential has signed in.
  void add(std::string token, identity::Caller caller) {
    if (caller.credential.empty() && caller.kind == identity::PrincipalKind::user) {
      caller.credential = std::string(identity::kSessionPrefix) + "test";
    }
    callers_.insert_or_assign("Bearer " + std::move(token), std::move(caller));
  }

  Result<std::optional<identity::Caller>> who_asks(const net::Request& request,
                                                   const net::Context&) override {
    const auto shown = request.fields.find("Authorization");
    if (!shown) return std::optional<identity::Caller>();
    const auto at = callers_.find(std::string(*shown));
    if (at == callers_.end()) return fail(Code::unauthenticated, "the credential is not valid");
    return std::optional(at->second);
  }

 private:
  std::map<std::string, identity::Caller> callers_;
};

}  // namespace writ::server::testing
