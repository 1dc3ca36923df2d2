#include "server/auth/local_doorkeeper.h"

#include <set>
#include <utility>

namespace writ::server {
namespace {

// A proxy in front of the socket speaks for others, who are not local.
bool is_forwarded(const net::Request& request) {
  return request.fields.find("X-Forwarded-For") || request.fields.find("Forwarded") ||
         request.fields.find("Via");
}

}  // namespace

LocalDoorkeeper::LocalDoorkeeper(std::unique_ptr<Doorkeeper> others,
                                 std::vector<std::string> scopes)
    : others_(std::move(others)) {
  local_.credential = kLocalCredential;
  local_.scopes = std::move(scopes);
}

Result<std::optional<identity::Caller>> LocalDoorkeeper::who_asks(const net::Request& request,
                                                                  const net::Context& context) {
  const bool has_shown = request.fields.find("Authorization") || request.fields.find("Cookie");
  if (context.peer == "unix" && !has_shown && !is_forwarded(request)) return std::optional(local_);
  if (others_ != nullptr) return others_->who_asks(request, context);
  if (has_shown) return fail(Code::unauthenticated, "the credential is not valid");
  return std::optional<identity::Caller>();
}

std::vector<std::string> scopes_of(const contract::Description& description) {
  std::set<std::string> scopes;
  for (const contract::DescribedOperation& operation : description.operations()) {
    scopes.insert(operation.scopes.begin(), operation.scopes.end());
    if (operation.needs_superuser) scopes.emplace(identity::kSuperuserScope);
  }
  return {scopes.begin(), scopes.end()};
}

}  // namespace writ::server
