#pragma once
// The part of a page that asks to sign in. Private to server/oauth.
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "identity/accounts/sign_in.h"
#include "net/handler.h"
#include "server/auth/auth_service.h"
#include "server/oauth/oauth_operations.h"
#include "server/pages/page.h"

namespace writ::server {

// anew: whoever is signed in at a provider is asked there again.
enum class SignInAs : std::uint8_t { usual, anew };

// A page with fields for address, password and code, and a link for each provider, which leads to
// `next` in the end.
void add_sign_in(Page& page, const std::vector<OfferedProvider>& providers, const std::string& next,
                 SignInAs as = SignInAs::usual);

// What the form says, signed in with cookies and then sent to `next`; or `page` again, which says
// what is wrong. A form of another origin signs nobody in.
Result<net::Answer> sign_in_by_form(AuthService& service, const Call& call, Page page,
                                    const std::string& next);

}  // namespace writ::server
