#pragma once
// Signing in with providers, and linking identities there to an account: operations of the family
// `auth`. Mechanism: docs/architecture/sign-in-providers.md.
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "server/api/operation.h"
#include "server/auth/auth_service.h"
#include "server/federation/sign_in_provider.h"

namespace writ::server {

// `clock` and `random` are borrowed.
std::vector<Binding> federation_operations(const std::shared_ptr<AuthService>& service,
                                           std::vector<SignInProvider> providers,
                                           const Clock& clock, Random& random);

}  // namespace writ::server
