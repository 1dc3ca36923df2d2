#pragma once
// What was refused to programs and to pages of theirs, told in the log: tokens, and authorizations.
//
// Each is counted for the network that it came from as tokens that are none are, apart from those
// (accounts/lockout.h), and told while such a one would not have to wait: a flood leaves as many
// events as failed sign-ins do. Nothing waits for it, good or bad. An event has ids and words of
// ours, nothing that was sent.
#include <optional>
#include <string_view>

#include "base/result.h"
#include "identity/accounts/account_parts.h"
#include "identity/caller.h"

namespace writ::identity {

struct RefusedGrant {
  // "writ.grant.refused", "writ.authorization.refused".
  std::string_view type;
  std::string_view client = {};  // an id that was looked up; empty: nobody's
  std::string_view grant = {};   // that was asked for: "refresh_token"; empty: an authorization
  std::string_view error = {};   // in OAuth's word
  std::optional<PrincipalId> person = {};  // who was asked, or refused it
};

// False: it was not told. Blocking. Errors: those of the store and the journal.
Result<bool> tell_refused_grant(const AccountParts& parts, const RefusedGrant& refused,
                                const Asker& asker);

}  // namespace writ::identity
