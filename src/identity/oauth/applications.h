#pragma once
// Programs of others that people sign in to with their account here, and let act for them: OAuth
// clients of the authorization code flow. Administrators register them. (Programs that act by
// themselves are service accounts and agents, clients.h.)
//
// An application that keeps a secret is confidential; one on people's devices is public, and
// anybody can say to be it: people are asked each time. All functions belong to the thread of their
// transaction.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "identity/accounts/deed.h"
#include "identity/accounts/secret_token.h"
#include "store/store.h"

namespace writ::identity {

using ApplicationId = Id<struct ApplicationTag>;

inline constexpr std::size_t kMaxApplications = 1000;
inline constexpr std::size_t kMaxRedirectUris = 16;
inline constexpr std::string_view kApplicationSecretPrefix = "writ_client_";

struct Application {
  ApplicationId id = {};  // the `client_id`
  std::string name = {};  // for people
  std::vector<std::string> redirect_uris = {};
  std::vector<std::string> scopes = {};  // that it may ask for; sorted
  std::string secret = {};               // SecretToken::key; empty: public
  WallTime created_at = {};

  bool is_public() const { return secret.empty(); }
  bool operator==(const Application&) const = default;
};

// What is wrong with a redirect URI that is to be registered; empty: nothing. https, http of
// loopback, or a scheme of the application's own with a full stop in it (RFC 8252 section 7.1).
std::string complaint_about_redirect_uri(std::string_view uri);
// Whether people are sent to `uri`: it is registered, to the letter; of loopback with any port
// (RFC 8252 section 7.3).
bool may_redirect_to(const Application& application, std::string_view uri);

Result<std::optional<Application>> find_application(store::Tx& tx, ApplicationId id);
// Oldest first.
Result<std::vector<Application>> list_applications(store::Tx& tx);
// Requires: its redirect URIs were not complained about. Errors: conflict (there are too many).
Result<void> register_application(store::Tx& tx, Application application, const Deed& deed);
// Its former secret counts no more. False: there is no such application, or it is public.
Result<bool> replace_application_secret(store::Tx& tx, ApplicationId id, const SecretToken& secret,
                                        const Deed& deed);
// What it was given ends with it. False: there was none.
Result<bool> erase_application(store::Tx& tx, ApplicationId id, const Deed& deed);
// In constant time.
bool has_secret(const Application& application, std::string_view secret);

std::vector<store::Migration> application_migrations();

}  // namespace writ::identity
