#pragma once
// Programs of others that people sign in to with their account here, and let act for them: OAuth
// clients of the authorization code flow. Administrators register them. (Programs that act by
// themselves are service accounts and agents, clients.h.)
//
// An application that keeps a secret is confidential; one on people's devices is public, and
// anybody can say to be it: people are asked each time. While a secret is replaced the former one
// may count beside it, for as long as was said; there are two at most.
//
// What an application is registered for is looked at with every request: fewer scopes hold at once,
// for what was handed out before too. All functions belong to the thread of their transaction.
#include <chrono>
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
inline constexpr std::chrono::hours kMostFormerSecret{30 * 24};

struct Application {
  ApplicationId id = {};  // the `client_id`
  std::string name = {};  // for people
  std::vector<std::string> redirect_uris = {};
  std::vector<std::string> scopes = {};  // that it may ask for; sorted
  std::string secret = {};               // SecretToken::key; empty: public
  std::string former_secret = {};        // likewise, until former_until; empty: none
  WallTime former_until = {};
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
// The origin (RFC 6454) that a browser gives a page at `uri`; empty: none.
std::string origin_of_redirect_uri(std::string_view uri);
// Whether a public application runs in pages of this origin, as browsers spell it: one of its
// redirect URIs is there, to the letter.
Result<bool> is_origin_of_public_application(store::Tx& tx, std::string_view origin);

Result<std::optional<Application>> find_application(store::Tx& tx, ApplicationId id);
// Oldest first.
Result<std::vector<Application>> list_applications(store::Tx& tx);
// Requires: its redirect URIs were not complained about. Errors: conflict (there are too many).
Result<void> register_application(store::Tx& tx, Application application, const Deed& deed);
// Another one with each change: what a change is made of (RFC 9110 section 8.8.3, without quotes).
std::string version_of(const Application& application);
// nullopt: as it was.
struct ApplicationChange {
  std::optional<std::string> name = {};
  std::optional<std::vector<std::string>> redirect_uris = {};
  std::optional<std::vector<std::string>> scopes = {};  // sorted
};
// How it is then. Requires: it is there; its redirect URIs were not complained about.
Result<Application> change_application(store::Tx& tx, Application application,
                                       const ApplicationChange& change, const Deed& deed);
// The one that it had counts for `keep_former` beside the new one (at most kMostFormerSecret); one
// from before counts no more. nullopt: there is no such application, or it is public.
Result<std::optional<Application>> replace_application_secret(store::Tx& tx, ApplicationId id,
                                                              const SecretToken& secret,
                                                              std::chrono::seconds keep_former,
                                                              const Deed& deed);
// The former one counts no more. False: there is no such application.
Result<bool> end_former_secret(store::Tx& tx, ApplicationId id, const Deed& deed);
// What it was given ends with it. False: there was none.
Result<bool> erase_application(store::Tx& tx, ApplicationId id, const Deed& deed);
// In constant time.
bool has_secret(const Application& application, std::string_view secret, WallTime now);

std::vector<store::Migration> application_migrations();

}  // namespace writ::identity
