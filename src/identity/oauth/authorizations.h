#pragma once
// What people let applications do: consents, which are remembered until they are taken back, and
// authorization codes, which are good once, for kCodeLifetime (RFC 6749 section 4.1). The row of a
// code that was brought stays for a day: whoever brings it a second time ends what the first one
// was given (section 4.1.2; ASVS 10.4.2).
//
// What an application was given is a session of the person's with the application's name on it
// (Session::grant): it ends as sessions do. All functions belong to the thread of their
// transaction.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/refresh_tokens.h"
#include "identity/accounts/secret_token.h"
#include "identity/accounts/sessions.h"
#include "identity/caller.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/grants.h"
#include "store/store.h"

namespace writ::identity {

inline constexpr std::chrono::seconds kCodeLifetime{60};
inline constexpr std::string_view kCodePrefix = "writ_code_";

// How AccessClaims::via names an application.
std::string application_subject(ApplicationId id);

struct Consent {
  ApplicationId application = {};
  std::vector<std::string> scopes = {};  // sorted
  WallTime given_at = {};
};

Result<std::optional<Consent>> find_consent(store::Tx& tx, PrincipalId user, ApplicationId id);
Result<std::vector<Consent>> list_consents(store::Tx& tx, PrincipalId user);
// Who lets an application do something, at most `limit`. All consents are looked at.
Result<std::vector<PrincipalId>> list_consenting(store::Tx& tx, ApplicationId id,
                                                 std::size_t limit);
// Adds to what there is.
Result<void> give_consent(store::Tx& tx, PrincipalId user, const Consent& consent,
                          const Deed& deed);
// Ends all that the application was given by this person. False: there was no consent.
Result<bool> take_back_consent(store::Tx& tx, PrincipalId user, ApplicationId id, const Deed& deed);
Result<void> erase_consents_of(store::Tx& tx, PrincipalId user);

// What was asked for and consented to.
struct Authorization {
  ApplicationId application = {};
  SessionId session = {};  // of the person, in which it was
  std::string redirect_uri = {};
  std::string challenge = {};            // RFC 7636, S256
  std::vector<std::string> scopes = {};  // sorted
  std::string target = {};               // RFC 8707
  std::string nonce = {};
};

Result<void> put_code(store::Tx& tx, const SecretToken& code, const Authorization& authorization,
                      WallTime now);

// Who brings a code, and what was made for it before the transaction.
struct CodeProof {
  ApplicationId application = {};
  std::string_view code = {};
  std::string_view redirect_uri = {};
  std::string_view verifier = {};
  std::vector<std::string> targets = {};  // that are named again (RFC 8707 section 2.2)
};
struct GrantSecrets {
  SessionId session = {};
  FirstRefreshToken refresh = {};
};
GrantSecrets make_grant_secrets(const AccountParts& parts);

struct Granted {
  Session session = {};
  std::string nonce = {};
  std::string refresh_token = {};  // where `offline_access` was consented to
};
// The session that an authorization rests on, while it does: the application is registered for all
// of it, and the person is signed in. Whether they have consented is has_consented's to say.
Result<std::optional<Session>> find_basis(store::Tx& tx, const Authorization& what, WallTime now);
Result<bool> has_consented(store::Tx& tx, PrincipalId user, ApplicationId id,
                           const std::vector<std::string>& scopes);

// Opens what the code stands for. nullopt: it is not good, for whatever reason; a good one that
// came with something wrong is spent. The transaction is to be committed whatever the outcome.
Result<std::optional<Granted>> redeem_code(store::Tx& tx, const CodeProof& proof,
                                           const GrantSecrets& secrets, const Asker& asker,
                                           const Deed& deed);

// Of a refresh token that an application brings: rotated, as those of sign-ins are
// (refresh_tokens.h), whose client is the application and, where anybody can say to be it, where it
// asks from. Of the scopes those are left that the application is still registered for; without
// `offline_access` nothing is refreshed. What is refused for its scopes or its resource leaves the
// token as it is.
struct RefreshedGrant {
  std::optional<GrantFault> fault = {};
  std::string_view why = {};
  Session session = {};
  std::string refresh_token = {};
};
// Blocking. Errors: those of the store and the journal.
Result<RefreshedGrant> refresh_grant(const AccountParts& parts, ApplicationId application,
                                     std::string_view token, const GrantWish& wish,
                                     const Asker& asker);
// Ends what an access or refresh token of the application's belongs to; whatever it is, if it is
// one. Blocking.
Result<void> end_grant(const AccountParts& parts, ApplicationId application, SessionId session,
                       const Asker& asker);

// Who did not prove to be an application; `id`: of one that there is. Counted for the network
// alone: its secret has 256 bits. When the next try may be made, where it has to wait. Blocking.
Result<std::optional<WallTime>> note_refused_application(const AccountParts& parts,
                                                         std::optional<ApplicationId> id,
                                                         const Asker& asker);

// Codes that nobody brought in time or whose day is over, and consents to applications that were
// deleted, at most `limit` looked at from behind `after`; where to go on, empty at the end.
Result<std::string> sweep_codes(store::Tx& tx, std::string after, std::size_t limit, WallTime now);
Result<std::string> sweep_consents(store::Tx& tx, std::string after, std::size_t limit);

std::vector<store::Migration> authorization_migrations();

}  // namespace writ::identity
