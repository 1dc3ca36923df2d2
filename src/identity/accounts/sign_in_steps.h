#pragma once
// The steps that all sign-ins have in common, whatever shows who it is. Private to identity.
//
// All functions but make_sign_in_secrets belong to the thread of their transaction.
#include <optional>
#include <string_view>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/accounts/lockout.h"
#include "identity/accounts/refresh_tokens.h"
#include "identity/accounts/secret_token.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/settings.h"
#include "identity/accounts/sign_in.h"
#include "identity/accounts/users.h"
#include "identity/federation/linked_identities.h"
#include "store/store.h"

namespace writ::identity {

// Made before the transaction, which may run more than once.
struct SignInSecrets {
  SessionId session = {};
  SecretToken cookie = {};  // one of the two
  FirstRefreshToken refresh = {};
  SecretToken challenge = {};  // of a second factor
};
SignInSecrets make_sign_in_secrets(const AccountParts& parts, Keep keep);

// A session of the user's that begins now, by a password.
Session make_session(const User& user, const SignInSecrets& secrets,
                     const AccountSettings& settings, const Asker& asker, WallTime now);
// Errors: those of open_session.
Result<SignedIn> open_signed_in(store::Tx& tx, const User& user, Session session,
                                const SignInSecrets& secrets, Keep keep, const Deed& deed);

// All is borrowed.
struct SignInStep {
  store::Tx& tx;
  const AccountParts& parts;
  const Asker& asker;
  const SignInSecrets& secrets;
  Keep keep = Keep::tokens;
  const AccountSettings& settings;
  WallTime now = {};
  std::optional<WallTime> proved_at = {};  // where it was not now; Session::authenticated_at
  // That is linked where the sign-in is done: now, or when the code of a second factor was shown.
  std::optional<LinkedIdentity> link = {};
};
// Of who showed something else than a password: a session, or, where a second factor is on, the
// challenge that asks for it.
Result<SignedIn> finish_sign_in(const SignInStep& at, const User& user, SignInMethod method,
                                const Deed& deed);

SignedIn wait_for(WallTime until);
// One failed try: counted, and told, for whoever it was.
Result<SignedIn> refuse_sign_in(store::Tx& tx, const SignInTry& made,
                                const std::optional<User>& user, std::string_view why,
                                const Deed& deed, WallTime now);
// A token has 256 bits: a good one never waits, whatever others did. Bad ones are counted for their
// network alone.
Result<SignedIn> refuse_bad_token(store::Tx& tx, const AccountParts& parts, const Asker& asker,
                                  std::string_view why, WallTime now);

}  // namespace writ::identity
