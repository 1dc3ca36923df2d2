#pragma once
// Who may look into and change who may do what. A scope says what a credential is good for; people
// have all scopes by signing in, so for them it takes more.
#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "identity/caller.h"

namespace writ::server {

// A superuser acting for itself, or a service account: its keys have the scopes that an
// administrator gave them.
inline bool is_administrator(const identity::Caller& who) {
  if (!who.actors.empty()) return false;
  return who.is_superuser || who.kind == identity::PrincipalKind::service_account;
}

// Errors: not_permitted.
inline Result<void> require_administrator(const identity::Caller& who) {
  if (is_administrator(who)) return {};
  return fail(Code::not_permitted, "only administrators may do this",
              "Ask a superuser, or use a key of a service account that has the scope");
}

// A person who has just proved who it is; a program never has. `what`: "access is reset".
// Errors: not_permitted.
inline Result<void> require_step_up(const identity::Caller& who, WallTime now,
                                    std::chrono::seconds within, std::string_view what) {
  const auto since = std::chrono::microseconds(now.micros - who.authenticated_at.micros);
  if (who.actors.empty() && who.has_signed_in() && since <= within) return {};
  return fail(Code::not_permitted, std::string(what) + " only by a person who has just signed in",
              "Sign in again, and repeat this within five minutes");
}

// Everybody may ask about itself. Errors: not_permitted.
inline Result<void> require_self_or_administrator(const identity::Caller& who,
                                                  std::string_view subject) {
  if (who.id.text() == subject || is_administrator(who)) return {};
  return fail(Code::not_permitted, "only administrators may ask about others",
              "Ask about yourself, by your own id");
}

}  // namespace writ::server
