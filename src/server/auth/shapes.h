#pragma once
// How accounts look on the wire (docs/architecture/identity.md), and what their operations answer
// alike.
#include <string_view>

#include "base/clock.h"
#include "base/value.h"
#include "identity/accounts/api_keys.h"
#include "identity/accounts/sessions.h"
#include "identity/accounts/sign_in.h"
#include "identity/accounts/users.h"
#include "server/auth/auth_service.h"

namespace writ::server {

// {id, email, is_active, is_superuser, is_verified}: no other member ever, no hash.
Value user_shape(const identity::User& user);
Value session_shape(const identity::Session& session, bool is_current);
Value api_key_shape(const identity::ApiKey& key);

// The member of a body or form; empty: it is absent.
std::string_view text_of(const Value& body, std::string_view member);

// 429 with Retry-After.
net::Response must_wait(std::string_view code, WallTime until, WallTime now);
// 403 and so on, in the words of RFC 9110 that clients of these paths expect.
net::Response phrase(int status);

// What a sign-in comes to: tokens, cookies, a challenge, a refusal.
Result<net::Answer> signed_in(AuthService& service, const identity::SignedIn& got);

}  // namespace writ::server
