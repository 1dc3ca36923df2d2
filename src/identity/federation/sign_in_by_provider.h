#pragma once
// What a provider's word leads to. Accounts are known by issuer and subject; an address leads to an
// account only where the provider says that it verified it, the account has verified it too, and
// the settings let this provider's addresses count. Whoever registered an address without proving
// it (pre-hijacking), or had a provider say one that is not theirs, gets nowhere by it.
//
// Thread-safe; blocking.
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/own_account.h"
#include "identity/accounts/sign_in.h"
#include "identity/federation/id_token.h"
#include "identity/federation/linked_identities.h"
#include "identity/federation/sign_in_trips.h"

namespace writ::identity {

struct ProviderRules {
  std::string name = {};
  bool creates_accounts = true;
  bool links_by_email = false;  // its word for an address counts; else no account is verified by it
};

enum class ProviderSignIn : std::uint8_t {
  done,      // as `signed_in` says: a session, a challenge, or a refusal of somebody switched off
  linked,    // to the account that asked for it; nobody is signed in anew
  closed,    // there is no account, and none is made
  no_email,  // none is made without an address, nor, where registration is not open, without one
             // that the provider has verified
  taken,     // the address has an account that the identity does not sign in to; or the identity
             // signs in to another account
  over,      // the session that asked for the link has ended
  not_anew,  // they were to prove again who they are, and nobody says that they did
};

struct ProviderOutcome {
  ProviderSignIn outcome = ProviderSignIn::closed;
  SignedIn signed_in = {};
};

// The end of a trip whose provider vouched for somebody. Where a second factor is on, nothing is
// linked before its code was shown.
// Errors: those of the store and the journal.
Result<ProviderOutcome> arrive(const AccountParts& parts, const ProviderRules& rules,
                               const Trip& trip, const Vouched& who, const Asker& asker);

// A trip that nobody vouched for: counted and told as a failed sign-in; `why`: one word.
Result<SignedIn> fail_trip(const AccountParts& parts, std::string_view why, const Asker& asker);

enum class Unlinked : std::uint8_t {
  done,
  absent,
  only_way,    // there is neither a password nor another identity
  not_recent,  // the sign-in is longer ago than kRecentSignIn
};
Result<Unlinked> unlink_own_identity(const AccountParts& parts, const Owner& owner,
                                     LinkedIdentityId id, const Asker& asker);

}  // namespace writ::identity
